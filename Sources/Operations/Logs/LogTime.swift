/// Wall time as logs write it (RFC 3339, UTC).
struct LogTime {
    /// Since 1970.
    var milliseconds: Int64

    /// Appends `2026-11-21T09:00:00.250Z`.
    func appendDate(to bytes: inout [UInt8]) {
        let (year, month, day) = date
        Self.append(year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendClock(to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends `09:00:00.250`.
    func appendClock(to bytes: inout [UInt8]) {
        let ofDay = Self.modulo(milliseconds, 86_400_000)
        let seconds = ofDay / 1_000
        Self.append(seconds / 3_600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(seconds / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(seconds % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.append(ofDay % 1_000, digits: 3, to: &bytes)
    }

    /// The proleptic Gregorian date, counted in cycles of 400 years that begin on the 1st of March.
    private var date: (year: Int64, month: Int64, day: Int64) {
        // Rounded down, also before 1970; the division comes first, so that no clock makes it overflow.
        let days = milliseconds / 86_400_000 - (milliseconds % 86_400_000 < 0 ? 1 : 0)
        let shifted = days + 719_468
        let ofCycle = Self.modulo(shifted, 146_097)
        let cycle = (shifted - ofCycle) / 146_097
        let yearOfCycle = (ofCycle - ofCycle / 1_460 + ofCycle / 36_524 - ofCycle / 146_096) / 365
        let ofYear = ofCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
        return (year, month, ofYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var divisor: UInt64 = 1
        for _ in 1..<digits { divisor *= 10 }
        let magnitude = value.magnitude
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: magnitude / divisor % 10))
            divisor /= 10
        }
    }
}
