internal import KafkaClient
internal import Logging
internal import Messages

/// Outcomes of partitions that may be somebody else's by now.
///
/// They are worth publishing, or their calls would be made again; but whoever holds the partition now may have published
/// one of the same command already.
extension LaneService {
    /// Whether an outcome may be handed to the producer: not while it is open whether the partition is still ours.
    func mayBePublished(_ publication: Outbox.Publication) -> Bool {
        let number = publication.source.partition
        guard partitions[number]?.epoch == publication.epoch else { return true }
        return ownership.mayWrite(number, epoch: publication.epoch)
    }

    /// The publications without those outcomes that stand in the topics by now: a later owner's, or our own that seemed to
    /// have failed.
    ///
    /// - Returns: `nil` when that cannot be found out at the moment.
    func leavingOutRepeats(_ batch: [Outbox.Publication]) async -> [Outbox.Publication]? {
        let doubtful = batch.indices.filter { (batch[$0].isUncertain || isFormer(batch[$0])) && batch[$0].hasOutcomes }
        guard !doubtful.isEmpty else {
            orphans = orphans.filter { outbox.hasUnfinished(epoch: $0.key) }
            return batch
        }
        let known: Set<UInt128>
        do {
            known = try await outcomes(since: Set(doubtful.map { batch[$0].holding }).map(positions))
        } catch {
            logger.warning(
                "Outcomes wait: it is not known which of them are stored",
                metadata: ["count": "\(doubtful.count)", "error": .string("\(error)")]
            )
            return nil
        }
        var batch = batch
        var repeats = 0
        for index in doubtful {
            repeats += batch[index].leaveOut(known)
            batch[index].isUncertain = false
        }
        if repeats > 0 {
            logger.notice("Outcomes that are stored already are left out", metadata: ["count": "\(repeats)"])
        }
        for publication in batch where publication.isStored { finish(publication) }
        return batch.filter { !$0.isStored }
    }

    /// Whether it belongs to a holding that is over.
    func isFormer(_ publication: Outbox.Publication) -> Bool {
        partitions[publication.source.partition]?.epoch != publication.epoch
    }

    /// How far a holding has seen the outcome topics.
    private func positions(_ holding: Outbox.Holding) -> [LanePartition.OutcomePartition: Int64] {
        if let partition = partitions[holding.partition], partition.epoch == holding.epoch {
            return partition.positions
        }
        return orphans[holding.epoch] ?? [:]
    }

    /// The runs whose outcomes were published after the first of the positions.
    private func outcomes(since positions: [[LanePartition.OutcomePartition: Int64]]) async throws -> Set<UInt128> {
        var runs: Set<UInt128> = []
        _ = try await readOutcomes(from: outcomeStarts(positions)) { runs.insert($0.run) }
        return runs
    }

    /// Reads this provider's outcomes from the given places to the ends of the topics.
    ///
    /// - Returns: where a later read has to continue.
    func readOutcomes(
        from starts: [PartitionOffset],
        _ body: (Outcome) -> Void
    ) async throws -> [PartitionOffset] {
        try await TopicScan.read(context.kafka, logger: logger, from: starts) { records in
            for record in records {
                guard let value = record.value, let outcome = try? Outcome(decoding: value),
                    outcome.provider == provider.name
                else { continue }
                body(outcome)
            }
            return true
        }
    }

    /// Where to read the outcome topics so that nothing is missed that is not before one of the positions.
    func outcomeStarts(
        _ positions: [[LanePartition.OutcomePartition: Int64]]
    ) async throws -> [PartitionOffset] {
        var starts: [PartitionOffset] = []
        for (code, topic) in [(UInt8(0), context.topics.results), (1, context.topics.failures)] {
            for number in 0..<Int32(clamping: try await context.writer.partitionCount(of: topic)) {
                let known = positions.map { $0[.init(topic: code, partition: number)] }
                // Who says nothing of a partition needs all of it.
                let first = known.contains(nil) ? nil : known.compactMap(\.self).min()
                starts.append(
                    PartitionOffset(partition: TopicPartition(topic: topic, partition: number), offset: first)
                )
            }
        }
        return starts
    }
}

extension Outbox.Publication {
    /// Whether it says what became of commands, and does not only move them.
    fileprivate var hasOutcomes: Bool { outcomes.contains { Self.run(of: $0) != nil } }

    /// Leaves out outcomes of runs that have one; the dead letters beside them once none is left.
    ///
    /// - Returns: how many.
    fileprivate mutating func leaveOut(_ known: Set<UInt128>) -> Int {
        let before = outcomes.count
        outcomes.removeAll { Self.run(of: $0).map(known.contains) ?? false }
        if outcomes.isEmpty, before > 0 { letters = [] }
        return before - outcomes.count
    }

    private static func run(of record: ProducerRecord) -> UInt128? {
        record.value.flatMap { try? Outcome(decoding: $0) }?.run
    }
}
