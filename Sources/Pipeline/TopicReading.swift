internal import KafkaClient
internal import Logging
internal import ServiceLifecycle

/// A service that reads one topic as a member of a group and commits what it has passed on.
///
/// Joining, answering the group, committing and leaving are the same for all; what becomes of the records is each one's own.
protocol TopicReading: Actor {
    nonisolated var context: WorkerContext { get }
    nonisolated var logger: Logger { get }
    var reading: TopicReader { get set }

    /// Told before the group is joined how many partitions each lane has, by provider.
    func prepare(_ partitionCounts: [String: Int])
    /// Takes in records.
    ///
    /// - Returns: `false` when reading has to end.
    func take(_ records: RecordBlock) async -> Bool
    /// Takes partitions over and assigns them to the consumer.
    func take(_ partitions: [TopicPartition], _ consumer: KafkaConsumer) async throws
    /// Settles and forgets partitions that the group takes back.
    ///
    /// - Parameter commits: whether they are still ours, so that what is done can be committed.
    /// - Returns: `false` when reading has to end.
    func letGo(_ partitions: [TopicPartition], commits: Bool) async -> Bool
    /// Called after each turn.
    func turnEnded(_ consumer: KafkaConsumer, isIdle: Bool) async throws
    /// Waits for what is underway, after the last turn.
    func settle() async
    /// Commits before the group is left; a stop does not wait for it long.
    func commitLast() async
    /// Forgets all partitions, before the consumer is closed.
    func forget()
    /// Called once when the worker stops.
    func stopped()
}

/// Where a ``TopicReading`` service is.
struct TopicReader: Sendable {
    /// The name in the report of health.
    let name: String
    let topic: String
    let group: String
    let settings: KafkaSettings
    /// What one turn may bring.
    let maxRecords: Int
    let maxBytes: Int

    var consumer: KafkaConsumer?
    var isStopping = false
    var preparation: Task<[String: Int], any Error>?
    var lastTurn = ContinuousClock.now
    /// The reading loop stands still for the brokers' sake: an outage is no reason to start the process anew.
    var awaitsBrokers = true
    var isAssigned = false

    init(
        _ name: String,
        topic: String,
        group: String,
        settings: KafkaSettings,
        maxRecords: Int,
        maxBytes: Int = 16 << 20
    ) {
        self.name = name
        self.topic = topic
        self.group = group
        self.settings = settings
        self.maxRecords = maxRecords
        self.maxBytes = maxBytes
    }

    /// The reading loop has come round, or goes on after it waited for brokers.
    mutating func turned() {
        lastTurn = .now
        awaitsBrokers = false
    }
}

extension TopicReading {
    /// Reads until the group that the service belongs to shuts down gracefully.
    func read() async {
        await withGracefulShutdownHandler {
            while !reading.isStopping, !Task.isCancelled {
                do {
                    try await readUntilStopped()
                } catch {
                    logger.error("Reading failed, joining again", metadata: ["error": .string("\(error)")])
                }
                reading.turned()
                await leave()
                if !reading.isStopping { try? await Task.sleep(for: .seconds(1)) }
            }
        } onGracefulShutdown: {
            Task { await self.stop() }
        }
    }

    var state: ServiceHealth {
        ServiceHealth(
            name: reading.name,
            idle: reading.awaitsBrokers ? .zero : reading.lastTurn.duration(to: .now),
            isAssigned: reading.isAssigned
        )
    }

    private func stop() {
        reading.isStopping = true
        reading.preparation?.cancel()
        reading.consumer?.wake()
        stopped()
    }

    private func leave() async {
        guard let consumer = reading.consumer else { return }
        let last = Task { await self.commitLast() }
        if reading.isStopping {
            // Without brokers neither a write nor a commit ends; the next worker does again what is not committed.
            _ = await value(of: last, until: .now + .seconds(2))
        } else {
            await last.value
        }
        reading.consumer = nil
        reading.isAssigned = false
        forget()
        await consumer.close()
    }

    private func readUntilStopped() async throws {
        reading.awaitsBrokers = true
        guard let counts = try await partitionCounts() else { return }
        prepare(counts)
        let consumer = try KafkaConsumer(settings: reading.settings, groupID: reading.group, logger: logger)
        reading.consumer = consumer
        try await consumer.subscribe([reading.topic])
        while !reading.isStopping, !Task.isCancelled {
            reading.turned()
            let events = try await consumer.nextEvents(
                maxRecords: reading.maxRecords,
                maxBytes: reading.maxBytes,
                timeout: .milliseconds(200)
            )
            reading.turned()
            // What follows may take as long as the brokers do.
            reading.awaitsBrokers = true
            for event in events {
                guard try await handle(event, consumer) else { return }
            }
            try await turnEnded(consumer, isIdle: events.isEmpty)
        }
        await settle()
    }

    /// - Returns: `false` when reading has to end.
    private func handle(_ event: ConsumerEvent, _ consumer: KafkaConsumer) async throws -> Bool {
        switch event {
        case .records(let records):
            return await take(records)
        case .assigning(let partitions):
            try await take(partitions, consumer)
            reading.isAssigned = true
            logger.info("Partitions assigned", metadata: ["count": "\(partitions.count)"])
        case .revoking(let partitions, let lost):
            guard await letGo(partitions, commits: !lost) else { return false }
            try await consumer.completeRevocation()
        case .stalled(let partition, _):
            logger.warning("Consumer stalled and was restarted", metadata: ["partition": .string("\(partition)")])
        case .error(let error):
            logger.warning("Kafka consumer error", metadata: ["error": .string(error.name)])
        case .endOfPartition: break
        }
        return true
    }

    /// Learns how many partitions each lane has; `nil` when the worker was told to stop.
    private func partitionCounts() async throws -> [String: Int]? {
        let preparation = Task { [context] in
            var counts: [String: Int] = [:]
            for name in context.catalog.providers.keys {
                counts[name] = try await context.writer.partitionCount(of: context.topics.live(name))
            }
            return counts
        }
        reading.preparation = preparation
        defer { reading.preparation = nil }
        let counts = await withTaskCancellationHandler {
            await preparation.result
        } onCancel: {
            preparation.cancel()
        }
        return reading.isStopping || Task.isCancelled ? nil : try counts.get()
    }

    /// Commits offsets; says which ones the brokers have.
    func commit(_ due: [PartitionOffset]) async -> [PartitionOffset] {
        guard let consumer = reading.consumer, !due.isEmpty else { return [] }
        var stored: [PartitionOffset] = []
        do throws(KafkaError) {
            for (result, item) in zip(try await consumer.commit(due), due) {
                if let error = result.error {
                    logger.info("Commit refused", metadata: ["error": .string(error.name)])
                } else {
                    stored.append(item)
                }
            }
        } catch {
            logger.warning("Commit failed", metadata: ["error": .string(error.name)])
        }
        return stored
    }
}
