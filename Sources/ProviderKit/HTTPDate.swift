import Scheduling

/// Reads the three forms of HTTP dates (RFC 9110 section 5.6.7).
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// - Parameter now: settles the century of two-digit years: none lies more than 50 years ahead.
    static func parse(_ text: some StringProtocol, now: Instant) -> Instant? {
        // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994` differ in the
        // order of their parts only, once dashes and commas separate like spaces.
        guard text.utf8.count <= 64 else { return nil }
        var parts = text.split { " ,-\t".contains($0) }.map { $0.lowercased() }
        if let last = parts.last, ["gmt", "utc", "z"].contains(last) { parts.removeLast() }
        guard parts.count == 5 else { return nil }
        let isAsctime = parts[3].contains(":")
        let (dayText, monthText, yearText, timeText) =
            isAsctime ? (parts[2], parts[1], parts[4], parts[3]) : (parts[1], parts[2], parts[3], parts[4])
        let time = timeText.split(separator: ":", omittingEmptySubsequences: false)
        guard let month = months.firstIndex(of: monthText), time.count == 3,
            let day = number(dayText, 1...31), let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
            // 60 is a leap second.
            let second = number(time[2], 0...60), let written = number(yearText, 0...9999)
        else { return nil }
        var year = written
        if yearText.count == 2 {
            let present = 1970 + now.nanoseconds / (1_000_000_000 * 31_556_952)
            year += present / 100 * 100
            if year > present + 50 { year -= 100 }
        } else if yearText.count != 4 {
            return nil
        }
        let seconds = days(year, Int64(month) + 1, day) * 86_400 + hour * 3_600 + minute * 60 + second
        return Instant(milliseconds: seconds * 1_000)
    }

    private static func number(_ text: some StringProtocol, _ range: ClosedRange<Int64>) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Int64(text), range.contains(value)
        else { return nil }
        return value
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar.
    ///
    /// Years are counted from March, so that the leap day is the last of its year.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
