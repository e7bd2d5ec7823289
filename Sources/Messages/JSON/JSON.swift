/// A JSON value (RFC 8259) with the members of objects in the order in which they were written.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number, rounded to the nearest double; never infinite.
    case number(Double)
    case string(String)
    case array([JSON])
    /// No two members have the same key.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// How deep arrays and objects may stand within one another.
    package static let maximumDepth = 64

    package init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try JSONReader.document(bytes.span)
    }

    /// The value of a member; `nil` when there is none, or when this is not an object.
    package subscript(_ key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.key == key { return member.value }
        return nil
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The value as a double, for both kinds of numbers.
    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var elements: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// Compact text in UTF-8.
    package var encoded: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.value(self)
        return writer.bytes
    }
}

/// Why bytes are not JSON.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Hashable, Sendable {
        case unexpectedEnd = "ends too early"
        case unexpectedByte = "a character that is not allowed here"
        case invalidUTF8 = "not UTF-8"
        case controlCharacter = "a control character within text"
        case invalidEscape = "an escape that JSON does not have"
        case loneSurrogate = "half of a surrogate pair"
        case invalidNumber = "a number that JSON does not have"
        case numberOutOfRange = "a number beyond the range of a double"
        case duplicateKey = "a key for the second time"
        case tooDeep = "nested too deep"
        case trailingBytes = "more after the end of the value"
    }

    /// Counted in bytes from the start, from 0.
    package var offset: Int
    package var reason: Reason

    package init(_ reason: Reason, at offset: Int) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "at byte \(offset): \(reason.rawValue)" }
}
