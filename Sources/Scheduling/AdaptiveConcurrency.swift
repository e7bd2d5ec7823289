/// How many calls of an account may be out at once: additive increase, multiplicative decrease inside the setting.
package struct AdaptiveConcurrency: Sendable {
    package let ceiling: Int
    private var exact: Double
    /// Answers of calls that were out when the limit was last cut say the same as the one that cut it.
    private var deafUntil = Instant.distantPast

    package init(ceiling: Int) {
        self.ceiling = max(1, ceiling)
        exact = Double(max(1, ceiling))
    }

    package var limit: Int { max(1, Int(exact)) }

    /// One more call at a time for each round of successes.
    package mutating func succeeded() {
        exact = min(Double(ceiling), exact + 1 / exact)
    }

    /// Half as many, once for all the calls that were out together.
    package mutating func strained(now: Instant) {
        guard now >= deafUntil else { return }
        exact = max(1, exact / 2)
        deafUntil = now + .seconds(1)
    }
}
