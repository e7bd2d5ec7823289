package import Messages
internal import ProviderKit
internal import Scheduling

extension LaneService {
    /// How every account of this member's lane stands, for screens and tools.
    package func status() -> [MemberStatus.Lane] {
        accounts.values.sorted { $0.entry.name < $1.entry.name }.map(status)
    }

    private func status(_ account: AccountRuntime) -> MemberStatus.Lane {
        let instant = now
        var lane = MemberStatus.Lane(
            provider: provider.name,
            account: account.entry.name,
            partition: account.partition,
            state: .open
        )
        lane.live = account.lane.backlog.live
        lane.bulk = account.lane.backlog.bulk
        lane.inFlight = account.lane.inFlight
        lane.oldestMilliseconds = account.oldest(now: instant)
        let limits = account.lane.budget.limitsInForce()
        lane.limits = limits.map { limit in
            ControlMessage.Limit(
                requests: limit.effective,
                per: limit.configured.per,
                burst: limit.configured.burst,
                scope: limit.configured.scope.rawValue
            )
        }
        lane.utilization =
            limits.filter { $0.configured.scope == .account }
            .map { min(1, Double($0.used) / Double(max(1, $0.effective))) }.max() ?? 0
        if let pause = account.pause {
            lane.state = .paused
            lane.reason = "paused by \(pause.by)" + (pause.why.map { ": \($0)" } ?? "")
            lane.since = pause.at
        } else if !account.lane.breaker.isClosed {
            lane.state = .closed
            lane.reason = account.lane.breaker.reason?.rawValue
            lane.since = account.lane.breaker.since.map(Timestamp.init)
        } else if let until = account.lane.budget.accountClosedUntil(now: instant) {
            lane.state = .limited
            lane.reason = "throttled until \(Timestamp(until))"
        } else if !account.lane.isIdle, account.wake != nil {
            lane.state = .limited
        }
        return lane
    }

    /// What a command waits for, in words; `nil` when this member does not have it.
    package func explain(_ id: String) -> String? {
        for account in accounts.values {
            guard let (id, work) = account.find(id) else { continue }
            let tally = account.lane.tally(id)
            let waiting = account.lane.waiting(id, now: now)
            return Explanation(
                command: work.reference,
                entity: work.headers.entity,
                waiting: waiting,
                behind: { account[$0]?.reference.id },
                attempts: tally.attempts,
                maxAttempts: account.entry.lane.retry.maxAttempts,
                deferrals: tally.deferrals,
                pause: account.pause,
                since: Timestamp(work.accepted),
                lastAnswer: work.lastDetail.status
            ).text
        }
        return nil
    }
}

/// Says why a command waits.
struct Explanation {
    var command: CommandReference
    var entity: String
    var waiting: Waiting
    /// The id of another command of the lane.
    var behind: (WorkID) -> String?
    var attempts: Int
    var maxAttempts: Int
    var deferrals: Int
    var pause: ControlMessage?
    var since: Timestamp
    var lastAnswer: Int?

    var text: String { "\(command.id) for \(entity): \(reason), read at \(since), deferred \(deferrals) times" }

    private var reason: String {
        switch waiting {
        case .inFlight: "the call is in flight"
        case .behind(let other): "waits behind \(behind(other) ?? "another command") of the same conversation"
        case .retry(_, let at):
            "waits for attempt \(attempts + 1) of \(maxAttempts) at \(Timestamp(at))"
                + (lastAnswer.map { ", the last answer was \($0)" } ?? ", the last call had no answer")
        case .resting(let until): "the contact was just created, left alone until \(Timestamp(until))"
        case .queuedByProvider(let until): "the provider has queued it (449), asked again at \(Timestamp(until))"
        case .limit(let until?): "waits for the rate limit until \(Timestamp(until))"
        case .limit(nil): "waits for the rate limit, which depends on a call in flight"
        case .throttled(let until): "the provider said 429, closed until \(Timestamp(until))"
        case .breaker(let reason, let until):
            "the lane is closed (\(reason.rawValue))"
                + (until.map { ", one call tries again at \(Timestamp($0))" } ?? "")
        case .paused:
            pause.map { "paused by \($0.by)" + ($0.why.map { ": \($0)" } ?? "") + " at \($0.at)" }
                ?? "the lane is being handed over"
        case .concurrency: "waits for one of the calls in flight to end"
        case .turn: "others of the account have their turn first"
        }
    }
}
