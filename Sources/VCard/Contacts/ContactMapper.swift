/// Settings of the way from cards to contacts.
///
/// A class, because it goes along with every line and every property: handing it on must cost next to nothing.
final class ContactRules: Sendable {
    let limits: VCardLimits
    let phones: PhoneRules
    /// The language to prefer where a card says something in several, as `ar` or `de-AT`, in lower case.
    let language: String?

    init(limits: VCardLimits, home: PhoneCountry?, language: String?) {
        self.limits = limits
        phones = PhoneRules(home: home)
        self.language = language?.lowercased()
    }
}

/// Reads one card as a contact (`reference/vcard.md` 4).
struct ContactMapper: ~Copyable {
    /// Why there is no contact to import.
    enum Refusal {
        case rejected(Code)
        case skipped(Code)
    }

    let rules: ContactRules
    var contact: Contact
    var formattedName: String?
    var formattedNameIsWanted = false
    var nameIsWanted = false
    var hasName = false
    var isGroup = false
    /// Values of X-ABLabel by group in lower case.
    var labels: [String: String] = [:]
    var phonePreferences: [UInt8] = []
    var emailPreferences: [UInt8] = []
    var addressPreferences: [UInt8] = []
    var addressTypes: [TypeSet] = []
    var languagePreference: UInt8?
    var mailingLabels: [(types: TypeSet, text: String)] = []

    init(rules: ContactRules) {
        self.rules = rules
        contact = Contact(displayName: "")
    }

    /// Fills `contact`; the result is why there is none to import, or `nil`.
    mutating func map(_ card: inout Card) -> Refusal? {
        if card.hasGroupLabels { collectLabels(card) }
        for index in card.properties.indices {
            let property = card.properties[index]
            take(property, from: &card)
        }
        if isGroup { return .skipped(.groupCard) }
        finish(&card)
        return contact.displayName.isEmpty ? .rejected(.emptyCard) : nil
    }

    /// Moves the contact out, which costs less than a copy of all of its texts.
    consuming func finished() -> Contact { contact }

    private mutating func collectLabels(_ card: Card) {
        for property in card.properties where property.name == .groupLabel {
            guard let group = card.group(of: property)?.lowercased() else { continue }
            let text = Self.plainLabel(card.trimmedText(of: property))
            if !text.isEmpty, labels[group] == nil { labels[group] = text }
        }
    }

    /// Apple writes its own labels as `_$!<Mobile>!$_`.
    private static func plainLabel(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.count > 8, bytes.starts(with: "_$!<".utf8), bytes.suffix(4).elementsEqual(">!$_".utf8) else {
            return text
        }
        return String(text.dropFirst(4).dropLast(4))
    }

    func label(of property: Property, in card: Card) -> String? {
        guard !labels.isEmpty, let group = card.group(of: property) else { return nil }
        return labels[group.lowercased()]
    }

    private mutating func take(_ property: Property, from card: inout Card) {
        switch property.name {
        case .formattedName: takeFormattedName(property, card)
        case .name: takeName(property, card)
        case .telephone: takePhone(property, &card)
        case .email: takeEmail(property, &card)
        case .organization: takeOrganization(property, card)
        case .address: takeAddress(property, card)
        case .label: mailingLabels.append((property.types, card.trimmedText(of: property)))
        case .title: Self.setOnce(&contact.title, card.trimmedText(of: property))
        case .role: Self.setOnce(&contact.role, card.trimmedText(of: property))
        case .note: Self.append(card.text(of: property), to: &contact.notes)
        case .url: Self.append(card.trimmedText(of: property), to: &contact.urls)
        case .birthday: contact.birthday = contact.birthday ?? date(property, &card)
        case .anniversary: contact.anniversary = contact.anniversary ?? date(property, &card)
        case .categories:
            Self.appendItems(of: property, card, to: &contact.categories, max: rules.limits.itemsPerList)
        case .nickname:
            Self.appendItems(of: property, card, to: &contact.nicknames, max: rules.limits.itemsPerList)
        case .photo: takePhoto(property, &card)
        case .logo, .sound, .key: checkBinary(property, &card)
        case .uid: takeUID(property, &card)
        case .revision: Self.setOnce(&contact.revision, card.trimmedText(of: property))
        case .language: takeLanguage(property, card)
        case .messaging, .socialProfile, .serviceHandle: takeHandle(property, card)
        case .kind: isGroup = isGroup || card.trimmedText(of: property).lowercased() == "group"
        case .custom: takeCustom(property, &card)
        case .begin, .end, .version, .agent, .otherKnown, .groupLabel: break
        }
    }

    /// The first value wins.
    private static func setOnce(_ field: inout String?, _ text: String) {
        if field == nil, !text.isEmpty { field = text }
    }

    private static func append(_ text: String, to list: inout [String]) {
        if !text.isEmpty { list.append(text) }
    }

    private static func appendItems(of property: Property, _ card: borrowing Card, to list: inout [String], max: Int) {
        for index in 0..<property.count where list.count < max {
            append(card.trimmedText(of: property, at: index), to: &list)
        }
    }

    private mutating func takeUID(_ property: Property, _ card: inout Card) {
        let text = card.trimmedText(of: property)
        guard !text.isEmpty else { return }
        guard contact.uid == nil else { return card.warn(.duplicateUID, at: property, limits: rules.limits) }
        contact.uid =
            text.utf8.prefix(9).elementsEqual("urn:uuid:".utf8, by: { $0.lowercased == $1 })
            ? text.lowercased() : text
    }

    private mutating func takeLanguage(_ property: Property, _ card: Card) {
        let text = card.trimmedText(of: property)
        let rank = Self.rank(property.preference)
        guard !text.isEmpty, contact.language == nil || rank < languagePreference ?? 101 else { return }
        contact.language = text
        languagePreference = rank
    }

    /// Preferences as an order: 1 to 100, then those that have none.
    static func rank(_ preference: UInt8) -> UInt8 { preference == 0 ? 101 : preference }
}
