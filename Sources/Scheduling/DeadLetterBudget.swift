import DequeModule

/// The right to dead-letter: each success earns one, for a while.
///
/// When a provider fails everything in a way that looks final, its lane closes instead of pouring a topic away.
package struct DeadLetterBudget: Sendable {
    package struct Settings: Hashable, Sendable {
        package var isEnabled = true
        /// Rights that can be saved up.
        package var size = 1_000
        /// Dead letters within any `window` that need no success.
        package var free = 100
        /// How long a success counts.
        package var window: Duration = .seconds(300)

        package init() {}
    }

    private let settings: Settings
    private var earned: Deque<Instant> = []
    private var freeUsed: Deque<Instant> = []

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
    }

    package mutating func succeeded(now: Instant) {
        guard settings.isEnabled else { return }
        expire(now)
        if earned.count >= settings.size { earned.removeFirst() }
        earned.append(now)
    }

    /// Takes one right; `false` when there is none.
    package mutating func spend(now: Instant) -> Bool {
        guard settings.isEnabled else { return true }
        expire(now)
        if !earned.isEmpty {
            earned.removeFirst()
            return true
        }
        guard freeUsed.count < settings.free else { return false }
        freeUsed.append(now)
        return true
    }

    private mutating func expire(_ now: Instant) {
        while let first = earned.first, first + settings.window <= now { earned.removeFirst() }
        while let first = freeUsed.first, first + settings.window <= now { freeUsed.removeFirst() }
    }
}
