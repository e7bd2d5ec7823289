import KafkaClient

/// How far topics and groups have come.
struct KafkaEnds: Sendable {
    private let kafka: KafkaSettings

    init(_ kafka: KafkaSettings) {
        self.kafka = kafka
    }

    /// The offset after the last record of each partition.
    func ends(of topics: [String]) async throws -> [TopicPartition: Int64] {
        try await ask(group: nil) { consumer in
            try await Self.partitions(of: topics, consumer).asyncMap { partition in
                (partition, try await consumer.watermarks(partition).high)
            }
        }
    }

    /// What a group still has to do, as `topic-partition: committed of end`; empty when it has done everything.
    func left(of topics: [String], group: String) async throws -> [String] {
        let ends = try await ends(of: topics)
        return try await ask(group: group) { consumer in
            try await consumer.committed(Array(ends.keys)).compactMap { item in
                let end = ends[item.partition] ?? 0
                guard item.offset ?? 0 != end else { return nil }
                return "\(item.partition): \(item.offset.map { "\($0)" } ?? "nothing") of \(end)"
            }
        }
    }

    private func ask<Value: Sendable>(
        group: String?,
        _ question: (KafkaConsumer) async throws -> Value
    ) async throws -> Value {
        let consumer = try KafkaConsumer(settings: kafka, groupID: group, logger: .silent)
        do {
            let value = try await question(consumer)
            await consumer.close()
            return value
        } catch {
            await consumer.close()
            throw error
        }
    }

    private static func partitions(of topics: [String], _ consumer: KafkaConsumer) async throws -> [TopicPartition] {
        var partitions: [TopicPartition] = []
        for topic in topics {
            let count = try await consumer.partitionCount(of: topic)
            partitions += (0..<Int32(clamping: count)).map { TopicPartition(topic: topic, partition: $0) }
        }
        return partitions
    }
}

extension [TopicPartition] {
    fileprivate func asyncMap(
        _ value: (TopicPartition) async throws -> (TopicPartition, Int64)
    ) async throws -> [TopicPartition: Int64] {
        var result: [TopicPartition: Int64] = [:]
        for partition in self {
            let (key, end) = try await value(partition)
            result[key] = end
        }
        return result
    }
}
