import DequeModule

/// The calls that one window still counts, for one key of its scope.
///
/// A call is counted by the provider when it arrives there, an instant that we cannot see: it lies between writing the
/// request and reading its answer. A slot therefore comes free one window after the *answer*. Whatever the delays on the
/// way were, no window of the provider's then holds more than the limit.
struct CallLog: Sendable {
    /// Calls that were sent and have no answer yet.
    private(set) var inFlight = 0
    /// When the slots of answered calls come free, in ascending order, in nanoseconds.
    private(set) var releases: Deque<Int64> = []
    /// Set once a call had to wait for a slot: from then on slots are taken one interval apart, so that a burst does not
    /// come back with every window.
    private(set) var isSaturated = false
    private(set) var nextPaced = Int64.min
    /// A call beyond the effective limit is out, to find whether the provider allows more again.
    var isProbing = false

    var used: Int { inFlight + releases.count }
    var isIdle: Bool { used == 0 }
    /// When the last slot comes free; `nil` when none is held by an answered call.
    var lastRelease: Int64? { releases.last }

    mutating func expire(_ now: Int64) {
        while let first = releases.first, first <= now { releases.removeFirst() }
    }

    /// When one more call fits under `limit`, with ``expire(_:)`` done for `now`.
    func opening(limit: Int, proven: Int, now: Int64) -> Opening {
        // Beyond what the provider is known to grant, few calls are out at a time, so that a limit that is
        // configured too high costs few refusals.
        if used >= proven, inFlight >= Self.unprovenInFlight + used / 50 { return .afterAnswer }
        guard used >= limit else {
            return isSaturated && now < nextPaced ? .at(Instant(nanoseconds: nextPaced)) : .now
        }
        let excess = used - limit
        guard excess < releases.count else { return .afterAnswer }
        return .at(Instant(nanoseconds: max(releases[excess], isSaturated ? nextPaced : .min)))
    }

    /// Paces the calls from the instant on, since one wanted a slot and found none.
    mutating func pace(from instant: Int64) {
        nextPaced = isSaturated ? max(nextPaced, instant) : instant
        isSaturated = true
    }

    mutating func take(interval: Int64, now: Int64) {
        inFlight += 1
        guard isSaturated else { return }
        // Slots that nobody wanted for several intervals: the rush is over.
        let tolerance = max(2 &* interval, Self.catchUp)
        if now &- nextPaced > 2 &* tolerance {
            isSaturated = false
        } else {
            nextPaced = max(nextPaced, now &- tolerance) &+ interval
        }
    }

    mutating func answered(releaseAt: Int64) {
        refund()
        hold(1, until: releaseAt)
    }

    /// Gives back the slot of a call that the provider did not count.
    mutating func refund() {
        // A call may be answered by a log that was made after it was sent, when limits are changed meanwhile.
        inFlight = max(0, inFlight - 1)
    }

    /// Holds slots that were taken by others, or by an owner before us.
    mutating func hold(_ count: Int, until release: Int64) {
        guard count > 0 else { return }
        var index = releases.endIndex
        while index > releases.startIndex, releases[index - 1] > release { index -= 1 }
        if count == 1, index == releases.endIndex {
            releases.append(release)
        } else {
            releases.insert(contentsOf: repeatElement(release, count: count), at: index)
        }
    }

    private static let unprovenInFlight = 3
    /// How much of a delay is caught up: 20 ms, the order of a busy machine's wake-up delay.
    private static let catchUp: Int64 = 20_000_000
}

/// When a call may go.
package enum Opening: Hashable, Sendable {
    case now
    case at(Instant)
    /// When a call now in flight has been answered; no instant is known before.
    case afterAnswer

    /// The later of two, ``afterAnswer`` being the latest.
    static func later(_ left: Opening, _ right: Opening) -> Opening {
        switch (left, right) {
        case (.afterAnswer, _), (_, .afterAnswer): .afterAnswer
        case (.now, let other), (let other, .now): other
        case (.at(let one), .at(let two)): .at(max(one, two))
        }
    }
}
