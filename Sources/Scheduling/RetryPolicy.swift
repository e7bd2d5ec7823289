/// How long a failed command waits for its next attempt.
package struct RetryPolicy: Hashable, Sendable {
    /// Attempts in all, the first one included.
    package var maxAttempts = 8
    package var base: Duration = .seconds(1)
    package var factor = 2.0
    package var cap: Duration = .seconds(300)

    package init() {}

    package init(maxAttempts: Int, base: Duration, factor: Double = 2, cap: Duration) {
        self.maxAttempts = maxAttempts
        self.base = base
        self.factor = factor
        self.cap = cap
    }

    /// The wait after the failure number `failures`, with full jitter: anything from nothing to the exponential bound.
    ///
    /// - Parameter random: 0 up to 1.
    package func delay(after failures: Int, random: Double) -> Duration {
        .nanoseconds(Int64(bound(after: failures) * min(max(random, 0), 1)))
    }

    /// Whether all attempts can be spent before this time is over, whatever the jitter.
    package func isShorter(than time: Duration) -> Bool {
        var waits = 0.0
        for failures in 1..<max(maxAttempts, 1) {
            waits += bound(after: failures)
            if waits >= Double(time.nanoseconds) { return false }
        }
        return true
    }

    private func bound(after failures: Int) -> Double {
        var bound = Double(base.nanoseconds)
        let longest = Double(cap.nanoseconds)
        for _ in 1..<max(failures, 1) where bound < longest { bound *= factor }
        return min(bound, longest)
    }
}

/// How long a command waits that the provider has queued on its side (Aelyst's 449: "try again in a few minutes").
package struct QueuedPolicy: Hashable, Sendable {
    package var base: Duration = .seconds(120)
    package var cap: Duration = .seconds(900)

    package init() {}

    package init(base: Duration, cap: Duration) {
        self.base = base
        self.cap = cap
    }

    /// Between half of the doubled bound and all of it: never at once, and not all together.
    package func delay(after answers: Int, random: Double) -> Duration {
        RetryPolicy(maxAttempts: .max, base: base, cap: cap).delay(after: answers, random: 0.5 + random / 2)
    }
}
