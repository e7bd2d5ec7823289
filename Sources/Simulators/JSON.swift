/// A JSON value as it came; numbers keep their text.
enum JSON: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        var name: String
        var value: JSON
    }

    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSON])
    case object([Field])

    /// The value of a field; `nil` when there is none.
    subscript(name: String) -> JSON? {
        guard case .object(let fields) = self else { return nil }
        return fields.last { $0.name == name }?.value
    }

    /// The value of a field, its name compared without regard to case, as ASP.NET services read JSON.
    func field(anyCase name: String) -> JSON? {
        guard case .object(let fields) = self else { return nil }
        return (fields.last { $0.name == name } ?? fields.last { $0.name.lowercased() == name.lowercased() })?.value
    }

    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// Text as it is, or a number's text.
    var scalar: String? {
        switch self {
        case .string(let text), .number(let text): text
        default: nil
        }
    }

    var int: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    var double: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }

    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    var array: [JSON]? {
        guard case .array(let items) = self else { return nil }
        return items
    }
}
