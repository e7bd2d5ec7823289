extension Target {
    /// Reads a target by its form alone: a UUID, or a contact with its kind in front.
    package init?(text: String) {
        if let id = conversationID(text) {
            self = .conversation(id)
        } else if let identifier = ContactIdentifier(text: text) {
            self = .contact(identifier)
        } else {
            return nil
        }
    }
}

extension ContactIdentifier {
    static let allowed = "id:<digits>, email:<address> or phone:+<7 to 15 digits>"

    /// Reads `id:123`, `email:a@b.c` or `phone:+60121233112`; `nil` for anything else.
    package init?(text: String) {
        guard let colon = text.firstIndex(of: ":"), let kind = Kind(rawValue: String(text[..<colon])) else {
            return nil
        }
        let value = String(text[text.index(after: colon)...])
        switch kind {
        case .id:
            guard (1...20).contains(value.utf8.count), value.utf8.allSatisfy(isDigit) else { return nil }
        case .email:
            guard isAddress(value) else { return nil }
        case .phone:
            guard value.hasPrefix("+"), (8...16).contains(value.utf8.count), value.utf8.dropFirst().allSatisfy(isDigit)
            else { return nil }
        }
        self.init(kind: kind, value: value)
    }
}

/// The lower-case form of UUID text (RFC 9562 section 4) of either case; `nil` for anything else.
func conversationID(_ text: String) -> String? {
    var hasUpperCase = false
    guard isConversationID(text.utf8Span.span, &hasUpperCase) else { return nil }
    return hasUpperCase ? text.lowercased() : text
}

/// Whether the bytes are UUID text, and whether letters of it are in upper case.
func isConversationID(_ bytes: Span<UInt8>, _ hasUpperCase: inout Bool) -> Bool {
    guard bytes.count == 36 else { return false }
    for position in 0..<36 {
        let byte = bytes[position]
        if position == 8 || position == 13 || position == 18 || position == 23 {
            guard byte == UInt8(ascii: "-") else { return false }
        } else if !(isDigit(byte) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))) {
            guard byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "F") else { return false }
            hasUpperCase = true
        }
    }
    return true
}

/// Whether the text has the outer form of an e-mail address; the provider knows better whether it is one.
///
/// At most 254 bytes (RFC 5321 section 4.5.3.1.3), one `@` with something on both sides, nothing blank, no `/`, which
/// separates the parts of an entity.
func isAddress(_ text: String) -> Bool {
    let bytes = text.utf8
    guard bytes.count <= 254, let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { return false }
    let domain = bytes[bytes.index(after: at)...]
    return at != bytes.startIndex && !domain.isEmpty && !domain.contains(UInt8(ascii: "@"))
        && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }
}
