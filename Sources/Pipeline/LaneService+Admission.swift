internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling

extension LaneService {
    /// Takes in records of the lane's topics.
    func admit(_ records: RecordBlock) {
        var touched: Set<String> = []
        for record in records {
            let kind: Work.Class = record.topic == liveTopic ? .live : .bulk
            guard var side = partitions[record.partition]?[kind] else { continue }
            let isWork = side.ledger.read(record.offset)
            if isWork { side.bytes += record.weight }
            partitions[record.partition]?[kind] = side
            guard isWork, let epoch = partitions[record.partition]?.epoch else { continue }
            let source = RecordSource(class: kind, partition: record.partition, offset: record.offset)
            if let account = admit(record, source, epoch) { touched.insert(account) }
        }
        for name in touched {
            if let account = accounts[name] { pump(account) }
        }
    }

    /// Takes in replays that have waited until it was known what succeeded before.
    func admitAgain(_ records: [KafkaRecord], _ epoch: Int) {
        var touched: Set<String> = []
        for record in records {
            let kind: Work.Class = record.topic == liveTopic ? .live : .bulk
            let source = RecordSource(class: kind, partition: record.partition, offset: record.offset)
            if let account = admit(record, source, epoch) { touched.insert(account) }
        }
        for name in touched {
            if let account = accounts[name] { pump(account) }
        }
    }

    /// - Returns: the account that has new work.
    private func admit(_ record: KafkaRecord, _ source: RecordSource, _ epoch: Int) -> String? {
        let headers = LaneHeaders(record.headers)
        let message: InboundMessage
        do throws(Rejection) {
            message = try InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.timestamp(headers)
            )
        } catch {
            reject(record, headers, source, epoch, error)
            return nil
        }
        guard let headers, let task = task(of: message) else {
            reject(
                record,
                headers,
                source,
                epoch,
                Rejection("headers", found: "a record that intake did not write", allowed: "records of intake only")
            )
            return nil
        }
        var runs: [Int] = []
        for (index, member) in task.members.enumerated() {
            switch claim(member, index, task, headers, record, source) {
            case .run: runs.append(index)
            case .drop: break
            // The record as a whole comes again when it is known.
            case .wait: return nil
            }
        }
        let claimed = runs.map { headers.hash(of: task.members[$0]) }
        guard !claimed.isEmpty else {
            let others = task.members.map { headers.hash(of: $0) }
            done(OpenCommands.Repeat(source: source, weight: record.weight, commands: others), [])
            return nil
        }
        for command in claimed { partitions[record.partition]?.open.open(command) }
        guard let account = accounts[task.account] else {
            let entry = provider.accounts[task.account]
            if let home = entry?.partition(of: partitionCount), home != record.partition {
                forward(record, to: home, source, epoch, claimed)
            } else {
                let allowed = "an account of the settings"
                reject(
                    record,
                    headers,
                    source,
                    epoch,
                    Rejection("data.account", found: "an account this lane does not have", allowed: allowed),
                    claimed
                )
            }
            return nil
        }
        return enqueue(task, runs, headers, record, source, account) ? task.account : nil
    }

    /// What a lane record may ask for, before an account has looked at it.
    private enum Inbound {
        case command(Command)
        case contacts(ContactBatch)
        case campaign(CampaignCommand)

        var account: String {
            switch self {
            case .command(let command): command.account
            case .contacts(let batch): batch.account
            case .campaign(let command): command.account
            }
        }

        /// All that have an outcome of their own.
        var members: [CommandReference] {
            switch self {
            case .command(let command): [command.reference]
            case .contacts(let batch): batch.members.map(batch.reference)
            case .campaign(let command): [command.reference]
            }
        }
    }

    private func task(of message: InboundMessage) -> Inbound? {
        switch message {
        case .command(let command): .command(command)
        case .contactsBatch(let batch): .contacts(batch)
        case .campaign(let command): .campaign(command)
        case .contactsImport: nil
        }
    }

    private enum Claim { case run, drop, wait }

    /// Decides whether a command, or a card, is to be done, and remembers it.
    private func claim(
        _ member: CommandReference,
        _ index: Int,
        _ task: Inbound,
        _ headers: LaneHeaders,
        _ record: KafkaRecord,
        _ source: RecordSource
    ) -> Claim {
        if headers.replays > 0,
            let verdict = partitions[record.partition]?.replays.judge(ReplayGuard.hash(member), record)
        {
            switch verdict {
            case .run: break
            case .drop:
                metrics.duplicate()
                return .drop
            case .wait(let isFirst):
                if isFirst { successOrders.yield() }
                return .wait
            }
        }
        let hash = headers.hash(of: member)
        guard partitions[record.partition]?.memory.insert(hash) ?? false else {
            metrics.duplicate()
            if partitions[record.partition]?.recovered.removeValue(forKey: hash) == true, source.class == .live,
                case .command(let command) = task
            {
                accounts[command.account]?.lane.fence.note(Self.hash(headers.entity), time: Instant(command.time))
            }
            return .drop
        }
        return .run
    }

    /// Sends a record on to the partition where its account's work is now, after the settings have moved it.
    private func forward(
        _ record: KafkaRecord,
        to home: Int32,
        _ source: RecordSource,
        _ epoch: Int,
        _ commands: [UInt128]
    ) {
        let moved = ProducerRecord(
            topic: record.topic,
            partition: home,
            key: record.key,
            value: record.value,
            headers: record.headers,
            timestamp: record.timestamp >= 0 ? record.timestamp : nil
        )
        var publication = Outbox.Publication(source: source, epoch: epoch, weight: record.weight, commands: commands)
        publication.outcomes = [moved]
        outbox.append(publication)
    }

    /// Gives an account its work.
    ///
    /// - Returns: `false` when it was over at once.
    private func enqueue(
        _ inbound: Inbound,
        _ runs: [Int],
        _ headers: LaneHeaders,
        _ record: KafkaRecord,
        _ source: RecordSource,
        _ account: AccountRuntime
    ) -> Bool {
        let adapter = account.entry.adapter
        let mayBeSent = account.takesCheck(Self.hash(headers.entity))
        let task: LaneTask
        var isDryRun = false
        switch inbound {
        case .command(let command):
            let member = command.campaign == nil ? nil : MemberHeader(record.headers)
            isDryRun = member?.isDryRun ?? false
            if let member, let flow = command.campaign.map({ Self.flow(ofCampaign: $0) }) {
                account.lane.limitFlow(flow, to: member.maxRate, now: now)
            }
            // A campaign has to know who had a conversation, or it could not be undone.
            let looks = (mayBeSent && account.entry.reconciles) || member.map { $0.previous == .none } ?? false
            let previous = member?.previous ?? .none
            task = .command(CommandTask(command, adapter, check: looks && adapter.canRead, previous: previous))
        case .contacts(let batch):
            guard let importer = adapter as? any ContactImporting else {
                let allowed = "a provider that takes contacts"
                let found = "contacts, for a provider that takes none"
                reject(
                    record,
                    headers,
                    source,
                    account.epoch,
                    Rejection("data.provider", found: found, allowed: allowed),
                    batch.members.map { headers.hash(of: batch.reference(of: $0)) }
                )
                return false
            }
            let others = Set(batch.members.indices).subtracting(runs)
            task = .contacts(ContactsTask(batch, importer, without: others, isInDoubt: mayBeSent))
        case .campaign(let command):
            return begin(command, headers, record, source, account)
        }
        let work = LaneWork(
            task,
            headers: headers,
            record: record,
            source: source,
            isInDoubt: mayBeSent && account.entry.reconciles && adapter.canRead,
            accepted: now
        )
        guard !task.isOver else {
            conclude(work, .exhausted, account, tally: (0, 0))
            return false
        }
        let order = order(for: task.campaign)
        guard order == .run else {
            stop(work, order, account, tally: (0, 0))
            return false
        }
        guard !isDryRun else {
            conclude(work, .simulated, account, tally: (0, 0))
            return false
        }
        return enqueue(work, account)
    }

    /// Puts work in line behind what its entity has waiting.
    ///
    /// - Returns: `false` when its request cannot be written, which ended it.
    func enqueue(_ work: LaneWork, _ account: AccountRuntime) -> Bool {
        let key: RateBudget.Key
        do throws(EncodingFailure) {
            key = try budgetKey(account, work.task.question)
        } catch {
            var work = work
            work.lastReason = "data.\(error.field): \(error.reason)"
            conclude(work, .rejected, account, tally: (0, 0))
            return false
        }
        let event = work.task.event
        let id = account.lane.admit(
            Work(
                entity: Self.entity(of: work),
                class: work.source.class,
                flow: work.task.flow.map { UInt64(truncatingIfNeeded: Self.hash($0)) } ?? 0,
                time: work.task.isFenced ? Instant(event.time) : Instant(nanoseconds: .max),
                expiry: event.expiry.map(Instant.init),
                key: key,
                coalesces: account.entry.coalesces && work.task.mayBeSuperseded
            )
        )
        if partitions[account.partition]?.retries.isEmpty == false,
            let retry = partitions[account.partition]?.retries.removeValue(forKey: work.source)
        {
            account.lane.resume(id, attempts: retry.attempts, at: retry.at, now: now)
        }
        account[id] = work
        return true
    }

    static func flow(ofCampaign id: String) -> UInt64 { UInt64(truncatingIfNeeded: hash("campaign/\(id)")) }

    static func entity(of work: LaneWork) -> UInt128 { hash(work.headers.entity) }

    static func hash(_ text: String) -> UInt128 {
        var hash = Hash128()
        hash.combine(text)
        return hash.value
    }

    /// Where a question's call counts.
    func budgetKey(
        _ account: AccountRuntime,
        _ question: Question
    ) throws(EncodingFailure) -> RateBudget.Key {
        let request = try question.request(account.entry.adapter)
        var path = Hash128()
        if account.lane.budget.hasPathWindows { path.combine(request.pathScope) }
        return RateBudget.Key(
            endpoint: number(ofEndpoint: request.endpoint),
            path: UInt64(truncatingIfNeeded: path.value)
        )
    }

    private func number(ofEndpoint name: String) -> Int32 {
        if let number = endpoints[name] { return number }
        let number = Int32(endpoints.count)
        endpoints[name] = number
        return number
    }

    private func reject(
        _ record: KafkaRecord,
        _ headers: LaneHeaders?,
        _ source: RecordSource,
        _ epoch: Int,
        _ rejection: Rejection,
        _ commands: [UInt128] = []
    ) {
        let instant = Timestamp(now)
        let outcome = Outcome(
            rejecting: headers?.origin ?? record.place,
            rejection,
            times: Outcome.Times(accepted: instant, finished: instant),
            replay: headers?.replays ?? 0
        )
        publish(
            outcome,
            headers,
            value: record.value,
            recordHeaders: record.headers,
            source,
            epoch,
            record.weight,
            commands: commands
        )
    }

    /// Finishes a record whose own commands are over, and the repeats that have waited for these.
    func done(_ record: OpenCommands.Repeat, _ commands: [UInt128]) {
        var over = [record]
        for command in commands { over += partitions[record.source.partition]?.open.finish(command) ?? [] }
        for record in over {
            let source = record.source
            if partitions[source.partition]?.open.wait(record) ?? false { continue }
            partitions[source.partition]?[source.class]?.ledger.finish(source.offset)
            partitions[source.partition]?[source.class]?.bytes -= record.weight
        }
    }
}
