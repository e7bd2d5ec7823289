import DequeModule

/// What travels with an account's budget to its next owner.
package struct BudgetState: Hashable, Sendable {
    package var windows: [WindowState]
    /// Nanoseconds since the epoch; 0 when the account is open.
    package var closedUntil: Int64

    package init(windows: [WindowState], closedUntil: Int64) {
        self.windows = windows
        self.closedUntil = closedUntil
    }
}

package struct WindowState: Hashable, Sendable {
    /// Slots that come free together.
    package struct Held: Hashable, Sendable {
        package var count: Int
        package var until: Int64

        package init(count: Int, until: Int64) {
            self.count = count
            self.until = until
        }

        /// At most 16 groups, each as late as the latest of its slots, so that the summary never frees a slot early.
        static func summary(of releases: Deque<Int64>, now: Int64) -> [Held] {
            let live = releases.filter { $0 > now }
            let size = max(1, (live.count + 15) / 16)
            return stride(from: 0, to: live.count, by: size).map { start in
                let end = min(start + size, live.count)
                return Held(count: end - start, until: live[end - 1])
            }
        }
    }

    /// Calls per window that the provider grants; 0 when that is what is configured, whatever it will be then.
    package var effective: Int
    package var proven: Int
    package var held: [Held]
    /// Logs that are not listed are full until then, in nanoseconds since the epoch; 0 when they are empty.
    package var fullUntil: Int64

    package init(effective: Int, proven: Int, held: [Held], fullUntil: Int64) {
        self.effective = effective
        self.proven = proven
        self.held = held
        self.fullUntil = fullUntil
    }
}
