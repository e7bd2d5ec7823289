internal import CRdKafka
internal import Logging

extension KafkaConsumer {
    /// Starts stalled partitions again, and asks about silent ones; the answers are weighed in a later turn.
    func restartStalled() -> [ConsumerEvent] {
        guard let handle, pendingRevocation == nil, !isAssignmentPending else { return [] }
        var events: [ConsumerEvent] = []
        let now = ContinuousClock.now
        for (partition, watermarks) in stalls.takeAnswers() {
            guard progress.weigh(watermarks, of: partition, now: now) else { continue }
            let offset = progress.next(partition)
            restartStalled(partition, handle)
            logger.warning(
                "A partition with records to read delivered none and was started again",
                metadata: [
                    "topic": .string(partition.topic), "partition": .stringConvertible(partition.partition),
                    "offset": .stringConvertible(offset ?? -1), "high": .stringConvertible(watermarks.high),
                ]
            )
            events.append(.stalled(partition, offset: offset))
        }
        guard !stalls.isAsking else { return events }
        let suspects = progress.suspects(now: now)
        if !suspects.isEmpty { stalls.ask(suspects, handle) }
        return events
    }

    /// A partition that is being read is sought; one that never began is assigned again.
    private func restartStalled(_ partition: TopicPartition, _ handle: ClientHandle) {
        let offset = PartitionOffset(partition: partition, offset: progress.next(partition))
        _ = PartitionList([partition]).lend { rd_kafka_resume_partitions(handle.client, $0) }
        // No answer in time is no refusal: the partition is being started. It waits for librdkafka's threads only.
        let error = handle.seek(offset, unset: unsetOffset, timeout: .milliseconds(200))
        guard let error, error.code != .timedOut else { return }
        if isCooperative(handle) {
            // An incremental unassign outside a rebalance would make the member join again; the next check seeks again.
            return
        }
        let paused = progress.paused
        _ = PartitionList(progress.positions, unset: unsetOffset).lend { rd_kafka_assign(handle.client, $0) }
        _ = PartitionList(paused).lend { rd_kafka_pause_partitions(handle.client, $0) }
    }
}
