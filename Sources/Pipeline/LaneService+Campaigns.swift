internal import KafkaClient
internal import Logging
internal import Messages
internal import ProviderKit
internal import Scheduling

/// A start command that is being expanded.
struct CampaignStart: Sendable {
    let command: CampaignCommand
    let headers: LaneHeaders
    let record: KafkaRecord
    let source: RecordSource
    let epoch: Int
    let account: String
    let accepted: Instant

    var members: CampaignMembers { CampaignMembers(command: command, origin: headers.origin) }
}

extension LaneService {
    var parkedTopic: String { context.topics.parked(provider.name) }

    // MARK: Expansion

    /// Begins a campaign: looks whether it was expanded before, then reads its members.
    ///
    /// - Returns: whether the account has new work.
    func begin(
        _ command: CampaignCommand,
        _ headers: LaneHeaders,
        _ record: KafkaRecord,
        _ source: RecordSource,
        _ account: AccountRuntime
    ) -> Bool {
        let start = CampaignStart(
            command: command,
            headers: headers,
            record: record,
            source: source,
            epoch: account.epoch,
            account: account.entry.name,
            accepted: now
        )
        switch order(for: command.campaign) {
        case .run:
            if let other = account.expanding[command.campaign], other != command.reference {
                refuseRepeatedID(start)
                break
            }
            account.expanding[command.campaign] = command.reference
            // An owner before us may have written members: their changes would move rows between the pages to be read.
            account.lane.hold(flow: Self.flow(ofCampaign: command.campaign))
            Task { await self.prepare(start) }
        case .park: park(start)
        case .cancel: cancel(start)
        }
        return false
    }

    /// Lets the members of a campaign go, whose start is over or put aside.
    func release(_ command: CampaignCommand, _ account: AccountRuntime) {
        guard account.expanding[command.campaign] == command.reference else { return }
        account.expanding[command.campaign] = nil
        account.lane.release(flow: Self.flow(ofCampaign: command.campaign))
        pump(account)
    }

    private func release(_ start: CampaignStart) {
        guard let account = accounts[start.account], account.epoch == start.epoch else { return }
        release(start.command, account)
    }

    private func holds(_ start: CampaignStart) -> Bool {
        accounts[start.account]?.epoch == start.epoch && !isStopping
    }

    /// Repeats what needs the brokers until it succeeds or the partition is gone.
    private func insist<Value: Sendable>(_ start: CampaignStart, _ body: () async throws -> Value) async -> Value? {
        while holds(start) {
            do {
                return try await body()
            } catch {
                logger.warning(
                    "Campaign cannot be expanded yet, trying again",
                    metadata: ["error": .string("\(error)")]
                )
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }

    private func prepare(_ start: CampaignStart) async {
        let command = start.command
        guard let plan = await insist(start, { try await self.plan(of: command.campaign) }), holds(start),
            let account = accounts[start.account]
        else { return }
        if let plan {
            guard plan.command.id == command.id, plan.command.source == command.source else {
                return refuseRepeatedID(start)
            }
            // Expanded by an owner before us, who could not commit it any more.
            return finish(start)
        }
        guard await tellBegin(start), holds(start) else { return }
        switch command.members {
        case .targets(let targets):
            await write(start, targets.map { ListPage.Row(target: $0, assignee: nil) }, knowsAssignees: false, pages: 0)
        case .selection(let selection):
            guard let lister = account.entry.adapter as? any ConversationListing else {
                let allowed = "targets: this provider's list is not known"
                return refuse(start, Rejection("data.select", found: "a selection", allowed: allowed), command.campaign)
            }
            let work = LaneWork(
                .campaign(CampaignTask(command, lister, selection)),
                headers: start.headers,
                record: start.record,
                source: start.source,
                isInDoubt: false,
                accepted: start.accepted
            )
            if enqueue(work, account) { pump(account) }
        }
    }

    /// Says that the campaign is there, so that people can watch and stop it before all its members are known.
    private func tellBegin(_ start: CampaignStart) async -> Bool {
        let command = start.command
        let status = JobStatus(
            .campaign,
            id: command.campaign,
            command: command.reference,
            provider: command.provider,
            account: command.account,
            state: .expanding,
            startedAt: Timestamp(start.accepted),
            at: Timestamp(now)
        )
        return await context.writer.deliver([
            ProducerRecord(topic: context.topics.status, key: Array(status.key.utf8), value: status.encoded())
        ])
    }

    /// All members are known: they become records of the lane.
    func expand(_ task: CampaignTask, _ work: LaneWork, _ account: AccountRuntime) {
        let record = KafkaRecord(
            topic: work.source.class == .live ? liveTopic : bulkTopic,
            partition: work.source.partition,
            offset: work.source.offset,
            timestamp: -1,
            key: nil,
            value: nil,
            headers: work.recordHeaders
        )
        let start = CampaignStart(
            command: task.command,
            headers: work.headers,
            record: record,
            source: work.source,
            epoch: account.epoch,
            account: account.entry.name,
            accepted: work.accepted
        )
        let weight = work.weight
        Task { await self.write(start, task.rows, knowsAssignees: true, pages: task.pages, weight: weight) }
    }

    /// Writes the members that are not written yet, and then the fact that these are all.
    private func write(
        _ start: CampaignStart,
        _ rows: [ListPage.Row],
        knowsAssignees: Bool,
        pages: Int,
        weight: Int? = nil
    ) async {
        let command = start.command
        guard let written = await insist(start, { try await self.written(start) }), holds(start),
            let account = accounts[start.account]
        else { return }
        let options = command.options
        let fresh = start.members.commands(rows, written: written)
        // The first few run, the others wait aside until those are judged.
        let first = options.dryRun ? nil : options.canary.map { max(0, $0.count - written.count) }
        var records: [ProducerRecord] = []
        records.reserveCapacity(fresh.count)
        for (index, item) in fresh.enumerated() {
            let header = MemberHeader(
                previous: knowsAssignees ? .some(item.row.assignee) : nil,
                isDryRun: options.dryRun,
                maxRate: options.maxRate
            )
            let topic = first.map { index < $0 } ?? true ? bulkTopic : parkedTopic
            records.append(
                start.members.record(
                    item.command,
                    header,
                    topic: topic,
                    partition: start.source.partition,
                    key: start.headers.key
                )
            )
        }
        for index in stride(from: 0, to: records.count, by: 1_000) {
            guard holds(start), await context.writer.deliver(Array(records[index..<min(records.count, index + 1_000)]))
            else { return }
        }
        if first != nil { partitions[start.source.partition]?.parked.insert(command.campaign) }
        let total = written.count + fresh.count
        let adapter = account.entry.adapter
        let steps = fresh.first.map { item in
            adapter.steps(for: Operation(item.command), check: !knowsAssignees && adapter.canRead).count
        }
        var plan = CampaignPlan(
            command: command.reference,
            campaign: command.campaign,
            provider: command.provider,
            account: command.account,
            total: total,
            calls: total * (steps ?? 1),
            listCalls: pages,
            options: options,
            startedAt: Timestamp(start.accepted),
            at: Timestamp(now)
        )
        plan.correlationID = command.correlationID
        if let rate = account.grantedRate(options.maxRate) {
            plan.estimateMilliseconds = Int64(Double(plan.calls) / rate * 1_000)
        }
        let fact = ProducerRecord(topic: context.topics.status, key: Array(plan.key.utf8), value: plan.encoded())
        guard holds(start), await context.writer.deliver([fact]), holds(start) else { return }
        logger.notice("Campaign expanded", metadata: ["members": "\(total)", "pages": "\(pages)"])
        finish(start, weight: weight)
    }

    /// A campaign's plan, if its expansion was completed before.
    private func plan(of campaign: String) async throws -> CampaignPlan? {
        var found: CampaignPlan?
        let key = Array("campaign/\(campaign)/plan".utf8)
        try await TopicScan.read(context.kafka, logger: logger, topics: [context.topics.status]) { records in
            for record in records where record.key == key {
                found = nil
                if let value = record.value, case .campaignPlan(let plan)? = try? StatusMessage(decoding: value) {
                    found = plan
                }
            }
            return true
        }
        return found
    }

    /// Members that an interrupted expansion has written, in the lane or aside.
    private func written(_ start: CampaignStart) async throws -> CampaignMembers.Written {
        let partition = start.source.partition
        // A start that was put aside stands behind the members that were written before.
        let wasParked = (MemberHeader(start.record.headers)?.parkings ?? 0) > 0
        var from = [
            PartitionOffset(
                partition: TopicPartition(topic: bulkTopic, partition: partition),
                offset: start.source.class == .bulk && !wasParked ? start.source.offset + 1 : nil
            )
        ]
        if start.command.options.canary != nil || wasParked {
            from.append(
                PartitionOffset(partition: TopicPartition(topic: parkedTopic, partition: partition), offset: nil)
            )
        }
        var written: CampaignMembers.Written = [:]
        let campaign = start.command.campaign
        let source = start.command.source
        try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
            for record in records where MemberHeader(record.headers) != nil {
                guard
                    case .command(let command)? = try? InboundMessage.decode(
                        value: record.value,
                        headers: record.headers,
                        recordTimestamp: record.timestamp
                    ), command.campaign == campaign, command.source == source
                else { continue }
                written.updateValue(command.assignee, forKey: command.target)
            }
            return true
        }
        return written
    }

    private func cancel(_ start: CampaignStart) {
        var outcome = Outcome(command: start.command.reference, disposition: .cancelled, times: .now(context.clock))
        outcome.provider = start.command.provider
        outcome.account = start.command.account
        outcome.entity = start.headers.entity
        outcome.campaign = start.command.campaign
        outcome.correlationID = start.command.correlationID
        outcome.replay = start.headers.replays
        publish(outcome, start)
    }

    private func publish(_ outcome: Outcome, _ start: CampaignStart) {
        release(start)
        publish(
            outcome,
            start.headers,
            value: start.record.value,
            recordHeaders: start.record.headers,
            start.source,
            start.epoch,
            start.record.weight,
            commands: [start.headers.hash(of: start.command.reference)]
        )
    }

    private func refuseRepeatedID(_ start: CampaignStart) {
        let allowed = "an id that no other campaign has"
        let found = "the id of a campaign that another command has started"
        // The campaign of that id is another one.
        refuse(start, Rejection("data.campaign", found: found, allowed: allowed), nil)
    }

    private func refuse(_ start: CampaignStart, _ rejection: Rejection, _ campaign: String?) {
        var outcome = Outcome(
            rejecting: start.headers.origin,
            rejection.salvaging(start.command),
            times: .now(context.clock),
            replay: start.headers.replays
        )
        outcome.campaign = campaign
        publish(outcome, start)
    }

    /// Finishes a start command, whose end is told by the completion of its campaign.
    private func finish(_ start: CampaignStart, weight: Int? = nil) {
        guard partitions[start.source.partition]?.epoch == start.epoch else { return }
        release(start)
        let record = OpenCommands.Repeat(source: start.source, weight: weight ?? start.record.weight)
        done(record, [start.headers.hash(of: start.command.reference)])
    }

    // MARK: Pause, resume, cancel

    /// What people, or the campaign's own limits, have decided about it.
    enum CampaignOrder { case run, park, cancel }

    func order(for campaign: String?) -> CampaignOrder {
        guard let campaign, let message = context.control.message(for: .campaign(campaign)) else { return .run }
        if message.isCancelled { return .cancel }
        return message.holds(at: Timestamp(now)) ? .park : .run
    }

    /// Puts aside or ends what waits of campaigns that are paused or cancelled, and takes up again what was put aside of
    /// those that are not.
    func obeyCampaigns() {
        for account in accounts.values {
            // By record, since that is the order in which they have to be aside; numbers of work are used again.
            let concerned = account.all
                .filter { $0.1.task.mayStop && order(for: $0.1.task.campaign) != .run }
                .sorted { $0.1.source.offset < $1.1.source.offset }
            for (id, work) in concerned {
                guard account.lane.withdraw(id), account.remove(id) != nil else { continue }
                stop(work, order(for: work.task.campaign), account, tally: account.lane.lastTally)
            }
        }
        for partition in partitions.values {
            let due = partition.parked.filter { isResumed($0) }
            guard !due.isEmpty else { continue }
            partitions[partition.number]?.parked.subtract(due)
            let (number, epoch) = (partition.number, partition.epoch)
            Task { await self.resume(due, number, epoch) }
        }
    }

    /// Ends or puts aside work of a campaign that is cancelled or paused.
    func stop(
        _ work: LaneWork,
        _ order: CampaignOrder,
        _ account: AccountRuntime,
        tally: (attempts: Int, deferrals: Int)
    ) {
        guard order == .park else { return conclude(work, .cancelled, account, tally: tally) }
        park(work, account)
    }

    private func park(_ work: LaneWork, _ account: AccountRuntime) {
        guard let campaign = work.task.campaign else { return }
        if case .campaign(let task) = work.task { release(task.command, account) }
        let record = ProducerRecord(
            topic: parkedTopic,
            partition: work.source.partition,
            key: Array(work.task.account.utf8),
            value: work.value,
            headers: work.recordHeaders
        )
        park(record, campaign, work.headers.hash(of: work.reference), work.source, account.epoch, work.weight)
    }

    private func park(_ start: CampaignStart) {
        var record = start.record.moved(to: parkedTopic)
        record.partition = start.source.partition
        let hash = start.headers.hash(of: start.command.reference)
        park(record, start.command.campaign, hash, start.source, start.epoch, start.record.weight)
    }

    private func park(
        _ record: ProducerRecord,
        _ campaign: String,
        _ hash: UInt128,
        _ source: RecordSource,
        _ epoch: Int,
        _ weight: Int
    ) {
        var publication = Outbox.Publication(source: source, epoch: epoch, weight: weight, commands: [hash])
        publication.isParking = true
        publication.outcomes = [record]
        partitions[source.partition]?.memory.remove(hash)
        partitions[source.partition]?.parked.insert(campaign)
        outbox.append(publication)
    }

    private func isResumed(_ campaign: String) -> Bool {
        guard let message = context.control.message(for: .campaign(campaign)) else { return false }
        // Members may lie aside without a pause, behind a canary: only a word lets them go.
        return message.isCancelled || (message.action == .resume && !message.isPaused)
            || (message.isPaused && !message.holds(at: Timestamp(now)))
    }

    /// Writes what was put aside of campaigns to the lane's topic again, in order, and notes that it did.
    private func resume(_ campaigns: Set<String>, _ number: Int32, _ epoch: Int) async {
        while partitions[number]?.epoch == epoch, !isStopping {
            do {
                // What is on its way aside has to have arrived.
                while outbox.isParking(epoch: epoch), partitions[number]?.epoch == epoch {
                    try await Task.sleep(for: .milliseconds(20))
                }
                var members: [String: [ParkedMember]] = [:]
                let place = TopicPartition(topic: parkedTopic, partition: number)
                let from = [PartitionOffset(partition: place, offset: nil)]
                try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
                    for record in records {
                        if let campaign = record.headers.text(of: MemberHeader.resumption) {
                            members[campaign] = nil
                        } else if let member = ParkedMember(record), campaigns.contains(member.campaign) {
                            members[member.campaign, default: []].append(member)
                        }
                    }
                    return true
                }
                for (campaign, waiting) in members {
                    let records = waiting.map { $0.resumed(in: bulkTopic) }
                    for index in stride(from: 0, to: records.count, by: 1_000) {
                        guard partitions[number]?.epoch == epoch,
                            await context.writer.deliver(Array(records[index..<min(records.count, index + 1_000)]))
                        else { return }
                    }
                    let note = ProducerRecord(
                        topic: parkedTopic,
                        partition: number,
                        key: nil,
                        value: nil,
                        headers: [KafkaHeader(name: MemberHeader.resumption, text: campaign)]
                    )
                    guard await context.writer.deliver([note]) else { return }
                    logger.notice("Campaign resumed", metadata: ["members": "\(records.count)"])
                }
                return
            } catch {
                logger.warning("Parked members cannot be read, trying again", metadata: ["error": .string("\(error)")])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}

extension LaneTask {
    /// The campaign that the work belongs to.
    var campaign: String? {
        switch self {
        case .command(let task): task.command.campaign
        case .campaign(let task): task.command.campaign
        case .contacts: nil
        }
    }

    var account: String {
        switch self {
        case .command(let task): task.command.account
        case .campaign(let task): task.command.account
        case .contacts(let task): task.batch.account
        }
    }

    /// Whether it can be put aside or ended where it is: not once the change is made and is only looked at.
    var mayStop: Bool {
        if case .command(let task) = self { task.step != .verify } else { true }
    }
}

extension AccountRuntime {
    /// Calls per second that the limits allow; `nil` without limits.
    func grantedRate(_ ceiling: Double?) -> Double? {
        let rates = lane.budget.limitsInForce().map { limit in
            Double(limit.effective) / (Double(limit.configured.per.nanoseconds) / 1e9)
        }
        return (rates + [ceiling].compactMap(\.self)).min()
    }
}
