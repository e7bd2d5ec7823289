/// Wall time as logs write it (RFC 3339, UTC).
struct LogTime {
    var milliseconds: Int64

    /// `2026-11-21T09:00:00.250Z`.
    var text: String {
        let (year, month, day) = date
        return "\(year)-\(Self.padded(month))-\(Self.padded(day))T\(clock)Z"
    }

    /// `09:00:00.250`.
    var clock: String {
        let ofDay = milliseconds - days * 86_400_000
        let seconds = ofDay / 1_000
        return Self.padded(seconds / 3_600) + ":" + Self.padded(seconds / 60 % 60) + ":" + Self.padded(seconds % 60)
            + "." + Self.padded(ofDay % 1_000, digits: 3)
    }

    private var days: Int64 { (milliseconds - Self.modulo(milliseconds, 86_400_000)) / 86_400_000 }

    /// The proleptic Gregorian date, counted in cycles of 400 years that begin on the 1st of March.
    private var date: (year: String, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let ofCycle = Self.modulo(shifted, 146_097)
        let cycle = (shifted - ofCycle) / 146_097
        let yearOfCycle = (ofCycle - ofCycle / 1_460 + ofCycle / 36_524 - ofCycle / 146_096) / 365
        let ofYear = ofCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
        return (Self.padded(year, digits: 4), month, ofYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func padded(_ value: Int64, digits: Int = 2) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
