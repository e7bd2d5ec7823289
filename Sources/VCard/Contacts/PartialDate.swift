/// A date of which any part may be unknown (RFC 6350 section 4.3.1).
package struct PartialDate: Hashable, Sendable {
    package var year: Int?
    /// 1 to 12.
    package var month: Int?
    /// 1 to 31, and no later than the month ends.
    package var day: Int?
    /// As the card has it.
    package var raw: String

    package init(year: Int? = nil, month: Int? = nil, day: Int? = nil, raw: String) {
        self.year = year
        self.month = month
        self.day = day
        self.raw = raw
    }

    /// Whether nothing but the text is known.
    package var isUnreadable: Bool { year == nil && month == nil && day == nil }

    /// Reads `19800102`, `1980-01-02`, `1980-01`, `1980`, `--0102`, `--01-02`, `--01`, `---02`, each with or without time.
    ///
    /// - Parameter omittedYear: a year that stands for none, as Apple announces it.
    init(parsing raw: String, omittedYear: Int? = nil) {
        self.init(raw: raw)
        // `T` or a space begins the time.
        let date = Array(raw.utf8.prefix(64).prefix { $0 | 0x20 != 0x74 && $0 != 0x20 })
        guard let parts = Self.parts(date), Self.isPossible(parts) else { return }
        (year, month, day) = parts
        if year == omittedYear { year = nil }
    }

    private typealias Parts = (year: Int?, month: Int?, day: Int?)

    private static func parts(_ text: [UInt8]) -> Parts? {
        let hyphen = ASCII.hyphen
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= text.count, !range.isEmpty else { return nil }
            var value = 0
            for byte in text[range] {
                guard let digit = byte.digitValue else { return nil }
                value = value * 10 + digit
            }
            return value
        }
        let hyphens = text.prefix { $0 == hyphen }.count
        if hyphens == 3 { return text.count == 5 ? number(3..<5).map { (nil, nil, $0) } : nil }
        if hyphens == 2 {
            guard let month = number(2..<4) else { return nil }
            switch text.count {
            case 4: return (nil, month, nil)
            case 6: return number(4..<6).map { (nil, month, $0) }
            case 7 where text[4] == hyphen: return number(5..<7).map { (nil, month, $0) }
            default: return nil
            }
        }
        guard let year = number(0..<4) else { return nil }
        if text.count == 4 { return (year, nil, nil) }
        if text.count == 8, let month = number(4..<6), let day = number(6..<8) { return (year, month, day) }
        guard text[4] == hyphen else { return nil }
        let fields = text[5...].split(separator: hyphen, omittingEmptySubsequences: false)
        guard fields.count <= 2, fields.allSatisfy({ (1...2).contains($0.count) }) else { return nil }
        let numbers = fields.map { number($0.startIndex..<$0.endIndex) }
        guard let month = numbers[0] else { return nil }
        if numbers.count == 1 { return (year, month, nil) }
        return numbers[1].map { (year, month, $0) }
    }

    private static func isPossible(_ parts: Parts) -> Bool {
        let month = parts.month ?? 1
        guard (1...12).contains(month) else { return false }
        guard let day = parts.day else { return true }
        let isLeap = parts.year.map { $0 % 4 == 0 && ($0 % 100 != 0 || $0 % 400 == 0) } ?? true
        let length =
            switch month {
            case 2: isLeap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        return day >= 1 && day <= length
    }
}
