import Scheduling

/// Durations as the settings write them: a whole number and `ms`, `s`, `m`, `h` or `d`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// `nil` for anything else, also for a number without its unit.
    package static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = Quantity.split(text),
            let factor = units.first(where: { $0.name == unit })?.milliseconds
        else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// In the largest unit that leaves a whole number; less than a millisecond is cut off.
    package static func text(_ duration: Duration) -> String {
        let milliseconds = duration.nanoseconds / 1_000_000
        guard milliseconds != 0, let unit = units.first(where: { milliseconds % $0.milliseconds == 0 }) else {
            return "0s"
        }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// Sizes as the settings write them: bytes, or a whole number with a unit of thousands (`MB`) or of 1,024 (`MiB`).
package enum ByteSize {
    private static let units: [(name: String, bytes: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1), ("", 1),
    ]

    package static func bytes(_ text: String) -> Int? {
        guard let (number, unit) = Quantity.split(text),
            let factor = units.first(where: { $0.name == unit })?.bytes
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : Int(exactly: bytes)
    }

    /// In the largest unit that leaves a whole number.
    package static func text(_ bytes: Int) -> String {
        guard bytes > 0, let unit = units.first(where: { Int64(bytes) % $0.bytes == 0 && $0.bytes > 1 }) else {
            return String(bytes)
        }
        return "\(Int64(bytes) / unit.bytes)\(unit.name)"
    }
}

private enum Quantity {
    /// The digits in front and what follows them.
    static func split(_ text: String) -> (Int64, String)? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard let number = Int64(String(digits) ?? "") else { return nil }
        return (number, String(text.utf8.dropFirst(digits.count)) ?? "")
    }
}
