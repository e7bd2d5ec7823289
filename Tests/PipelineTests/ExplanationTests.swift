import Messages
import Scheduling
import Testing

@testable import Pipeline

/// The words for each state, whole: what people read is what is compared.
@Suite struct ExplanationTests {
    private static let noon = Instant(Timestamp("2026-11-21T12:00:00Z") ?? Timestamp(nanoseconds: 0))
    private static let later = noon + .seconds(30)

    private func explanation(
        _ waiting: Waiting,
        _ change: (inout Explanation) -> Void = { _ in }
    ) -> Explanation {
        var explanation = Explanation(
            command: CommandReference(id: "a-1", source: "/crm", type: "t"),
            provider: "hatif",
            account: "main",
            entity: "hatif/main/c-9",
            target: "conversation",
            own: Explanation.Standing(id: "a-1", waiting: waiting),
            readAt: Timestamp(Self.noon)
        )
        explanation.maxAttempts = 8
        change(&explanation)
        return explanation
    }

    @Test func `a call in flight says when it went out`() {
        let words = explanation(.inFlight(since: Self.later))
        #expect(words.state == .inFlight)
        #expect(words.since == Timestamp(Self.later))
        #expect(
            words.text == "a-1 for hatif/main/c-9 is in flight: its call went out at 2026-11-21T12:00:30Z. "
                + "It was read at 2026-11-21T12:00:00Z."
        )
    }

    @Test func `behind another command it names that one, and what that one waits for`() {
        let words = explanation(.behind(WorkID(index: 1))) { words in
            words.ahead = Explanation.Standing(id: "b-2", waiting: .retry(attempts: 2, at: Self.later))
            words.ahead?.attempts = 2
            words.ahead?.wasCalled = true
            words.ahead?.lastAnswer = 503
        }
        #expect(words.state == .behind)
        #expect(
            words.reason == "waits behind b-2 of the same conversation, which waits for attempt 3 of 8, which goes at "
                + "2026-11-21T12:00:30Z or later; the last answer was 503"
        )
        #expect(words.json["behind"]?.text == "b-2")
    }

    @Test func `the rate limit says which, and when the next call may go`() {
        let limits = [ControlMessage.Limit(requests: 100, per: .seconds(60), scope: "account")]
        let words = explanation(.limit(until: Self.later)) { $0.limits = limits }
        #expect(words.until == Timestamp(Self.later))
        #expect(
            words.reason == "waits for the rate limit (100 per 1m for each account): the next call may go at "
                + "2026-11-21T12:00:30Z"
        )
        #expect(
            explanation(.limit(until: nil)) { $0.limits = limits }.reason
                == "waits for the rate limit (100 per 1m for each account): when the next call may go depends on one in flight"
        )
    }

    @Test(arguments: [
        (Closure.Authority.retryAfter, " and said when to come back (Retry-After)"),
        (.reset, " and said when its window ends"),
        (.ours, " without saying when to come back, so the lane waits a time of its own"),
        (.formerOwner, " to the worker that had the lane before"),
    ])
    func `a 429 says whose word the instant is`(authority: Closure.Authority, said: String) {
        let words = explanation(.throttled(Closure(until: Self.later, authority: authority)))
        #expect(words.state == .throttled)
        #expect(
            words.reason == "waits, as the provider answered 429\(said): nothing goes before 2026-11-21T12:00:30Z"
        )
    }

    @Test func `a closed lane says why, since when, and when it is tried again`() {
        let words = explanation(.breaker(.failures, until: Self.later)) { $0.closedSince = Timestamp(Self.noon) }
        #expect(words.since == Timestamp(Self.noon))
        #expect(
            words.reason == "waits, as hatif/main is closed (failures): the provider fails or cannot be reached, since "
                + "2026-11-21T12:00:00Z; one call tries again at 2026-11-21T12:00:30Z"
        )
        #expect(
            explanation(.breaker(.unauthorized, until: nil)) { $0.closedSince = Timestamp(Self.noon) }.reason
                == "waits, as hatif/main is closed (unauthorized): the provider refuses its credentials, since "
                + "2026-11-21T12:00:00Z; one call is out to try again"
        )
    }

    @Test func `a pause says by whom, since when, until when and why`() {
        let pause = ControlMessage(
            .pause,
            by: "anna",
            why: "provider maintenance",
            at: Timestamp(Self.noon),
            until: Timestamp(Self.later)
        )
        #expect(
            explanation(.paused) { $0.pause = pause }.reason
                == "is held back: paused by anna at 2026-11-21T12:00:00Z until 2026-11-21T12:00:30Z, because: provider maintenance"
        )
        let silent = ControlMessage(.pause, by: "anna", at: Timestamp(Self.noon))
        #expect(
            explanation(.paused) { $0.pause = silent }.reason
                == "is held back: paused by anna at 2026-11-21T12:00:00Z, who gave no reason"
        )
        #expect(explanation(.paused).state == .handover)
        #expect(explanation(.paused).reason == "waits while its partition is handed over to another worker")
    }

    @Test func `a retry says which attempt, when, and how the last one ended`() {
        let words = explanation(.retry(attempts: 1, at: Self.later)) { words in
            words.own.attempts = 1
            words.own.wasCalled = true
            words.deferrals = 2
        }
        #expect(
            words.text
                == "a-1 for hatif/main/c-9 waits for attempt 2 of 8, which goes at 2026-11-21T12:00:30Z or later; "
                + "the last call had no answer. It was read at 2026-11-21T12:00:00Z, failed 1 of 8 attempts, "
                + "was deferred 2 times."
        )
    }

    @Test func `queued by the provider says when it is asked again`() {
        #expect(
            explanation(.queuedByProvider(until: Self.later)).reason
                == "was queued by the provider (449), which is asked again at 2026-11-21T12:00:30Z"
        )
    }

    @Test func `what waits for its turn says so, unless the worker may not call at all`() {
        #expect(explanation(.turn).reason == "waits for its turn among the account's other commands")
        #expect(
            explanation(.concurrency) { $0.concurrency = 16 }.reason
                == "waits for one of the account's 16 calls in flight to end"
        )
        for waiting in [Waiting.turn, .concurrency, .limit(until: Self.later)] {
            let words = explanation(waiting) { $0.holdsLease = false }
            #expect(words.state == .lease)
            #expect(words.until == nil)
            #expect(
                words.reason == "waits for Kafka: the worker calls nothing until one of its commits succeeds again"
            )
        }
    }
}
