import KafkaClient
import Logging

/// Counts the records that a topic has ever held, by its watermarks, so that watching costs next to nothing.
struct TopicMeter {
    private let consumer: KafkaConsumer
    private let partitions: [TopicPartition]

    init(_ kafka: KafkaSettings, _ logger: Logger, topic: String, partitions: Int) throws {
        consumer = try KafkaConsumer(settings: kafka, groupID: nil, logger: logger)
        self.partitions = (0..<Int32(partitions)).map { TopicPartition(topic: topic, partition: $0) }
    }

    func count() async throws -> Int {
        var sum: Int64 = 0
        for partition in partitions { sum += try await consumer.watermarks(partition).high }
        return Int(sum)
    }

    /// Waits until there are so many; looks every `interval`.
    /// - Returns: how many there are then, and the instant of the look.
    @discardableResult
    func wait(
        for count: Int,
        interval: Duration = .milliseconds(5),
        limit: Duration = .seconds(300)
    ) async throws -> (count: Int, at: ContinuousClock.Instant) {
        let deadline = ContinuousClock.now + limit
        while true {
            let found = try await self.count()
            let now = ContinuousClock.now
            if found >= count { return (found, now) }
            guard now < deadline else {
                throw ChildFailure(reason: "\(partitions[0].topic) has \(found) of \(count) records")
            }
            try await Task.sleep(for: interval)
        }
    }

    func close() async {
        await consumer.close()
    }
}
