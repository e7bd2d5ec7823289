/// Dates as the providers write them, from nanoseconds since 1970.
enum Timestamp {
    /// Writes `2026-03-17T12:00:00Z`.
    static func seconds(_ time: Int64) -> String { text(time) + "Z" }

    /// Writes `2026-06-23T08:58:00.000Z`.
    static func milliseconds(_ time: Int64) -> String {
        text(time) + "." + padded(fraction(time) / 1_000_000, 3) + "Z"
    }

    /// Writes `2026-03-01T14:47:18.501081`, without a zone, as Hatif's contact history has it.
    static func microseconds(_ time: Int64) -> String {
        text(time) + "." + padded(fraction(time) / 1_000, 6)
    }

    /// Reads `2026-03-17` or `2026-03-17T12:00:00…` as local time of UTC+3, whatever zone it names; fractions are ignored.
    static func atUTCPlus3(_ text: String) -> Int64? {
        let numbers = text.prefix(19).split { !$0.isNumber }.compactMap { Int64($0) }
        guard numbers.count == 3 || numbers.count >= 5, (1...9_999).contains(numbers[0]),
            (1...12).contains(numbers[1]), (1...31).contains(numbers[2])
        else { return nil }
        var seconds = days(year: numbers[0], month: numbers[1], day: numbers[2]) * 86_400 - 3 * 3_600
        for (number, unit) in zip(numbers.dropFirst(3), [3_600, 60, 1] as [Int64]) {
            guard number < 100 else { return nil }
            seconds += number * unit
        }
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
    }

    private static func fraction(_ time: Int64) -> Int64 {
        let rest = time % 1_000_000_000
        return rest < 0 ? rest + 1_000_000_000 : rest
    }

    private static func text(_ time: Int64) -> String {
        let seconds = (time - fraction(time)) / 1_000_000_000
        let second = ((seconds % 86_400) + 86_400) % 86_400
        let (year, month, day) = date(days: (seconds - second) / 86_400)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Days since 1970-01-01 of the Gregorian calendar, counted in years that begin in March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let shifted = (month + 9) % 12
        let dayOfYear = (153 * shifted + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let days = days + 719_468
        let era = days / 146_097
        let inEra = days % 146_097
        let yearInEra = (inEra - inEra / 1_460 + inEra / 36_524 - inEra / 146_096) / 365
        let dayOfYear = inEra - (365 * yearInEra + yearInEra / 4 - yearInEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearInEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
