internal import Scheduling

/// Spaces letters evenly: at most so many a second.
///
/// The instant of each letter is counted from the first, so that rounding does not add up. Time lost while nothing could
/// be sent is not made up for, but for 20 ms, the grain of a machine's timers at more than 50 a second.
struct ReplayPace {
    private let perSecond: Int64
    private var origin: Instant
    private var count: Int64 = 0

    /// - Parameter perSecond: 1 to 1,000,000; clamped.
    init(perSecond: Int, now: Instant) {
        self.perSecond = Int64(min(max(1, perSecond), 1_000_000))
        origin = now
    }

    /// When the next letter may go.
    var due: Instant {
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: perSecond)
        return origin + .seconds(seconds) + .nanoseconds((rest * 1_000_000_000 + perSecond - 1) / perSecond)
    }

    /// Takes the next letter's turn if it has come.
    mutating func take(now: Instant) -> Bool {
        let late = due.duration(to: now)
        guard late >= .zero else { return false }
        let tolerance: Duration = perSecond > 50 ? .milliseconds(20) : .zero
        if late > tolerance {
            origin = now.advanced(by: .zero - tolerance)
            count = 0
        }
        count += 1
        return true
    }
}
