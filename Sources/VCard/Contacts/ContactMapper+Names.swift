extension ContactMapper {
    /// Of several the one in the wanted language, else the first.
    mutating func takeFormattedName(_ property: Property, _ card: Card) {
        let text = card.trimmedText(of: property)
        guard !text.isEmpty, formattedName == nil || !formattedNameIsWanted && isWanted(property, card) else { return }
        formattedName = text
        formattedNameIsWanted = isWanted(property, card)
    }

    mutating func takeName(_ property: Property, _ card: Card) {
        guard !hasName || !nameIsWanted && isWanted(property, card) else { return }
        let name = Contact.Name(
            family: card.trimmedText(of: property, at: 0),
            given: card.trimmedText(of: property, at: 1),
            additional: card.trimmedText(of: property, at: 2),
            prefix: card.trimmedText(of: property, at: 3),
            suffix: card.trimmedText(of: property, at: 4)
        )
        guard !name.isEmpty else { return }
        contact.name = name
        hasName = true
        nameIsWanted = isWanted(property, card)
    }

    /// Whether LANGUAGE is the wanted one or a regional form of it, or the other way round (RFC 4647 section 3.3.1).
    private func isWanted(_ property: Property, _ card: Card) -> Bool {
        guard let wanted = rules.language, property.parameterCount > 0,
            let language = card.parameter(.language, of: property)?.lowercased()
        else { return false }
        return language == wanted || language.hasPrefix(wanted + "-") || wanted.hasPrefix(language + "-")
    }

    mutating func takeOrganization(_ property: Property, _ card: Card) {
        guard contact.organization == nil, contact.units.isEmpty else { return }
        let name = card.trimmedText(of: property, at: 0)
        if !name.isEmpty { contact.organization = name }
        for index in 1..<max(1, property.count) {
            let unit = card.trimmedText(of: property, at: index)
            if !unit.isEmpty { contact.units.append(unit) }
        }
    }

    /// Brings lists into order and finds a name to show.
    mutating func finish(_ card: inout Card) {
        Self.sort(&contact.phones, by: phonePreferences)
        Self.sort(&contact.emails, by: emailPreferences)
        if !mailingLabels.isEmpty { placeMailingLabels() }
        Self.sort(&contact.addresses, by: addressPreferences)
        if let formattedName {
            contact.displayName = formattedName
            return
        }
        let name = contact.name
        let parts = [name.prefix, name.given, name.additional, name.family, name.suffix].filter { !$0.isEmpty }
        let candidates = [
            parts.joined(separator: " "), contact.organization ?? contact.units.first ?? "",
            contact.nicknames.first ?? "", contact.emails.first?.address ?? "", contact.phones.first?.raw ?? "",
        ]
        contact.displayName = candidates.first { !$0.isEmpty } ?? ""
        // Version 2.1 does not require FN, so a name from N is no invention there.
        let isOrdinary = card.version == .v21 && !parts.isEmpty
        if !contact.displayName.isEmpty, !isOrdinary {
            card.warn(.nameMadeUp, line: card.line, offset: card.offset, limits: rules.limits)
        }
    }

    private static func sort<Entry>(_ entries: inout [Entry], by preferences: [UInt8]) {
        guard preferences.count > 1, entries.count == preferences.count else { return }
        guard preferences.contains(where: { $0 <= 100 }) else { return }
        // By index among equals: sorting must keep the file's order.
        let order = entries.indices.sorted { (preferences[$0], $0) < (preferences[$1], $1) }
        guard order != Array(entries.indices) else { return }
        entries = order.map { entries[$0] }
    }
}
