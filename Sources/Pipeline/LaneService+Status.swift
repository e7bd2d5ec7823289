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
        lane.limits = limitsInForce(account)
        lane.limitsReason = limitsReason(account, limits)
        lane.utilization =
            limits.filter { $0.configured.scope == .account }
            .map { min(1, Double($0.used) / Double(max(1, $0.effective))) }.max() ?? 0
        if let pause = account.pause {
            lane.state = .paused
            lane.reason = pause.pausing.map { "paused by \($0.by)" + ($0.why.map { ": \($0)" } ?? "") }
            lane.since = pause.pausing?.at
        } else if !account.lane.breaker.isClosed {
            lane.state = .closed
            lane.reason = account.lane.breaker.reason?.rawValue
            lane.since = account.lane.breaker.since.map(Timestamp.init)
        } else if let until = account.lane.budget.accountClosedUntil(now: instant) {
            lane.state = .limited
            lane.reason = "throttled until \(Timestamp(until).words)"
        } else if !account.lane.isIdle, account.wake != nil {
            lane.state = .limited
        }
        return lane
    }

    /// What a command waits for; empty when this member does not have it.
    ///
    /// - Parameter source: tells commands of one id apart; `nil` takes them all.
    package func explain(_ id: String, source: String?) -> [Explanation] {
        accounts.values.sorted { $0.entry.name < $1.entry.name }.flatMap { account in
            account.find(id).filter { source == nil || $0.1.reference.source == source }
                .map { explanation(account, $0, $1) }
        }
    }

    private func explanation(_ account: AccountRuntime, _ work: WorkID, _ command: LaneWork) -> Explanation {
        let instant = now
        func standing(_ work: WorkID, _ command: LaneWork) -> Explanation.Standing {
            var standing = Explanation.Standing(
                id: command.reference.id,
                waiting: account.lane.waiting(work, now: instant)
            )
            standing.attempts = account.lane.tally(work).attempts
            standing.lastAnswer = command.lastDetail.status
            standing.wasCalled = command.firstCall != nil
            return standing
        }
        let own = standing(work, command)
        var explanation = Explanation(
            command: command.reference,
            provider: provider.name,
            account: account.entry.name,
            entity: command.headers.entity,
            target: command.task.targetKind,
            own: own,
            readAt: Timestamp(command.accepted)
        )
        if case .behind(let other) = own.waiting { explanation.ahead = account[other].map { standing(other, $0) } }
        explanation.deferrals = account.lane.tally(work).deferrals
        explanation.maxAttempts = account.entry.lane.retry.maxAttempts
        explanation.limits = limitsInForce(account)
        explanation.concurrency = account.lane.concurrencyInForce
        explanation.closedSince = account.lane.breaker.since.map(Timestamp.init)
        explanation.pause = account.pause
        explanation.holdsLease = ownership.mayWrite(account.partition, epoch: account.epoch)
        return explanation
    }

    /// Why the limits in force are not those of the settings: somebody ordered others, or the provider grants less.
    private func limitsReason(_ account: AccountRuntime, _ limits: [LimitInForce]) -> String? {
        var reasons: [String] = []
        let rule = context.control.rule(provider: provider.name, account: account.entry.name, at: Timestamp(now))
        if let order = rule.limitOrder {
            let by = order.limiting.map { " by \($0.by)" + ($0.why.map { ": \($0)" } ?? "") } ?? ""
            reasons.append("ordered\(by)")
        }
        let lowered = limits.filter { $0.effective < $0.configured.requests }
        if !lowered.isEmpty {
            let from = lowered.map { "\($0.configured.requests) per \($0.configured.per.messageText)" }
            reasons.append("lowered by the provider from \(from.joined(separator: ", "))")
        }
        return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    }

    private func limitsInForce(_ account: AccountRuntime) -> [ControlMessage.Limit] {
        account.lane.budget.limitsInForce().map { limit in
            ControlMessage.Limit(
                requests: limit.effective,
                per: limit.configured.per,
                burst: limit.configured.burst,
                scope: limit.configured.scope.rawValue
            )
        }
    }
}

extension LaneTask {
    /// What it acts on, in words.
    fileprivate var targetKind: String {
        switch self {
        case .command(let task):
            switch task.command.target {
            case .conversation: "conversation"
            case .contact: "contact"
            }
        case .contacts: "contact"
        case .campaign: "campaign"
        }
    }
}
