package import KafkaClient
package import Logging
internal import Scheduling

/// How far a consumer group is in one partition, by what it has committed.
package struct GroupProgress: Hashable, Sendable {
    /// The first offset that is not finished.
    package var mark: Int64
    /// Offsets finished beyond the mark.
    package var finished: [Range<Int64>]
    /// The offset that the next record will have.
    package var end: Int64

    package init(mark: Int64, finished: [Range<Int64>] = [], end: Int64) {
        self.mark = mark
        self.finished = finished
        self.end = end
    }

    /// Records that the partition holds and the group has not finished.
    package var left: Int64 { unfinished(before: end) }

    /// Unfinished records before an offset.
    package func unfinished(before offset: Int64) -> Int64 {
        let done = finished.reduce(0) { $0 + Int64($1.clamped(to: mark..<max(mark, offset)).count) }
        return max(0, offset - mark - done)
    }

    package func isFinished(_ offset: Int64) -> Bool {
        offset < mark || finished.contains { $0.contains(offset) }
    }

    /// Asks the brokers; nothing is joined and nothing is committed.
    package static func read(
        _ kafka: KafkaSettings,
        logger: Logger,
        group: String,
        partitions: [TopicPartition]
    ) async throws -> [TopicPartition: GroupProgress] {
        guard !partitions.isEmpty else { return [:] }
        let consumer = try KafkaConsumer(settings: kafka, groupID: group, logger: logger)
        do {
            var progress: [TopicPartition: GroupProgress] = [:]
            for item in try await consumer.committed(partitions, timeout: .seconds(15)) {
                let marks = try await consumer.watermarks(item.partition, timeout: .seconds(15))
                let mark = max(marks.low, item.offset ?? marks.low)
                // What is finished beyond the mark is told by lanes only; intake finishes in order.
                let metadata = item.offset.flatMap { CommitMetadata(item.metadata ?? "", mark: $0) }
                progress[item.partition] = GroupProgress(
                    mark: mark,
                    finished: metadata?.finished ?? [],
                    end: max(mark, marks.high)
                )
            }
            await consumer.close()
            return progress
        } catch {
            await consumer.close()
            throw error
        }
    }
}
