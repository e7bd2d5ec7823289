internal import VCard

extension PhoneCountry {
    init(_ country: PhoneSettings.Country) {
        self.init(
            callingCode: country.callingCode ?? "",
            trunkPrefix: country.trunkPrefix,
            internationalPrefix: country.internationalPrefix,
            nationalLengths: Set(country.nationalLengths ?? [])
        )
    }
}

extension ImportSettings.Limits {
    var vcard: VCardLimits {
        var limits = VCardLimits()
        limits.textValue = textValue
        limits.binaryValue = binaryValue
        limits.card = card
        limits.propertiesPerCard = properties
        limits.groupsPerCard = groups
        limits.parametersPerProperty = parameters
        limits.parameterBytes = parameterBytes
        limits.componentsPerValue = components
        limits.itemsPerList = listItems
        limits.agentNesting = agentDepth
        limits.warningsPerCard = warnings
        limits.cards = cards
        limits.bytes = bytes
        return limits
    }
}
