/// A command, or a part of an import, as the lane sees it.
package struct Work: Hashable, Sendable {
    package enum Class: Hashable, Sendable { case live, bulk }

    /// Hash of the entity whose order it keeps.
    package var entity: UInt128
    package var `class`: Class
    /// Hash of the campaign or import that takes turns with the others; 0 for neither.
    package var flow: UInt64
    /// When the command was decided: what the stale fence compares.
    package var time: Instant
    /// Not sent from this instant on.
    package var expiry: Instant?
    /// Where its first call counts.
    package var key: RateBudget.Key
    /// Whether a later command of the entity may take its place (`coalesce: latest`).
    package var coalesces: Bool

    package init(
        entity: UInt128,
        class: Class,
        flow: UInt64 = 0,
        time: Instant,
        expiry: Instant? = nil,
        key: RateBudget.Key,
        coalesces: Bool = false
    ) {
        self.entity = entity
        self.class = `class`
        self.flow = flow
        self.time = time
        self.expiry = expiry
        self.key = key
        self.coalesces = coalesces
    }
}

/// Names one piece of work within its account's lane, from admission until it is over; then the number is used again.
package struct WorkID: Hashable, Sendable {
    package var index: Int32

    package init(index: Int32) {
        self.index = index
    }
}

/// How one call ended.
package enum CallResult: Hashable, Sendable {
    /// The command is over; `success` when its outcome goes to the results, `charged` when it goes to the dead letters at
    /// the cost of ``DeadLetterBudget``.
    case finished(success: Bool, charged: Bool = false, ProviderWord)
    /// The step is done, the next one counts at the key. `isCommitted` once the change itself is made.
    case proceed(RateBudget.Key, isCommitted: Bool, ProviderWord)
    /// The provider failed or the answer was lost: an attempt is spent. The next try starts at the key, and not before
    /// the instant if there is one. `isOwnFault` when the provider works, and did not do what this command asked for.
    case failed(RateBudget.Key, ProviderWord, notBefore: Instant? = nil, isOwnFault: Bool = false)
    /// The provider could not be reached: no attempt, but a failure in the breaker's eyes.
    case unreachable
    case throttled(ProviderWord)
    /// Accepted later by the provider, see ``QueuedPolicy``.
    case queued(ProviderWord)
    /// The token was old; the call goes again with a new one.
    case reauthorize
    /// The credentials are refused.
    case unauthorized
    /// The call was not made, as the partition is no longer ours or the worker stops.
    case withdrawn
}

/// What became of the work after a call.
package enum Settlement: Hashable, Sendable {
    /// It goes on or waits for its turn.
    case continues
    /// Its last attempt failed, and a dead letter may be written.
    case exhausted
    /// It is over.
    case over
}

/// What the lane wants done next.
package enum Decision: Hashable, Sendable {
    /// Send the work's next call now. It counts as out until it is settled.
    case send(WorkID)
    /// The work is over without a call.
    case conclude(WorkID, Conclusion)
    /// Nothing can go before the instant, or before something happens if there is none.
    case wait(until: Instant?)
}

package enum Conclusion: Hashable, Sendable {
    /// A live command decided later was applied to the entity before.
    case stale
    case expired
    /// A later command of the entity goes instead.
    case superseded(by: WorkID)
}

/// Why work is not being sent, for people.
package enum Waiting: Hashable, Sendable {
    case inFlight(since: Instant)
    /// Another command of the entity comes first.
    case behind(WorkID)
    case retry(attempts: Int, at: Instant)
    case queuedByProvider(until: Instant)
    /// Its entity is left alone, see ``AccountLane/rest(_:until:)``.
    case resting(until: Instant)
    /// Configured limit: the next slot's instant, or `nil` while it depends on an answer.
    case limit(until: Instant?)
    /// A 429 closed the account, the endpoint or the path.
    case throttled(Closure)
    case breaker(Breaker.Reason, until: Instant?)
    case paused
    case concurrency
    /// Others of the account have their turn first.
    case turn
}
