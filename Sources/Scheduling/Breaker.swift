/// Keeps calls back while an account's provider does not work, and finds out with one real call when it does again.
package struct Breaker: Sendable {
    package enum Reason: String, Hashable, Sendable {
        /// Connection failures, timeouts and 5xx above the rate.
        case failures
        /// The credentials were refused, also after one refresh.
        case unauthorized
        /// More commands would have been dead-lettered than successes earned the right to.
        case deadLetterBudget = "dead_letter_budget"
    }

    package struct Settings: Hashable, Sendable {
        /// Share of failures at which the breaker opens, above 0 up to 1.
        package var failureRate = 0.5
        /// Calls that must have been judged before a rate means anything.
        package var minimumCalls = 10
        /// Calls older than this are forgotten.
        package var window: Duration = .seconds(30)
        /// The first pause before a probe; doubled after each failed one.
        package var pause: Duration = .seconds(5)
        package var longestPause: Duration = .seconds(60)

        package init() {}
    }

    private enum State {
        /// Moves to `open` when failures prevail or credentials are refused.
        case closed
        /// Moves to `halfOpen` at `until`.
        case open(until: Instant)
        /// One call is out, or may go. Moves to `closed` with its success, back to `open` with its failure.
        case halfOpen(probing: Bool)
    }

    private let settings: Settings
    private var state = State.closed
    package private(set) var reason: Reason?
    /// When the present interruption began.
    package private(set) var since: Instant?
    private var pause: Duration
    /// Judged calls, oldest first, in a ring of fixed size.
    private var ring: [(at: Instant, failed: Bool)] = []
    private var next = 0

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
        pause = settings.pause
    }

    package var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// When a call may go; ``Opening/afterAnswer`` while the probe is out.
    package mutating func opening(now: Instant) -> Opening {
        switch state {
        case .closed: return .now
        case .open(let until) where now < until: return .at(until)
        case .open:
            state = .halfOpen(probing: false)
            return .now
        case .halfOpen(let probing): return probing ? .afterAnswer : .now
        }
    }

    /// Notes that a call goes out.
    ///
    /// - Returns: whether it is the probe.
    package mutating func send() -> Bool {
        guard case .halfOpen(false) = state else { return false }
        state = .halfOpen(probing: true)
        return true
    }

    /// The provider did its work, whatever it said.
    package mutating func succeeded(now: Instant, isProbe: Bool) {
        switch state {
        case .halfOpen where isProbe:
            state = .closed
            reason = nil
            since = nil
            pause = settings.pause
            ring = []
            next = 0
        case .closed: record(failed: false, now)
        case .open, .halfOpen: break
        }
    }

    /// The provider did not work.
    ///
    /// - Returns: whether this opened the breaker.
    @discardableResult
    package mutating func failed(now: Instant, isProbe: Bool, jitter: Double) -> Bool {
        switch state {
        case .halfOpen where isProbe:
            reopen(now, jitter)
            return false
        case .closed:
            record(failed: true, now)
            let recent = ring.filter { now < $0.at + settings.window }
            let failures = recent.count { $0.failed }
            guard recent.count >= settings.minimumCalls,
                Double(failures) >= settings.failureRate * Double(recent.count)
            else { return false }
            trip(.failures, now: now, jitter: jitter)
            return true
        case .open, .halfOpen: return false
        }
    }

    /// Opens, or stays open, for a reason that one call is enough to show.
    package mutating func trip(_ reason: Reason, now: Instant, jitter: Double) {
        self.reason = reason
        switch state {
        case .closed:
            since = now
            reopen(now, jitter)
        case .halfOpen: reopen(now, jitter)
        case .open: break
        }
    }

    /// A probe ended without saying anything, as one that was throttled or never sent.
    package mutating func probeWithdrawn() {
        if case .halfOpen = state { state = .halfOpen(probing: false) }
    }

    private mutating func reopen(_ now: Instant, _ jitter: Double) {
        // Up to a tenth more, so that accounts that fell together do not knock together.
        state = .open(until: now + pause + .nanoseconds(Int64(Double(pause.nanoseconds) * 0.1 * jitter)))
        pause = min(pause * 2, settings.longestPause)
    }

    private mutating func record(failed: Bool, _ now: Instant) {
        let size = max(settings.minimumCalls * 2, 20)
        if ring.count < size {
            ring.append((now, failed))
        } else {
            ring[next] = (now, failed)
            next = (next + 1) % size
        }
    }
}
