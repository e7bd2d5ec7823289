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
        guard let work = account[id] else { return }
        let decision = order(for: work.task.campaign)
        if decision != .run, work.task.mayStop {
            _ = account.lane.settle(id, .withdrawn, now: now, random: 0)
            if account.lane.withdraw(id), let work = account.remove(id) {
                stop(work, decision, account, tally: account.lane.lastTally)
            }
            return
        }
        let question = work.task.question
        let request: ProviderRequest
        do throws(EncodingFailure) {
            request = try question.request(account.entry.adapter)
        } catch {
            // Every question's request was written once before its turn came.
            logger.error("Request cannot be written", metadata: ["step": .string(question.name)])
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
                question: question,
                request: request,
                adapter: account.entry.adapter,
                credentials: account.credentials,
                timeout: provider.timeout,
                traceparent: work.task.event.traceparent,
                tracestate: work.task.event.tracestate
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
            winner = account[by]?.reference
        }
        guard let work = account.remove(id) else { return }
        conclude(work, disposition, account, tally: account.lane.lastTally, supersededBy: winner)
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
        let result = account.update(call.id) { work -> CallResult in
            work.busy += report.started.duration(to: report.finished)
            if case .withdrawn = report.end {} else { work.firstCall = work.firstCall ?? report.started }
            return self.read(report, word, &work, account, &ending)
        }
        guard let result else { return }
        let tally = account.lane.tally(call.id)
        let failures = { if case .failed = result { 1 } else { 0 } }()
        switch account.lane.settle(call.id, result, now: now, random: Double.random(in: 0..<1, using: &random)) {
        case .continues: break
        case .over, .exhausted:
            if let work = account.remove(call.id) {
                // The call that ended the work is an attempt, too, where the provider processed it.
                let attempts = tally.attempts + (ending == nil ? failures : 1)
                finish(work, ending, account, tally: (attempts, tally.deferrals))
            }
        }
        pump(account)
    }

    /// Ends work after its last call, or lets its other parts go on.
    ///
    /// - Parameter ending: `nil` when the last attempt failed.
    private func finish(
        _ work: LaneWork,
        _ ending: Disposition?,
        _ account: AccountRuntime,
        tally: (attempts: Int, deferrals: Int)
    ) {
        switch work.task {
        case .campaign(let task) where ending == .applied:
            expand(task, work, account)
        case .contacts(var task) where ending == nil:
            task.give(
                up: ContactsTask.End(disposition: .exhausted, detail: work.lastDetail, reason: work.lastReason)
            )
            var work = work
            work.task = .contacts(task)
            if task.isOver || !enqueue(work, account) { conclude(work, .exhausted, account, tally: tally) }
        default:
            if case .contacts(let task) = work.task, let rest = task.restAfterCreate, ending != nil {
                account.lane.rest(Self.entity(of: work), until: now + rest)
            }
            conclude(work, ending ?? .exhausted, account, tally: tally)
        }
    }

    /// What the report means for the lane; `ending` is set when the work is over.
    private func read(
        _ report: CallReport,
        _ word: ProviderWord,
        _ work: inout LaneWork,
        _ account: AccountRuntime,
        _ ending: inout Disposition?
    ) -> CallResult {
        switch report.end {
        case .withdrawn:
            return .withdrawn
        case .noToken(.refused(let detail)):
            work.lastDetail = detail
            return .unauthorized
        case .noToken(.unavailable(let detail)):
            work.lastDetail = detail
            return .unreachable
        case .tokenRefused(let detail, let generation, let isRenewable, _):
            work.lastDetail = detail
            if isRenewable, work.refusedGeneration == nil || work.refusedGeneration == generation {
                work.refusedGeneration = generation
                return .reauthorize
            }
            work.refusedGeneration = nil
            return .unauthorized
        case .broken(let failure):
            work.lastDetail = ResponseDetail(message: "\(failure.kind.rawValue): \(failure.reason)")
            guard failure.inDoubt else { return .unreachable }
            return retry(isInDoubt: work.task.isChanging, word, &work, account)
        case .answered(let reply, _):
            work.refusedGeneration = nil
            switch LaneVerdict(reply, to: &work) {
            case .end(let disposition):
                ending = disposition
                return .finished(
                    success: work.task.succeeds(as: disposition),
                    charged: account.entry.charged.contains(disposition),
                    word
                )
            case .proceed:
                let isCommitted = work.task.isCommitted
                if case .command(var task) = work.task {
                    task.advance()
                    work.task = .command(task)
                }
                guard let key = try? budgetKey(account, work.task.question) else {
                    return .failed(RateBudget.Key(endpoint: 0, path: 0), word)
                }
                return .proceed(key, isCommitted: isCommitted, word)
            case .failed(let isInDoubt): return retry(isInDoubt: isInDoubt, word, &work, account)
            case .throttled: return .throttled(word)
            case .queued: return .queued(word)
            case .unauthorized: return .unauthorized
            }
        }
    }

    /// Begins the work's steps anew, with a look first when they may have been done already.
    private func retry(
        isInDoubt: Bool,
        _ word: ProviderWord,
        _ work: inout LaneWork,
        _ account: AccountRuntime
    ) -> CallResult {
        work.firstFailure = work.firstFailure ?? now
        work.isInDoubt = work.isInDoubt || isInDoubt
        let adapter = account.entry.adapter
        var look: Instant?
        switch work.task {
        case .command(var task):
            task.restart(adapter, check: work.isInDoubt && account.entry.reconciles && adapter.canRead)
            work.task = .command(task)
        case .contacts(var task):
            guard isInDoubt else { break }
            task.lookUp()
            work.task = .contacts(task)
            // What was taken in may not be there to be read yet.
            look = now + task.importer.delayBeforeLookup
        case .campaign: break
        }
        guard let key = try? budgetKey(account, work.task.question) else {
            return .failed(RateBudget.Key(endpoint: 0, path: 0), word)
        }
        return .failed(
            key,
            word,
            notBefore: look,
            isOwnFault: work.lastDetail.code == AdapterCode.notApplied
        )
    }
}
