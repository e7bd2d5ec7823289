internal import KafkaClient
internal import Logging
internal import Synchronization

/// A producer that is replaced when its idempotence has failed for good.
final class LastingProducer: Sendable {
    private let settings: KafkaSettings
    private let logger: Logger
    private let producer: Mutex<KafkaProducer>
    private let isOver = Mutex(false)

    init(settings: KafkaSettings, logger: Logger) throws(KafkaError) {
        self.settings = settings
        self.logger = logger
        producer = Mutex(try KafkaProducer(settings: settings, logger: logger))
    }

    private var current: KafkaProducer { producer.withLock { $0 } }

    /// Writes records in their order, once, and says how each one ended.
    func send(_ records: [ProducerRecord]) async -> [Result<Delivery, KafkaError>] {
        let producer = current
        let results = await producer.send(records)
        if producer.fatalError != nil { await replace(producer) }
        return results
    }

    /// As ``send(_:)-(_)`` of an array, but says only what failed, in the order of the block.
    func send(_ block: ProducerBlock) async -> [(index: Int, error: KafkaError)] {
        let producer = current
        let failures = await producer.send(block)
        if producer.fatalError != nil { await replace(producer) }
        return failures.sorted { $0.index < $1.index }
    }

    func partitionCount(of topic: String) async throws(KafkaError) -> Int {
        try await current.partitionCount(of: topic)
    }

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

    /// Gives up what no broker has acknowledged and takes nothing more.
    func giveUp() {
        isOver.withLock { $0 = true }
        let producer = current
        Task { await producer.close(timeout: .zero) }
    }

    func close() async {
        await current.close(timeout: .seconds(1))
    }
}
