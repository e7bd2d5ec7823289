package import Messages
package import Scheduling

/// Says in words what a command waits for in the lane that has it, and since when.
///
/// Pure: what it says depends on its values alone. The admin server and `bulkhead explain` both show these words.
package struct Explanation: Hashable, Sendable {
    /// How one piece of work stands.
    package struct Standing: Hashable, Sendable {
        package var id: String
        package var waiting: Waiting
        /// Attempts that failed.
        package var attempts = 0
        /// The HTTP status of its last call; `nil` when that had no answer, or there was none.
        package var lastAnswer: Int?
        /// Whether a call was made for it.
        package var wasCalled = false

        package init(id: String, waiting: Waiting) {
            self.id = id
            self.waiting = waiting
        }
    }

    package var command: CommandReference
    package var provider: String
    package var account: String
    package var entity: String
    /// What its entity is: a conversation or a contact.
    package var target: String
    package var own: Standing
    /// The command of the entity whose turn it is, when this one waits behind it.
    package var ahead: Standing?
    /// When the worker read it.
    package var readAt: Timestamp
    package var deferrals = 0
    package var maxAttempts = 1
    /// The account's limits in force.
    package var limits: [ControlMessage.Limit] = []
    package var concurrency = 1
    /// Since when the breaker is open.
    package var closedSince: Timestamp?
    package var pause: ControlMessage?
    /// The worker may call: it has committed lately.
    package var holdsLease = true

    package init(
        command: CommandReference,
        provider: String,
        account: String,
        entity: String,
        target: String,
        own: Standing,
        readAt: Timestamp
    ) {
        self.command = command
        self.provider = provider
        self.account = account
        self.entity = entity
        self.target = target
        self.own = own
        self.readAt = readAt
    }

    /// What a command waits for, as machines tell it apart.
    package enum State: String, Hashable, Sendable, CaseIterable {
        case inFlight = "in_flight"
        case behind, retry, queued, resting, limit, throttled, breaker, paused
        /// The partition is on its way to another worker.
        case handover
        /// The worker cannot commit and therefore may not call.
        case lease
        case concurrency, turn
    }

    package var state: State { state(of: own) }

    private func state(of standing: Standing) -> State {
        switch standing.waiting {
        case .inFlight: .inFlight
        case .behind: .behind
        case .retry: .retry
        case .queuedByProvider: .queued
        case .resting: .resting
        case .limit: holdsLease ? .limit : .lease
        case .throttled: .throttled
        case .breaker: .breaker
        case .paused: pause == nil ? .handover : .paused
        case .concurrency: holdsLease ? .concurrency : .lease
        case .turn: holdsLease ? .turn : .lease
        }
    }

    /// Since when it waits for just this, where that is known.
    package var since: Timestamp? {
        switch state {
        case .inFlight: if case .inFlight(let since) = own.waiting { Timestamp(since) } else { nil }
        case .breaker: closedSince
        case .paused: pause?.pausing?.at
        default: nil
        }
    }

    /// Until when at least, where that is known.
    package var until: Timestamp? {
        switch own.waiting {
        case .retry(_, let at), .queuedByProvider(let at), .resting(let at): Timestamp(at)
        case .limit(let until): holdsLease ? until.map(Timestamp.init) : nil
        case .throttled(let closure): Timestamp(closure.until)
        case .breaker(_, let until): until.map(Timestamp.init)
        case .paused: pause?.until
        case .inFlight, .behind, .concurrency, .turn: nil
        }
    }

    /// A sentence without its subject, as "waits for …".
    package var reason: String { reason(of: own) }

    /// Everything in one line.
    package var text: String {
        "\(command.id) for \(entity) \(reason). It was read at \(readAt.words)\(history)."
    }

    private var history: String {
        var parts: [String] = []
        if own.attempts > 0 { parts.append("failed \(own.attempts) of \(maxAttempts) attempts") }
        if deferrals > 0 { parts.append("was deferred \(deferrals == 1 ? "once" : "\(deferrals) times")") }
        return parts.map { ", \($0)" }.joined()
    }

    private func reason(of standing: Standing) -> String {
        switch standing.waiting {
        case .inFlight(let since):
            return "is in flight: its call went out at \(Timestamp(since).words)"
        case .behind:
            guard let ahead else { return "waits behind another command of the same \(target)" }
            return "waits behind \(ahead.id) of the same \(target), which \(reason(of: ahead))"
        case .retry(_, let at):
            return "waits for attempt \(standing.attempts + 1) of \(maxAttempts), which goes at \(Timestamp(at).words) "
                + "or later; \(lastAnswer(standing))"
        case .queuedByProvider(let until):
            return "was queued by the provider (449), which is asked again at \(Timestamp(until).words)"
        case .resting(let until):
            return "waits, as the \(target) was just created, which is left alone until \(Timestamp(until).words)"
        case .throttled(let closure):
            return "waits, as the provider answered 429\(Self.words(closure.authority)): nothing goes before "
                + "\(Timestamp(closure.until).words)"
        case .breaker(let reason, let until):
            return "waits, as \(account(reason)), \(closedSince.map { "since \($0.words)" } ?? "just now"); "
                + (until.map { "one call tries again at \(Timestamp($0).words)" } ?? "one call is out to try again")
        case .paused:
            guard let pause else { return "waits while its partition is handed over to another worker" }
            guard let act = pause.pausing else { return "is held back: paused, nobody noted by whom" }
            return "is held back: paused by \(act.by) at \(act.at.words)"
                + (pause.until.map { " until \($0.words)" } ?? "")
                + (act.why.map { ", because: \($0)" } ?? ", who gave no reason")
        case .limit, .concurrency, .turn:
            guard holdsLease else {
                return "waits for Kafka: the worker calls nothing until one of its commits succeeds again"
            }
            return ownTurn(standing.waiting)
        }
    }

    /// What is waited for while everything works.
    private func ownTurn(_ waiting: Waiting) -> String {
        switch waiting {
        case .limit(let until?): "waits for the rate limit\(inForce): the next call may go at \(Timestamp(until).words)"
        case .limit(nil): "waits for the rate limit\(inForce): when the next call may go depends on one in flight"
        case .concurrency:
            "waits for one of the account's \(concurrency == 1 ? "only call" : "\(concurrency) calls") in flight to end"
        default: "waits for its turn among the account's other commands"
        }
    }

    private func lastAnswer(_ standing: Standing) -> String {
        guard standing.wasCalled else { return "no call could be made" }
        return standing.lastAnswer.map { "the last answer was \($0)" } ?? "the last call had no answer"
    }

    private var inForce: String { limits.isEmpty ? "" : " (\(limits.map(\.text).joined(separator: ", ")))" }

    private static func words(_ authority: Closure.Authority) -> String {
        switch authority {
        case .retryAfter: " and said when to come back (Retry-After)"
        case .reset: " and said when its window ends"
        case .ours: " without saying when to come back, so the lane waits a time of its own"
        case .formerOwner: " to the worker that had the lane before"
        }
    }

    private func account(_ reason: Breaker.Reason) -> String {
        switch reason {
        case .failures: "\(provider)/\(account) is closed (failures): the provider fails or cannot be reached"
        case .unauthorized: "\(provider)/\(account) is closed (unauthorized): the provider refuses its credentials"
        case .deadLetterBudget:
            "\(provider)/\(account) is closed (dead_letter_budget): more would go to the dead letters than successes"
                + " have earned"
        }
    }

    package var json: JSON {
        func time(_ time: Timestamp?) -> JSON { .optional(time?.description) }
        return .object([
            .init("id", .string(command.id)), .init("source", .optional(command.source)),
            .init("type", .optional(command.type)), .init("provider", .string(provider)),
            .init("account", .string(account)), .init("entity", .string(entity)),
            .init("state", .string(state.rawValue)), .init("since", time(since)), .init("until", time(until)),
            .init("behind", .optional(ahead?.id)), .init("readAt", time(readAt)),
            .init("attempts", .integer(Int64(own.attempts))), .init("maxAttempts", .integer(Int64(maxAttempts))),
            .init("deferrals", .integer(Int64(deferrals))), .init("reason", .string(reason)),
            .init("text", .string(text)),
        ])
    }
}

extension ControlMessage.Limit {
    /// `100 per 60s for each account`.
    package var text: String {
        "\(requests) per \(per.messageText)" + (burst.map { ", \($0) at once," } ?? "") + " for each \(scope)"
    }
}

extension Timestamp {
    /// For people, to whom nanoseconds say nothing.
    package var words: String { Timestamp(milliseconds: milliseconds).description }
}
