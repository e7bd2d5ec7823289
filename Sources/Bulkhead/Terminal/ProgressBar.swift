package import Scheduling

/// The progress of a piece of work, drawn on stderr: a bar that redraws itself, or plain lines now and then.
///
/// Pure: it returns what to write and when nothing is to be written. At most ten redraws a second on a terminal; where
/// stderr is a file or a pipe, one line every five seconds, and always the first and the last.
package struct ProgressBar: Sendable {
    package let label: String
    package let isTerminal: Bool
    package let width: Int
    private let started: Instant
    private var drawn: Instant?

    package init(label: String, isTerminal: Bool, width: Int = 80, now: Instant) {
        self.label = label.printable
        self.isTerminal = isTerminal
        self.width = max(20, width)
        started = now
    }

    /// The bytes to write for this state, `nil` when it is too early to say something new.
    ///
    /// - Parameter total: `nil` when it is not known yet.
    /// - Parameter note: what else there is to say, as "2 failed".
    package mutating func update(done: Int, total: Int?, note: String = "", now: Instant) -> String? {
        if let drawn, drawn.duration(to: now) < (isTerminal ? .milliseconds(100) : .seconds(5)) { return nil }
        drawn = now
        return text(done: done, total: total, note: note, now: now)
    }

    /// The last state, always written, with the line break that leaves it standing.
    package mutating func finish(done: Int, total: Int?, note: String = "", now: Instant) -> String {
        drawn = now
        return text(done: done, total: total, note: note, now: now) + (isTerminal ? "\n" : "")
    }

    private func text(done: Int, total: Int?, note: String, now: Instant) -> String {
        var parts = [total.map { "\(done)/\($0)" } ?? "\(done)"]
        if let total, total > 0 {
            parts.append("\(Int(Self.share(done, total) * 100)) %")
        }
        let elapsed = started.duration(to: now)
        let seconds = Double(elapsed.nanoseconds) / 1e9
        let rate = seconds > 0 ? Double(done) / seconds : 0
        if rate > 0 { parts.append("\(Self.short(rate))/s") }
        if let total, total > done, rate > 0 {
            parts.append("\(Self.clock((Double(total) - Double(done)) / rate)) left")
        } else {
            parts.append(Self.clock(seconds))
        }
        if !note.isEmpty { parts.append(note.printable) }
        let facts = parts.joined(separator: "  ")
        guard isTerminal else { return "\(label): \(facts)\n" }

        let room = width - 1 - label.displayWidth - facts.displayWidth - 4
        let bar = total.map { Self.bar(Self.share(done, $0), room: min(40, room)) } ?? ""
        let line = [label, bar, facts].filter { !$0.isEmpty }.joined(separator: "  ")
        // Back to the first column, and what the last drawing left behind is erased (ECMA-48 EL).
        return "\r" + line.cut(to: width - 1) + "\u{1B}[K"
    }

    private static func share(_ done: Int, _ total: Int) -> Double {
        total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
    }

    private static func bar(_ share: Double, room: Int) -> String {
        guard room >= 6 else { return "" }
        let full = Int(Double(room) * share)
        return String(repeating: "█", count: full) + String(repeating: "░", count: room - full)
    }

    private static func short(_ rate: Double) -> String {
        rate >= 10 ? String(Int(min(rate, 1e15))) : String((rate * 10).rounded() / 10)
    }

    /// `0:07`, `12:30`, `3:05:00`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(0, seconds), 1e12))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let tail = rest < 10 ? "0\(rest)" : "\(rest)"
        guard hours > 0 else { return "\(minutes):\(tail)" }
        return "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)"
    }
}
