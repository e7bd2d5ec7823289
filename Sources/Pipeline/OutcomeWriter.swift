package import KafkaClient
package import Logging
internal import Synchronization

/// Writes records until the brokers have them.
///
/// A write that fails is back-pressure, never loss: it is repeated, more and more slowly, and whoever waits for it takes
/// nothing new meanwhile.
package final class OutcomeWriter: Sendable {
    private let settings: KafkaSettings
    private let logger: Logger
    private let producer: Mutex<KafkaProducer>
    private let isOver = Mutex(false)

    /// - Parameter settings: librdkafka's. Records wait for brokers as long as it takes, and may be as large as what a
    ///   consumer can have read, unless the settings say otherwise.
    package init(settings: KafkaSettings, logger: Logger) throws(KafkaError) {
        self.settings = KafkaSettings([
            "message.timeout.ms": "0", "message.max.bytes": "16777216", "linger.ms": "1", "compression.codec": "lz4",
            // The last, small request of a batch would else wait 40 ms for the acknowledgement of the one before.
            "socket.nagle.disable": "true",
        ]).merging(settings.properties)
        self.logger = logger
        producer = Mutex(try KafkaProducer(settings: self.settings, logger: logger))
    }

    private var current: KafkaProducer { producer.withLock { $0 } }

    /// Writes records in their order, once, and says how each one ended.
    package func send(_ records: [ProducerRecord]) async -> [Result<Delivery, KafkaError>] {
        let producer = current
        let results = await producer.send(records)
        if producer.fatalError != nil { await replace(producer) }
        return results
    }

    /// Writes records until all are stored; `false` when the task was cancelled before, or the writer gave up.
    ///
    /// A dead letter that no broker takes for its size goes without its value.
    package func deliver(_ records: [ProducerRecord]) async -> Bool {
        var left = records
        var pause = Duration.milliseconds(100)
        while true {
            let results = await send(left)
            var failed: [ProducerRecord] = []
            for (index, result) in results.enumerated() {
                guard case .failure(let error) = result else { continue }
                let record = left[index]
                failed.append(record.fitting(error))
                logger.warning(
                    "Record not stored, trying again",
                    metadata: ["topic": .string(record.topic), "error": .string(error.name)]
                )
            }
            guard !failed.isEmpty else { return true }
            if isOver.withLock({ $0 }) { return false }
            left = failed
            do { try await Task.sleep(for: pause) } catch { return false }
            pause = min(pause * 2, .seconds(5))
        }
    }

    package func partitionCount(of topic: String) async throws(KafkaError) -> Int {
        try await current.partitionCount(of: topic)
    }

    /// Replaces a producer whose idempotence has failed for good.
    private func replace(_ old: KafkaProducer) async {
        let isOurs: Bool = producer.withLock { current in
            guard current === old, let fresh = try? KafkaProducer(settings: settings, logger: logger) else {
                return false
            }
            current = fresh
            return true
        }
        if isOver.withLock({ $0 }) { giveUp() }
        guard isOurs else { return }
        logger.error("Kafka producer replaced after a fatal error")
        await old.close()
    }

    /// Gives up what no broker has acknowledged and takes nothing more, so that every wait for a write ends.
    func giveUp() {
        isOver.withLock { $0 = true }
        let producer = current
        Task { await producer.close(timeout: .zero) }
    }

    /// Ends the connections; everything that counts has been waited for by whoever wrote it.
    package func close() async {
        await current.close(timeout: .seconds(1))
    }
}
