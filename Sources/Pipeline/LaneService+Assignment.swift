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
        var takeovers: [Takeover] = []
        for (number, offsets) in Dictionary(grouping: committed, by: \.partition.partition) {
            takeovers.append(try await takeover(of: number, offsets, &starts))
        }
        // Of all partitions at once: the group does not wait for a member for longer than a session.
        try await remember(&takeovers)
        ProcessHeap.trim()
        for takeover in takeovers { begin(takeover) }
        try await consumer.assign(starts)
        logger.info("Partitions assigned", metadata: ["count": "\(assigned.count)"])
        // Nothing is called before a commit has succeeded, so that whoever follows knows of us.
        await commit(isFinal: false)
        for account in accounts.values { pump(account) }
        obeyCampaigns()
    }

    /// Where the last owner of a partition stopped, as its commits say.
    private func takeover(
        of number: Int32,
        _ offsets: [PartitionOffset],
        _ starts: inout [PartitionOffset]
    ) async throws -> Takeover {
        lastEpoch += 1
        var partition = LanePartition(
            number: number,
            epoch: lastEpoch,
            memory: FinishedCommands(capacity: context.settings.commandMemory),
            replays: ReplayGuard(capacity: context.settings.commandMemory)
        )
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
            partition.inherit(.init(topic: position.topic, partition: position.partition), position.offset)
        }
        return Takeover(partition: partition, state: state, isFresh: isFresh)
    }

    private func begin(_ takeover: Takeover) {
        var partition = takeover.partition
        let applied = partition.applied
        partition.applied = []
        partitions[partition.number] = partition
        partition.applied = applied
        ownership.take(partition.number, epoch: partition.epoch)
        openAccounts(partition, takeover.state, isFresh: takeover.isFresh)
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
            if let partition = partitions.removeValue(forKey: number), outbox.hasUnfinished(epoch: partition.epoch) {
                orphans[partition.epoch] = partition.positions
            }
        }
        for account in accounts.values where numbers.contains(account.partition) {
            metrics.forget(account: account.entry.name)
        }
        accounts = accounts.filter { !numbers.contains($0.value.partition) }
        outbox.lookAgain()
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
