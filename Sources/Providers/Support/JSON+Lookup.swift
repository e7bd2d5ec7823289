import Messages

extension JSON {
    /// The value of a member whatever the letter case of its key.
    ///
    /// Hatif documents one response in PascalCase and the next in camelCase, and is seen to mix them. A key in the case
    /// asked for goes first.
    func member(_ key: String) -> JSON? {
        if let exact = self[key] { return exact }
        guard case .object(let members) = self else { return nil }
        let wanted = key.lowercased()
        return members.first { $0.key.utf8.count == key.utf8.count && $0.key.lowercased() == wanted }?.value
    }

    /// Text, or a number written as text, that is not empty: what ids and codes may come as.
    var identifier: String? {
        switch self {
        case .string(let text) where !text.isEmpty: text
        case .integer(let value): String(value)
        default: nil
        }
    }

    /// A count or an id, also when it is written as text.
    var wholeNumber: Int64? {
        switch self {
        case .integer(let value): value
        case .string(let text): Int64(text)
        case .number(let value): Int64(exactly: value.rounded())
        default: nil
        }
    }

    var isNull: Bool { self == .null }
}
