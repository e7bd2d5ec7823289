/// A point in time as messages carry it: RFC 3339 text on the wire, nanoseconds since the Unix epoch here.
///
/// The range is that of 64 bits, the years 1677 to 2262; later times, as `9999-12-31T23:59:59Z` for "never", are
/// clamped to its end.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Creates a time from a Kafka timestamp, clamped.
    package init(milliseconds: Int64) {
        let (value, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        nanoseconds = overflow ? (milliseconds < 0 ? .min : .max) : value
    }

    /// Whole milliseconds since the Unix epoch, rounded down.
    package var milliseconds: Int64 { floorDivide(nanoseconds, 1_000_000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    package var description: String {
        var bytes = [UInt8](repeating: 0, count: Timestamp.maximumTextLength)
        var span = bytes.mutableSpan
        let end = write(into: &span, at: 0)
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// Reads RFC 3339 `date-time` text (section 5.6); `nil` for anything else.
    ///
    /// Fractions finer than a nanosecond are cut. A leap second, which can only be the last one of a day in UTC, counts as
    /// the second after it.
    package init?(_ text: String) {
        self.init(text.utf8Span.span)
    }

    /// Reads the same from UTF-8.
    init?(_ text: Span<UInt8>) {
        var scanner = TextScanner()
        guard text.count <= 64,
            let year = scanner.number(text, digits: 4), scanner.skip(text, "-"),
            let month = scanner.number(text, digits: 2), scanner.skip(text, "-"), (1...12).contains(month),
            let day = scanner.number(text, digits: 2), day >= 1, day <= daysInMonth(month, year: year),
            scanner.skip(text, "T") || scanner.skip(text, "t"),
            let hour = scanner.number(text, digits: 2), hour <= 23, scanner.skip(text, ":"),
            let minute = scanner.number(text, digits: 2), minute <= 59, scanner.skip(text, ":"),
            let second = scanner.number(text, digits: 2), second <= 60
        else { return nil }

        var fraction: Int64 = 0
        if scanner.skip(text, ".") {
            guard let value = scanner.fraction(text) else { return nil }
            fraction = value
        }

        var offset: Int64 = 0
        if !(scanner.skip(text, "Z") || scanner.skip(text, "z")) {
            let isBehind = scanner.skip(text, "-")
            guard isBehind || scanner.skip(text, "+"),
                let hours = scanner.number(text, digits: 2), hours <= 23, scanner.skip(text, ":"),
                let minutes = scanner.number(text, digits: 2), minutes <= 59
            else { return nil }
            offset = (hours * 60 + minutes) * (isBehind ? -60 : 60)
        }
        guard scanner.index == text.count else { return nil }

        let days = daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        if second == 60, floorRemainder(seconds, 86_400) != 0 { return nil }

        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = scaled.addingReportingOverflow(fraction)
        nanoseconds = overflow || carried ? (seconds < 0 ? .min : .max) : sum
    }

    /// `2026-11-21T09:00:00.123456789Z`.
    static let maximumTextLength = 30

    /// Writes the time in UTC, with as many groups of three fraction digits as it takes; returns where the text ends.
    func write(into bytes: inout MutableSpan<UInt8>, at start: Int) -> Int {
        let seconds = floorDivide(nanoseconds, 1_000_000_000)
        let fraction = floorRemainder(nanoseconds, 1_000_000_000)
        let date = Date(daysSinceEpoch: floorDivide(seconds, 86_400))
        let time = floorRemainder(seconds, 86_400)

        var end = start
        func put(_ byte: UInt8, _ bytes: inout MutableSpan<UInt8>) {
            bytes[end] = byte
            end += 1
        }
        func put(pair: Int64, _ bytes: inout MutableSpan<UInt8>) {
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair / 10), &bytes)
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair % 10), &bytes)
        }
        func put(triple: Int64, _ bytes: inout MutableSpan<UInt8>) {
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: triple / 100), &bytes)
            put(pair: triple % 100, &bytes)
        }
        put(pair: date.year / 100, &bytes)
        put(pair: date.year % 100, &bytes)
        put(UInt8(ascii: "-"), &bytes)
        put(pair: date.month, &bytes)
        put(UInt8(ascii: "-"), &bytes)
        put(pair: date.day, &bytes)
        put(UInt8(ascii: "T"), &bytes)
        put(pair: time / 3_600, &bytes)
        put(UInt8(ascii: ":"), &bytes)
        put(pair: time / 60 % 60, &bytes)
        put(UInt8(ascii: ":"), &bytes)
        put(pair: time % 60, &bytes)
        if fraction != 0 {
            put(UInt8(ascii: "."), &bytes)
            put(triple: fraction / 1_000_000, &bytes)
            if fraction % 1_000_000 != 0 { put(triple: fraction / 1_000 % 1_000, &bytes) }
            if fraction % 1_000 != 0 { put(triple: fraction % 1_000, &bytes) }
        }
        put(UInt8(ascii: "Z"), &bytes)
        return end
    }
}

/// A day of the proleptic Gregorian calendar.
private struct Date {
    var year: Int64
    var month: Int64
    var day: Int64

    init(daysSinceEpoch: Int64) {
        let days = daysSinceEpoch + daysFromYearZeroToEpoch
        // The estimate is at most one year short, since 366 is at most as much too long as a century has leap days.
        var year = floorDivide(days * 400, 146_097)
        while daysBefore(year: year + 1) <= days { year += 1 }
        while daysBefore(year: year) > days { year -= 1 }
        var rest = days - daysBefore(year: year)
        var month: Int64 = 1
        while rest >= daysInMonth(month, year: year) {
            rest -= daysInMonth(month, year: year)
            month += 1
        }
        self.year = year
        self.month = month
        day = rest + 1
    }
}

private let daysFromYearZeroToEpoch: Int64 = 719_528

/// Days from the first day of year 0 to the first day of `year`.
private func daysBefore(year: Int64) -> Int64 {
    year * 365 + floorDivide(year + 3, 4) - floorDivide(year + 99, 100) + floorDivide(year + 399, 400)
}

private func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

private func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    var days = daysBefore(year: year) - daysFromYearZeroToEpoch + day - 1
    var earlier: Int64 = 1
    while earlier < month {
        days += daysInMonth(earlier, year: year)
        earlier += 1
    }
    return days
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}

private func floorRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
}

/// Reads fixed forms from the front of a text.
private struct TextScanner {
    private(set) var index = 0

    mutating func skip(_ text: Span<UInt8>, _ scalar: Unicode.Scalar) -> Bool {
        guard index < text.count, UInt32(text[index]) == scalar.value else { return false }
        index += 1
        return true
    }

    private mutating func digit(_ text: Span<UInt8>) -> Int64? {
        guard index < text.count, isDigit(text[index]) else { return nil }
        defer { index += 1 }
        return Int64(text[index] - UInt8(ascii: "0"))
    }

    mutating func number(_ text: Span<UInt8>, digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit(text) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The digits after a decimal point, of which there is at least one, as billionths.
    mutating func fraction(_ text: Span<UInt8>) -> Int64? {
        guard var value = digit(text) else { return nil }
        var count = 1
        while let digit = digit(text) {
            if count < 9 {
                value = value * 10 + digit
                count += 1
            }
        }
        while count < 9 {
            value *= 10
            count += 1
        }
        return value
    }
}
