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
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads RFC 3339 `date-time` text (section 5.6); `nil` for anything else.
    ///
    /// Fractions finer than a nanosecond are cut. A leap second, which can only be the last one of a day in UTC, counts as
    /// the second after it.
    package init?(_ text: String) {
        var scanner = TextScanner(text)
        guard text.utf8.count <= 64,
            let year = scanner.number(digits: 4), scanner.skip("-"),
            let month = scanner.number(digits: 2), scanner.skip("-"), (1...12).contains(month),
            let day = scanner.number(digits: 2), day >= 1, day <= daysInMonth(month, year: year),
            scanner.skip("T") || scanner.skip("t"),
            let hour = scanner.number(digits: 2), hour <= 23, scanner.skip(":"),
            let minute = scanner.number(digits: 2), minute <= 59, scanner.skip(":"),
            let second = scanner.number(digits: 2), second <= 60
        else { return nil }

        var fraction: Int64 = 0
        if scanner.skip(".") {
            guard let value = scanner.fraction() else { return nil }
            fraction = value
        }

        var offset: Int64 = 0
        if !(scanner.skip("Z") || scanner.skip("z")) {
            let isBehind = scanner.skip("-")
            guard isBehind || scanner.skip("+"),
                let hours = scanner.number(digits: 2), hours <= 23, scanner.skip(":"),
                let minutes = scanner.number(digits: 2), minutes <= 59
            else { return nil }
            offset = (hours * 60 + minutes) * (isBehind ? -60 : 60)
        }
        guard scanner.isAtEnd else { return nil }

        let days = daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        if second == 60, floorRemainder(seconds, 86_400) != 0 { return nil }

        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = scaled.addingReportingOverflow(fraction)
        nanoseconds = overflow || carried ? (seconds < 0 ? .min : .max) : sum
    }

    /// Appends the time in UTC, with as many groups of three fraction digits as it takes.
    package func append(to bytes: inout [UInt8]) {
        let seconds = floorDivide(nanoseconds, 1_000_000_000)
        let fraction = floorRemainder(nanoseconds, 1_000_000_000)
        let date = Date(daysSinceEpoch: floorDivide(seconds, 86_400))
        let time = floorRemainder(seconds, 86_400)

        appendDigits(date.year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(date.month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(date.day, 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendDigits(time / 3_600, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(time / 60 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(time % 60, 2, to: &bytes)
        if fraction != 0 {
            bytes.append(UInt8(ascii: "."))
            if fraction % 1_000_000 == 0 {
                appendDigits(fraction / 1_000_000, 3, to: &bytes)
            } else if fraction % 1_000 == 0 {
                appendDigits(fraction / 1_000, 6, to: &bytes)
            } else {
                appendDigits(fraction, 9, to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "Z"))
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

private func appendDigits(_ value: Int64, _ count: Int, to bytes: inout [UInt8]) {
    var divisor: Int64 = 1
    for _ in 1..<count { divisor *= 10 }
    while divisor > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
        divisor /= 10
    }
}

/// Reads fixed forms from the front of a text.
struct TextScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, UInt32(byte) == scalar.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digit() -> Int64? {
        guard let byte = rest.first, isDigit(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The digits after a decimal point, of which there is at least one, as billionths.
    mutating func fraction() -> Int64? {
        guard var value = digit() else { return nil }
        var count = 1
        while let digit = digit() {
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
