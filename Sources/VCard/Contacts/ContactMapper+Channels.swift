extension TypeSet {
    private static let kinds: [(TypeSet, Contact.Kind)] = [
        (.cell, .cell), (.work, .work), (.home, .home), (.fax, .fax), (.pager, .pager), (.voice, .voice),
    ]

    /// In the order of the reference's list; `other` only where nothing else is known.
    var kinds: [Contact.Kind] { Self.lists[Int(subtracting(.preferred).rawValue)] }

    /// By raw value, so that no list is made for each phone.
    private static let lists: [[Contact.Kind]] = (0..<TypeSet.preferred.rawValue).map { value in
        let known = kinds.filter { TypeSet(rawValue: value).contains($0.0) }.map(\.1)
        return known.isEmpty && value != 0 ? [.other] : known
    }
}

extension ContactMapper {
    mutating func takePhone(_ property: Property, _ card: inout Card) {
        let raw = card.trimmedText(of: property)
        let digits = property.parameterCount == 0 ? nil : card.parameter(.waid, of: property)
        guard !raw.isEmpty || digits != nil else { return }
        var result = rules.phones.normalize(raw)
        if let digits { join(&result, withWhatsApp: digits, property, &card) }
        if result.isAssumed { card.warn(.assumedInternational, at: property, limits: rules.limits) }
        if result.e164 == nil, let reason = result.reason {
            card.warn(.phoneNotE164, at: property, limits: rules.limits, reason: reason)
        }
        contact.phones.append(
            Contact.Phone(
                raw: raw.isEmpty ? digits ?? raw : raw,
                e164: result.e164,
                reason: result.reason,
                extension: result.extension,
                types: property.types.kinds,
                label: label(of: property, in: card),
                pref: property.preference > 0
            )
        )
        phonePreferences.append(Self.rank(property.preference))
    }

    /// The value counts if it is international and valid, else WhatsApp's digits do.
    private func join(
        _ result: inout PhoneRules.Result,
        withWhatsApp digits: String,
        _ property: Property,
        _ card: inout Card
    ) {
        let other = rules.phones.normalize(digits.hasPrefix("+") ? digits : "+" + digits)
        guard let e164 = other.e164 else { return }
        if result.isInternational, let own = result.e164 {
            if own != e164 { card.warn(.waidMismatch, at: property, limits: rules.limits) }
            return
        }
        result.e164 = e164
        result.reason = nil
        result.isAssumed = false
    }

    mutating func takeEmail(_ property: Property, _ card: inout Card) {
        let text = card.trimmedText(of: property)
        guard !text.isEmpty else { return }
        guard let address = EmailAddress.parse(text) else {
            return card.warn(.badEmail, at: property, limits: rules.limits)
        }
        contact.emails.append(
            Contact.Email(
                address: address,
                types: property.types.kinds,
                label: label(of: property, in: card),
                pref: property.preference > 0
            )
        )
        emailPreferences.append(Self.rank(property.preference))
    }

    mutating func takeAddress(_ property: Property, _ card: Card) {
        func part(_ index: Int) -> String { card.trimmedText(of: property, at: index) }
        let ownLabel = property.parameterCount == 0 ? nil : card.parameter(.label, of: property)
        var address = Contact.Address(
            poBox: part(0),
            extended: part(1),
            street: part(2),
            locality: part(3),
            region: part(4),
            postalCode: part(5),
            country: part(6),
            types: property.types.kinds
        )
        let isEmpty =
            address.poBox.isEmpty && address.extended.isEmpty && address.street.isEmpty && address.locality.isEmpty
            && address.region.isEmpty && address.postalCode.isEmpty && address.country.isEmpty
        guard !isEmpty || ownLabel != nil else { return }
        address.label = ownLabel ?? label(of: property, in: card)
        contact.addresses.append(address)
        addressPreferences.append(Self.rank(property.preference))
        addressTypes.append(property.types.subtracting(.preferred))
    }

    /// LABEL goes to the address of the same types (RFC 2426 section 3.2.2), else to the first without a label.
    mutating func placeMailingLabels() {
        for (types, text) in mailingLabels where !text.isEmpty {
            let wanted = types.subtracting(.preferred)
            let free = contact.addresses.indices.filter { contact.addresses[$0].label == nil }
            if let index = free.first(where: { addressTypes[$0] == wanted }) ?? free.first {
                contact.addresses[index].label = text
            } else if contact.addresses.isEmpty {
                contact.addresses.append(Contact.Address(types: types.kinds, label: text))
                addressPreferences.append(101)
                addressTypes.append(wanted)
            }
        }
    }
}
