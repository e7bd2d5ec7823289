/// Reads of single values that say which field is wrong, and how.
extension JSON {
    /// Text that is neither empty nor longer than `limit` bytes.
    func requiredText(_ field: String, upTo limit: Int) throws(Rejection) -> String {
        guard case .string(let text) = self, !text.isEmpty, text.utf8.count <= limit else {
            throw .wrong(field, self, allowed: "text of 1 to \(limit) bytes")
        }
        return text
    }

    func requiredTime(_ field: String) throws(Rejection) -> Timestamp {
        guard case .string(let text) = self, let time = Timestamp(text) else {
            throw .wrong(field, self, allowed: "a time as RFC 3339 writes it, such as 2026-11-21T09:00:00Z")
        }
        return time
    }

    func requiredBool(_ field: String) throws(Rejection) -> Bool {
        guard case .bool(let value) = self else { throw .wrong(field, self, allowed: "true or false") }
        return value
    }

    func requiredInteger(_ field: String, in range: ClosedRange<Int64>) throws(Rejection) -> Int64 {
        guard case .integer(let value) = self, range.contains(value) else {
            throw .wrong(field, self, allowed: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func requiredNumber(_ field: String, above lower: Double, upTo upper: Double) throws(Rejection) -> Double {
        guard let value = doubleValue, value > lower, value <= upper else {
            throw .wrong(field, self, allowed: "a number above \(lower), at most \(upper)")
        }
        return value
    }

    func requiredMembers(_ field: String, allowed: String) throws(Rejection) -> [Member] {
        guard case .object(let members) = self else { throw .wrong(field, self, allowed: allowed) }
        return members
    }

    func requiredList(_ field: String, _ range: ClosedRange<Int>, of what: String) throws(Rejection) -> [JSON] {
        guard case .array(let elements) = self, range.contains(elements.count) else {
            throw .wrong(field, self, allowed: "a list of \(range.lowerBound) to \(range.upperBound) \(what)")
        }
        return elements
    }

    /// One of the cases of a closed list, by its raw value.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ field: String) throws(Rejection) -> Choice {
        guard case .string(let text) = self else { throw .wrong(field, self, allowed: Choice.names) }
        guard let choice = Choice(rawValue: text) else { throw .unexpected(field, text, allowed: Choice.names) }
        return choice
    }

    /// Name of a provider, an account or a campaign, which become parts of keys, topics and ids.
    func requiredName(_ field: String) throws(Rejection) -> String {
        guard let name else {
            throw .wrong(field, self, allowed: "text of 1 to 128 bytes without / and control characters")
        }
        return name
    }

    var name: String? {
        guard case .string(let text) = self, (1...128).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") })
        else { return nil }
        return text
    }
}

extension RawRepresentable<String> where Self: CaseIterable {
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: " or ") }
}

extension Duration {
    /// Reads `500ms`, `30s`, `5m`, `2h` or `7d`; `nil` for other text and for more than 10 years.
    package init?(messageText text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count <= 315_360_000_000 else { return nil }
        let unit: Int64
        switch text[digits.endIndex...] {
        case "ms": unit = 1
        case "s": unit = 1_000
        case "m": unit = 60_000
        case "h": unit = 3_600_000
        case "d": unit = 86_400_000
        default: return nil
        }
        let (value, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, value <= 315_360_000_000 else { return nil }
        self = .milliseconds(value)
    }

    /// The shortest of the forms that ``init(messageText:)`` reads, rounded down to milliseconds.
    package var messageText: String {
        let milliseconds = wholeMilliseconds
        for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] as [(Int64, String)]
        where milliseconds != 0 && milliseconds % unit == 0 {
            return "\(milliseconds / unit)\(name)"
        }
        return "\(milliseconds)ms"
    }

    /// Clamped to what 64 bits hold.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflow || carried ? (seconds < 0 ? .min : .max) : sum
    }
}
