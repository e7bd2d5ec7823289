internal import KafkaClient
internal import Logging
internal import Scheduling

extension LaneService {
    func commitRegularly() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: context.settings.commitInterval) } catch { return }
            await commit(isFinal: false)
            if let consumer {
                do {
                    try await applyBackPressure(consumer)
                } catch {
                    logger.warning("Pausing failed", metadata: ["error": .string("\(error)")])
                }
            }
            watch()
            // A pause may have come to its end.
            if partitions.values.contains(where: { !$0.parked.isEmpty }) { obeyCampaigns() }
            let instant = now
            metrics.observe(accounts.values.map { ($0.entry.name, LaneReading($0, now: instant)) })
        }
    }

    /// Notices that nothing moves although it could, says so loudly, and lets the reader join anew.
    private func watch() {
        let isMovable = accounts.values.contains { account in
            !account.lane.isIdle && !account.lane.isPaused && account.lane.inFlight == 0 && account.wake == nil
                && account.lane.breaker.isClosed
        }
        watchOutbox()
        guard isMovable, !isBlocked, consumer != nil else {
            lastProgress = .now
            return
        }
        guard lastProgress.duration(to: .now) > context.settings.watchdog, !isStuck else { return }
        logger.critical("Lane does not move although it could; joining its group anew")
        metrics.stuck()
        isStuck = true
        consumer?.wake()
    }

    /// Notices that outcomes wait and none is stored.
    ///
    /// The lane keeps its partitions: whoever took them over could not store outcomes either, and would make the calls again.
    private func watchOutbox() {
        guard !outbox.isSettled else {
            isBlocked = false
            lastStored = .now
            return
        }
        guard lastStored.duration(to: .now) > context.settings.watchdog else { return }
        logger.critical("Outcomes cannot be stored, and the lane waits for that")
        metrics.stuck()
        isBlocked = true
        lastStored = .now
    }

    /// Commits what changed, and renews the leases.
    ///
    /// - Parameter isFinal: nothing is in flight any more and nothing will be sent.
    func commit(isFinal: Bool, only: Set<Int32>? = nil) async {
        guard let consumer else { return }
        let start = now
        var offsets: [PartitionOffset] = []
        var epochs: [Int32: Int] = [:]
        for partition in partitions.values where only?.contains(partition.number) ?? true {
            let isQuiet = !outbox.hasUnfinished(epoch: partition.epoch)
            let isClean =
                isFinal && isQuiet
                && !accounts.values.contains { $0.partition == partition.number && $0.lane.inFlight > 0 }
            let items = self.offsets(partition, isClean: isClean, at: start)
            guard !items.isEmpty else { continue }
            epochs[partition.number] = partition.epoch
            offsets += items
        }
        guard !offsets.isEmpty else { return }
        do throws(KafkaError) {
            var failed: Set<Int32> = []
            for result in try await consumer.commit(offsets) {
                guard let error = result.error else { continue }
                failed.insert(result.partition.partition)
                // Ordinary while a group changes: the partition's next owner reads what was committed before.
                logger.info(
                    "Commit refused",
                    metadata: ["partition": .string("\(result.partition)"), "error": .string(error.name)]
                )
            }
            for (number, epoch) in epochs where !failed.contains(number) {
                let wasOver = !ownership.mayWrite(number, epoch: epoch)
                ownership.renew(number, epoch: epoch, until: start + context.settings.lease)
                if wasOver {
                    outbox.lookAgain()
                }
                if wasOver, !isFinal {
                    for account in accounts.values where account.partition == number { pump(account) }
                }
                for item in offsets where item.partition.partition == number {
                    guard partitions[number]?.epoch == epoch, let offset = item.offset else { continue }
                    let kind: Work.Class = item.partition.topic == liveTopic ? .live : .bulk
                    partitions[number]?[kind]?.committed = (offset, item.metadata ?? "")
                }
            }
        } catch {
            logger.warning("Commit failed", metadata: ["error": .string(error.name)])
        }
    }

    /// A hundred take about 900 characters.
    private static let retriesKept = 100

    private func offsets(_ partition: LanePartition, isClean: Bool, at instant: Instant) -> [PartitionOffset] {
        let renewAt = ownership.leaseEnd(partition.number) - context.settings.lease * 2 / 3
        let isLeaseDue = instant >= renewAt
        var budgets: [CommitMetadata.Account] = []
        // What was not read again yet is still as the last owner left it.
        var retries = partition.retries
        for account in accounts.values where account.partition == partition.number {
            account.lane.budget.forgetIdle(now: instant)
            budgets.append(
                .init(id: Self.id(ofAccount: account.entry.name), budget: account.lane.budget.handOver(now: instant))
            )
            for (id, attempts, at) in account.lane.retries {
                guard let source = account[id]?.source else { continue }
                retries[source] = .init(offset: source.offset, attempts: attempts, at: at ?? instant)
            }
        }
        var items: [PartitionOffset] = []
        for kind in [Work.Class.live, .bulk] {
            guard let side = partition[kind] else { continue }
            var metadata = CommitMetadata(isClean: isClean, writtenAt: instant, finished: side.ledger.finishedRanges())
            metadata.retries = retries.filter { $0.key.class == kind && $0.value.offset >= side.ledger.mark }.values
                .sorted { $0.offset < $1.offset }.prefix(Self.retriesKept).map(\.self)
            if kind == .live {
                metadata.accounts = budgets
                metadata.positions = partition.committedPositions.map {
                    .init(topic: $0.key.topic, partition: $0.key.partition, offset: $0.value)
                }
            }
            let text = metadata.fitting(side.ledger.mark, context.settings.metadataLimit)
            metrics.metadata(bytes: text.utf8.count)
            let isChanged = side.committed.map { $0.offset != side.ledger.mark } ?? true
            guard isClean || isChanged || isLeaseDue || !side.ledger.finishedRanges().isEmpty else { continue }
            let topic = kind == .live ? liveTopic : bulkTopic
            items.append(
                PartitionOffset(
                    partition: TopicPartition(topic: topic, partition: partition.number),
                    offset: side.ledger.mark,
                    metadata: text
                )
            )
        }
        return items
    }
}

extension CommitMetadata {
    /// The text, within what the brokers take: rather than lose the commit, attempts are left out, then budgets, then what
    /// is finished beyond the mark, which then would be looked up or done again after a crash.
    fileprivate func fitting(_ mark: Int64, _ limit: Int) -> String {
        let text = encoded(mark: mark)
        guard text.utf8.count > limit else { return text }
        var shorter = self
        shorter.retries = []
        let plain = shorter.encoded(mark: mark)
        guard plain.utf8.count > limit else { return plain }
        shorter.accounts = []
        shorter.isClean = false
        let bare = shorter.encoded(mark: mark)
        guard bare.utf8.count > limit else { return bare }
        shorter.finished = []
        return shorter.encoded(mark: mark)
    }
}
