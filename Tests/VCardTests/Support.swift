import VCard

/// The bytes of a text in the reference's notation: `⏎` is CRLF, `␠` a space, `<C3>` one raw byte.
func bytes(_ text: String) -> [UInt8] {
    let source = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < source.count {
        if source[index] == UInt8(ascii: "<"), index + 3 < source.count, source[index + 3] == UInt8(ascii: ">"),
            let value = UInt8(String(decoding: source[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
        {
            result.append(value)
            index += 4
        } else if source[index...].starts(with: "⏎".utf8) {
            result += [13, 10]
            index += 3
        } else if source[index...].starts(with: "␠".utf8) {
            result.append(32)
            index += 3
        } else {
            result.append(source[index])
            index += 1
        }
    }
    return result
}

/// A complete card around some lines, in the reference's notation.
func card(_ lines: String, version: String = "3.0", name: String? = "Somebody") -> [UInt8] {
    var text = "BEGIN:VCARD⏎VERSION:\(version)⏎"
    if let name { text += "FN:\(name)⏎" }
    return bytes(text + lines + "⏎END:VCARD⏎")
}

/// What an import made of some bytes.
struct Imported {
    var cards: [ImportedCard] = []
    var summary = ImportSummary()

    var contacts: [Contact] { cards.compactMap(\.contact) }
    /// The contact of the only card.
    var contact: Contact? { cards.count == 1 ? cards[0].contact : nil }
    var codes: [Code] { cards.flatMap(\.warnings).map(\.code) }
    var outcomes: [String] { cards.map(\.outcome.name) }
}

func imported(
    _ bytes: [UInt8],
    chunk: Int = .max,
    settings: VCardSettings = VCardSettings(),
    home: PhoneCountry? = nil,
    language: String? = nil,
    at position: ImportPosition = .start
) -> Imported {
    var result = Imported()
    var contacts = ContactImport(settings: settings, home: home, language: language, at: position)
    var start = 0
    while start < bytes.count {
        let end = chunk < bytes.count - start ? start + chunk : bytes.count
        contacts.feed(Array(bytes[start..<end])) { result.cards.append($0) }
        start = end
    }
    result.summary = contacts.finish { result.cards.append($0) }
    return result
}

/// All that a card says, as values that can be compared.
struct CardFacts: Hashable {
    var index: Int
    var line: Int
    var offset: Int
    var end: Int
    var version: VCardVersion
    var rejection: Code?
    var properties: [String]
    var warnings: [Warning]

    init(_ card: borrowing Card) {
        let copy = copy card
        index = copy.index
        line = copy.line
        offset = copy.offset
        end = copy.endOffset
        version = copy.version
        rejection = copy.rejection
        warnings = copy.warnings
        properties = copy.properties.map { property in
            let parts = (0..<property.count).map { copy.text(of: property, at: $0) }
            let parameters = copy.parameters(of: property).map { "\($0.name)=" + copy.text(of: $0) }
            let head = (copy.group(of: property) ?? "") + "." + copy.name(of: property)
            return ([head] + parameters).joined(separator: ";") + ":" + parts.joined(separator: "|")
        }
    }

    /// Without what differs between two places in a file.
    var content: [String] {
        [version.rawValue, rejection?.rawValue ?? ""] + properties + warnings.map(\.code.rawValue)
    }
}

func parsed(
    _ bytes: [UInt8],
    chunk: Int = .max,
    settings: VCardSettings = VCardSettings(),
    at position: ImportPosition = .start
) -> [CardFacts] {
    var result: [CardFacts] = []
    var parser = VCardParser(settings: settings, at: position)
    var start = 0
    while start < bytes.count {
        let end = chunk < bytes.count - start ? start + chunk : bytes.count
        parser.feed(Array(bytes[start..<end])) { result.append(CardFacts($0)) }
        start = end
    }
    parser.finish { result.append(CardFacts($0)) }
    return result
}

let saudiArabia = PhoneCountry(
    callingCode: "966",
    trunkPrefix: "0",
    internationalPrefix: "00",
    nationalLengths: [9]
)
