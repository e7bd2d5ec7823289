internal import KafkaClient
internal import Logging
internal import Messages
internal import Scheduling

extension LaneService {
    /// Begins to work on partitions, where their last owner stopped.
    func take(_ assigned: [TopicPartition], _ consumer: KafkaConsumer) async throws {
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
    }

    private func take(_ number: Int32, _ offsets: [PartitionOffset]) async throws -> [PartitionOffset] {
        lastEpoch += 1
        var partition = LanePartition(
            number: number,
            epoch: lastEpoch,
            memory: FinishedCommands(capacity: context.settings.commandMemory)
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
        try await remember(&partition, recovers: !isFresh && state?.isClean != true, known: state != nil)
        partitions[number] = partition
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
            accounts[entry.name] = account
        }
    }

    static func id(ofAccount name: String) -> UInt32 {
        var hash = Hash128()
        hash.combine(name)
        return UInt32(truncatingIfNeeded: hash.value)
    }

    /// Fills the memory of finished commands: from the lane's topics, and after a crash from the outcomes since the commit.
    private func remember(_ partition: inout LanePartition, recovers: Bool, known: Bool) async throws {
        var memory = partition.memory
        var ranges: [PartitionOffset] = []
        var ends: [TopicPartition: Int64] = [:]
        var ledgers: [String: OffsetLedger] = [:]
        for (topic, side) in [(liveTopic, partition.live), (bulkTopic, partition.bulk)] {
            guard let ledger = side?.ledger, ledger.mark > 0 else { continue }
            let place = TopicPartition(topic: topic, partition: partition.number)
            let end = ledger.finishedRanges().last?.upperBound ?? ledger.mark
            ranges.append(
                PartitionOffset(partition: place, offset: max(0, ledger.mark - Int64(context.settings.commandMemory))))
            ends[place] = end
            ledgers[topic] = ledger
        }
        if !ranges.isEmpty {
            try await TopicScan.read(context.kafka, logger: logger, from: ranges, to: ends) { records in
                for record in records where ledgers[record.topic]?.isFinished(record.offset) ?? false {
                    guard let hash = Self.hash(of: record) else { continue }
                    _ = memory.insert(hash)
                }
                return true
            }
        }
        if recovers { try await recover(&memory, partition) }
        partition.memory = memory
    }

    private static func hash(of record: KafkaRecord) -> UInt128? {
        guard
            let message = try? InboundMessage.decode(
                value: record.value, headers: record.headers, recordTimestamp: record.timestamp)
        else { return nil }
        let replays = LaneHeaders(record.headers)?.replays ?? 0
        return Hash128(source: message.event.source, id: message.event.id, replay: replays).value
    }

    /// Reads the outcomes that were published after the last commit: their commands are finished, though the commit does
    /// not say so.
    private func recover(_ memory: inout FinishedCommands, _ partition: LanePartition) async throws {
        var from: [PartitionOffset] = []
        for (code, topic) in [(UInt8(0), context.topics.results), (1, context.topics.failures)] {
            for number in 0..<Int32(clamping: try await context.writer.partitionCount(of: topic)) {
                let known = partition.positions[.init(topic: code, partition: number)]
                from.append(PartitionOffset(partition: TopicPartition(topic: topic, partition: number), offset: known))
            }
        }
        var found = 0
        let provider = provider.name
        try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
            for record in records {
                guard let value = record.value, let outcome = try? Outcome(decoding: value), outcome.provider == provider
                else { continue }
                let hash = Hash128(
                    source: outcome.command.source ?? "", id: outcome.command.id, replay: outcome.replay)
                if memory.insert(hash.value) { found += 1 }
            }
            return true
        }
        logger.notice("Outcomes since the last commit recovered", metadata: ["count": "\(found)"])
    }

    // MARK: Giving back

    /// Lets calls in flight end within a time, publishes, commits and forgets the partitions.
    func release(_ numbers: [Int32], _ consumer: KafkaConsumer, within limit: Duration) async {
        for number in numbers { partitions[number]?.isDraining = true }
        for account in accounts.values where numbers.contains(account.partition) { account.lane.isPaused = true }
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, accounts.values.contains(where: { numbers.contains($0.partition) && $0.lane.inFlight > 0 })
            || !outbox.isEmpty
        {
            await waitUntilIdle(at: deadline)
        }
        await commit(isFinal: true, only: Set(numbers))
        forgetPartitions(numbers)
    }

    func forgetPartitions(_ numbers: [Int32]) {
        for number in numbers {
            ownership.release(number)
            partitions[number] = nil
        }
        accounts = accounts.filter { !numbers.contains($0.value.partition) }
    }

    /// Waits until something ended, or for the deadline.
    private func waitUntilIdle(at deadline: ContinuousClock.Instant) async {
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
