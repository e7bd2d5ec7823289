internal import KafkaClient
internal import Logging
internal import Messages
internal import Scheduling

extension LaneService {
    /// Begins to work on partitions, where their last owner stopped.
    func take(_ assigned: [TopicPartition], _ consumer: KafkaConsumer) async throws {
        // Outcomes of an earlier holding that are not stored yet can be found in no topic, and their commands would be
        // done again.
        while !outbox.isSettled, !isStopping, !Task.isCancelled { await waitUntilIdle(at: .now + .seconds(1)) }
        guard outbox.isSettled else { return }
        let committed = try await consumer.committed(assigned)
        var starts: [PartitionOffset] = []
        for (number, offsets) in Dictionary(grouping: committed, by: \.partition.partition) {
            starts += try await take(number, offsets)
        }
        try await consumer.assign(starts)
        logger.info("Partitions assigned", metadata: ["count": "\(assigned.count)"])
        // Nothing is called before a commit has succeeded, so that whoever follows knows of us.
        await commit(isFinal: false)
        for account in accounts.values { pump(account) }
        obeyCampaigns()
    }

    private func take(_ number: Int32, _ offsets: [PartitionOffset]) async throws -> [PartitionOffset] {
        lastEpoch += 1
        var partition = LanePartition(
            number: number,
            epoch: lastEpoch,
            memory: FinishedCommands(capacity: context.settings.commandMemory),
            replays: ReplayGuard(capacity: context.settings.commandMemory)
        )
        var starts: [PartitionOffset] = []
        var isFresh = true
        var state: CommitMetadata?
        for item in offsets {
            let kind: Work.Class = item.partition.topic == liveTopic ? .live : .bulk
            let mark: Int64
            if let offset = item.offset {
                isFresh = false
                mark = offset
            } else {
                mark = try await consumerLow(item.partition)
            }
            var ledger = OffsetLedger(mark: mark)
            if let text = item.metadata, !text.isEmpty, item.offset != nil {
                if let metadata = CommitMetadata(text, mark: mark) {
                    ledger.restore(finished: metadata.finished)
                    for retry in metadata.retries {
                        let source = RecordSource(class: kind, partition: number, offset: retry.offset)
                        partition.retries[source] = retry
                    }
                    if kind == .live { state = metadata }
                } else {
                    logger.warning(
                        "Commit metadata is not ours or damaged; starting at the committed offset",
                        metadata: ["partition": .string("\(item.partition)")]
                    )
                }
            }
            partition[kind] = LanePartition.Side(ledger: ledger)
            starts.append(PartitionOffset(partition: item.partition, offset: ledger.mark))
        }
        for position in state?.positions ?? [] {
            partition.positions[.init(topic: position.topic, partition: position.partition)] = position.offset
        }
        try await remember(&partition, recovers: !isFresh && state?.isClean != true)
        let applied = partition.applied
        partition.applied = []
        partitions[number] = partition
        partition.applied = applied
        ownership.take(number, epoch: partition.epoch)
        openAccounts(partition, state, isFresh: isFresh)
        return starts
    }

    private func consumerLow(_ partition: TopicPartition) async throws -> Int64 {
        guard let consumer else { return 0 }
        return try await consumer.watermarks(partition).low
    }

    /// Gives every account of the partition its lane, with the budget that its last owner left.
    private func openAccounts(_ partition: LanePartition, _ state: CommitMetadata?, isFresh: Bool) {
        let instant = now
        let usedUntil: Instant? =
            if isFresh || state?.isClean == true {
                nil
            } else if let state {
                min(instant, state.writtenAt + context.settings.lease + context.settings.clockSkew)
            } else {
                instant
            }
        for entry in provider.accounts.values where entry.partition(of: partitionCount) == partition.number {
            let account = AccountRuntime(
                entry: entry,
                partition: partition.number,
                epoch: partition.epoch,
                credentials: Credentials(
                    adapter: entry.adapter,
                    transport: context.transport,
                    clock: context.clock,
                    timeout: provider.timeout,
                    logger: logger
                ),
                checksLeft: usedUntil == nil ? 0 : entry.lane.concurrency
            )
            let budget = state?.accounts.first { $0.id == Self.id(ofAccount: entry.name) }?.budget
            if !isFresh { account.lane.budget.takeOver(budget, usedUntil: usedUntil, now: instant) }
            for item in partition.applied where item.account == entry.name {
                account.lane.fence.note(item.entity, time: item.time)
            }
            accounts[entry.name] = account
            obey(account)
        }
    }

    static func id(ofAccount name: String) -> UInt32 {
        var hash = Hash128()
        hash.combine(name)
        return UInt32(truncatingIfNeeded: hash.value)
    }

    /// Fills the memory of finished commands: from the lane's topics, and after a crash from the outcomes since the commit.
    private func remember(_ partition: inout LanePartition, recovers: Bool) async throws {
        var memory = partition.memory
        var ranges: [PartitionOffset] = []
        var ends: [TopicPartition: Int64] = [:]
        var ledgers: [String: OffsetLedger] = [:]
        for (topic, side) in [(liveTopic, partition.live), (bulkTopic, partition.bulk)] {
            guard let ledger = side?.ledger, ledger.mark > 0 else { continue }
            let place = TopicPartition(topic: topic, partition: partition.number)
            let end = ledger.finishedRanges().last?.upperBound ?? ledger.mark
            ranges.append(
                PartitionOffset(partition: place, offset: max(0, ledger.mark - Int64(context.settings.commandMemory)))
            )
            ends[place] = end
            ledgers[topic] = ledger
        }
        let parked = try await parked(partition.number)
        partition.parked = parked.campaigns
        if !ranges.isEmpty {
            let liveTopic = liveTopic
            var applied: [LanePartition.Applied] = []
            try await TopicScan.read(context.kafka, logger: logger, from: ranges, to: ends) { records in
                for record in records where ledgers[record.topic]?.isFinished(record.offset) ?? false {
                    guard let known = Self.read(record) else { continue }
                    let parkings = MemberHeader(record.headers)?.parkings ?? 0
                    for hash in known.hashes where !parked.runs.contains(.init(command: hash, parkings: parkings)) {
                        _ = memory.insert(hash)
                    }
                    if record.topic == liveTopic, let command = known.applied { applied.append(command) }
                }
                return true
            }
            partition.applied = applied
        }
        if recovers { partition.recovered = try await recover(&memory, partition) }
        partition.memory = memory
    }

    /// What lies aside of paused campaigns: finished in the lane's topic, and yet to be done.
    private func parked(_ number: Int32) async throws -> ParkedMembers {
        var members = ParkedMembers()
        do throws(KafkaError) {
            guard try await Int(number) < context.writer.partitionCount(of: parkedTopic) else { return members }
        } catch {
            // Installations without campaigns need no such topic.
            guard error.code == .unknownTopicOrPartition else { throw error }
            return members
        }
        let place = TopicPartition(topic: parkedTopic, partition: number)
        let from = [PartitionOffset(partition: place, offset: nil)]
        try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
            for record in records { members.add(record) }
            return true
        }
        return members
    }

    /// The command or the cards of a lane record by their hashes, and what a command applied to.
    private static func read(_ record: KafkaRecord) -> (hashes: [UInt128], applied: LanePartition.Applied?)? {
        guard let headers = LaneHeaders(record.headers),
            let message = try? InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.timestamp(headers)
            )
        else { return nil }
        switch message {
        case .command(let command):
            return (
                [headers.hash(of: command.reference)],
                .init(account: command.account, entity: hash(headers.entity), time: Instant(command.time))
            )
        case .contactsBatch(let batch): return (batch.members.map { headers.hash(of: batch.reference(of: $0)) }, nil)
        case .campaign(let command): return ([headers.hash(of: command.reference)], nil)
        case .contactsImport: return nil
        }
    }

    /// Reads the outcomes that were published after the last commit: their commands are finished, though the commit does
    /// not say so.
    ///
    /// - Returns: those that were applied.
    private func recover(
        _ memory: inout FinishedCommands,
        _ partition: LanePartition
    ) async throws -> Set<UInt128> {
        var from: [PartitionOffset] = []
        for (code, topic) in [(UInt8(0), context.topics.results), (1, context.topics.failures)] {
            for number in 0..<Int32(clamping: try await context.writer.partitionCount(of: topic)) {
                let known = partition.positions[.init(topic: code, partition: number)]
                from.append(PartitionOffset(partition: TopicPartition(topic: topic, partition: number), offset: known))
            }
        }
        var found = 0
        var applied: Set<UInt128> = []
        let provider = provider.name
        try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
            for record in records {
                guard let value = record.value, let outcome = try? Outcome(decoding: value),
                    outcome.provider == provider
                else { continue }
                let hash = Hash128(
                    source: outcome.command.source ?? "",
                    id: outcome.command.id,
                    replay: outcome.replay
                )
                if memory.insert(hash.value) { found += 1 }
                if outcome.disposition.topic == .results { applied.insert(hash.value) }
            }
            return true
        }
        logger.notice("Outcomes since the last commit recovered", metadata: ["count": "\(found)"])
        return applied
    }

    // MARK: Giving back

    /// Lets calls in flight end within a time, publishes, commits and forgets the partitions.
    func release(_ numbers: [Int32], _ consumer: KafkaConsumer, within limit: Duration) async {
        for number in numbers { partitions[number]?.isDraining = true }
        for account in accounts.values where numbers.contains(account.partition) { account.lane.isPaused = true }
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, isBusy(numbers), !Task.isCancelled { await waitUntilIdle(at: deadline) }
        let commit = Task { await self.commit(isFinal: true, only: Set(numbers)) }
        // While the group goes on, a commit must be answered first: one that came late could undo the next owner's.
        if isStopping {
            _ = await value(of: commit, until: max(deadline, .now + .seconds(2)))
        } else {
            await commit.value
        }
        forgetPartitions(numbers)
    }

    private func isBusy(_ numbers: [Int32]) -> Bool {
        accounts.values.contains { numbers.contains($0.partition) && $0.lane.inFlight > 0 }
            || numbers.contains { partitions[$0].map { outbox.hasUnfinished(epoch: $0.epoch) } ?? false }
    }

    func forgetPartitions(_ numbers: [Int32]) {
        for number in numbers {
            ownership.release(number)
            partitions[number] = nil
        }
        for account in accounts.values where numbers.contains(account.partition) {
            metrics.forget(account: account.entry.name)
        }
        accounts = accounts.filter { !numbers.contains($0.value.partition) }
    }

    /// Waits until something ended, or for the deadline.
    func waitUntilIdle(at deadline: ContinuousClock.Instant) async {
        let timer = Task {
            try? await Task.sleep(until: min(deadline, .now + .milliseconds(200)), clock: .continuous)
            self.signalIfIdle()
        }
        await withCheckedContinuation { idleSignals.append($0) }
        timer.cancel()
    }

    func signalIfIdle() {
        let waiting = idleSignals
        idleSignals = []
        for continuation in waiting { continuation.resume() }
    }
}
