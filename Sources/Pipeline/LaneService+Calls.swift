internal import HeapModule
internal import Logging
internal import Messages
internal import ProviderKit
internal import Scheduling

extension LaneService {
    /// Does what the account's lane wants now, and sets the alarm for when it wants to be asked again.
    func pump(_ account: AccountRuntime) {
        // Without a lease nothing can be sent; the commit that renews it asks again.
        guard partitions[account.partition]?.epoch == account.epoch,
            ownership.mayWrite(account.partition, epoch: account.epoch)
        else { return }
        while true {
            switch account.lane.next(now: now) {
            case .send(let id): order(id, account)
            case .conclude(let id, let conclusion): end(id, conclusion, account)
            case .wait(let until):
                account.wake = until
                if let until {
                    wakes.insert(Wake(at: until, account: account.entry.name, epoch: account.epoch))
                    alarm.set(wakes.min?.at ?? until)
                }
                return
            }
        }
    }

    /// Asks the accounts again whose time has come.
    func ring() async {
        for await _ in alarm.rings {
            let instant = now
            while let wake = wakes.min, wake.at <= instant {
                wakes.removeMin()
                guard let account = accounts[wake.account], account.epoch == wake.epoch, account.wake == wake.at else {
                    continue
                }
                account.wake = nil
                if account.pause?.until != nil { obey(account) }
                pump(account)
            }
            if let next = wakes.min { alarm.set(next.at) }
        }
    }

    /// Runs calls, each in a task of its own, until no more are ordered.
    func makeCalls() async {
        await withDiscardingTaskGroup { group in
            for await call in calls {
                group.addTask {
                    let report = await call.perform(self.context.transport, self.ownership, self.context.clock)
                    await self.finish(call, report)
                }
            }
        }
    }

    private func order(_ id: WorkID, _ account: AccountRuntime) {
        guard let command = account[id] else { return }
        let request: ProviderRequest
        do throws(EncodingFailure) {
            request = try account.entry.adapter.request(for: command.operation, command.step)
        } catch {
            // Every step's request was written once before the step came up.
            logger.error("Request cannot be written", metadata: ["step": .string(command.step.rawValue)])
            _ = account.lane.settle(id, .withdrawn, now: now, random: 0)
            return
        }
        inFlight += 1
        callOrders.yield(
            Call(
                account: account.entry.name,
                id: id,
                partition: account.partition,
                epoch: account.epoch,
                operation: command.operation,
                step: command.step,
                request: request,
                adapter: account.entry.adapter,
                credentials: account.credentials,
                timeout: provider.timeout,
                traceparent: command.command.traceparent,
                tracestate: command.command.tracestate
            )
        )
    }

    private func end(_ id: WorkID, _ conclusion: Conclusion, _ account: AccountRuntime) {
        var winner: CommandReference?
        let disposition: Disposition
        switch conclusion {
        case .stale: disposition = .stale
        case .expired: disposition = .expired
        case .superseded(let by):
            disposition = .superseded
            winner = account[by]?.command.reference
        }
        guard let command = account.remove(id) else { return }
        conclude(command, disposition, account, tally: account.lane.lastTally, supersededBy: winner)
    }

    /// Takes in how a call ended.
    private func finish(_ call: Call, _ report: CallReport) {
        inFlight -= 1
        defer { signalIfIdle() }
        metrics.called(report)
        lastProgress = .now
        guard let account = accounts[call.account], account.epoch == call.epoch else { return }
        let word: ProviderWord
        switch report.end {
        case .answered(_, let signals), .tokenRefused(_, _, _, let signals): word = ProviderWord(signals)
        default: word = .silent
        }
        var ending: Disposition?
        let result = account.update(call.id) { command -> CallResult in
            command.busy += report.started.duration(to: report.finished)
            if case .withdrawn = report.end {} else { command.firstCall = command.firstCall ?? report.started }
            return self.read(report, word, &command, account, &ending)
        }
        guard let result else { return }
        let tally = account.lane.tally(call.id)
        let failures = { if case .failed = result { 1 } else { 0 } }()
        switch account.lane.settle(call.id, result, now: now, random: Double.random(in: 0..<1, using: &random)) {
        case .continues: break
        case .over, .exhausted:
            if let command = account.remove(call.id) {
                // The call that ended the command is an attempt, too, where the provider processed it.
                let attempts = tally.attempts + (ending == nil ? failures : 1)
                conclude(command, ending ?? .exhausted, account, tally: (attempts, tally.deferrals))
            }
        }
        pump(account)
    }

    /// What the report means for the lane; `ending` is set when the command is over.
    private func read(
        _ report: CallReport,
        _ word: ProviderWord,
        _ command: inout LaneCommand,
        _ account: AccountRuntime,
        _ ending: inout Disposition?
    ) -> CallResult {
        switch report.end {
        case .withdrawn:
            return .withdrawn
        case .noToken(.refused(let detail)):
            command.lastDetail = detail
            return .unauthorized
        case .noToken(.unavailable(let detail)):
            command.lastDetail = detail
            return .unreachable
        case .tokenRefused(let detail, let generation, let isRenewable, _):
            command.lastDetail = detail
            if isRenewable, command.refusedGeneration == nil || command.refusedGeneration == generation {
                command.refusedGeneration = generation
                return .reauthorize
            }
            command.refusedGeneration = nil
            return .unauthorized
        case .broken(let failure):
            command.lastDetail = ResponseDetail(message: "\(failure.kind.rawValue): \(failure.reason)")
            guard failure.inDoubt else { return .unreachable }
            return retry(isInDoubt: command.step == .act || command.step == .open, word, &command, account)
        case .answered(let answer, _):
            command.refusedGeneration = nil
            switch LaneVerdict(answer, to: &command) {
            case .end(let disposition):
                ending = disposition
                return .finished(
                    success: disposition.topic == .results,
                    charged: account.entry.charged.contains(disposition),
                    word
                )
            case .proceed:
                let isCommitted = command.step == .act
                command.stepIndex += 1
                guard let key = try? budgetKey(account, command.operation, command.step) else {
                    return .failed(RateBudget.Key(endpoint: 0, path: 0), word)
                }
                return .proceed(key, isCommitted: isCommitted, word)
            case .failed(let isInDoubt): return retry(isInDoubt: isInDoubt, word, &command, account)
            case .throttled: return .throttled(word)
            case .queued: return .queued(word)
            case .unauthorized: return .unauthorized
            }
        }
    }

    /// Begins the command's steps anew, with a look first when it may have been done already.
    private func retry(
        isInDoubt: Bool,
        _ word: ProviderWord,
        _ command: inout LaneCommand,
        _ account: AccountRuntime
    ) -> CallResult {
        command.firstFailure = command.firstFailure ?? now
        let adapter = account.entry.adapter
        command.isInDoubt = command.isInDoubt || isInDoubt
        let looks = command.isInDoubt && account.entry.reconciles && adapter.canRead
        command.steps = adapter.steps(for: command.operation, check: looks || command.command.expect != .absent)
        command.stepIndex = 0
        guard let key = try? budgetKey(account, command.operation, command.step) else {
            return .failed(RateBudget.Key(endpoint: 0, path: 0), word)
        }
        return .failed(key, word)
    }
}
