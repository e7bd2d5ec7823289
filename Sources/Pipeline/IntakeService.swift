internal import KafkaClient
internal import Logging
internal import Messages
internal import Metrics
internal import Scheduling
internal import ServiceLifecycle

/// Reads the command topics, checks and routes, and commits what the brokers have in the lanes.
///
/// Three stages work at the same time: one batch is read, the one before it is routed, and the one before that is being
/// stored; one more may lie between two stages. Batches are stored in order, so that an entity's commands reach their lane in order.
package actor IntakeService: Service {
    private let context: WorkerContext
    private let logger: Logger
    private var consumer: KafkaConsumer?
    private var isStopping = false
    /// Grows with each joining, so that a batch of an earlier one finishes nothing in a later one.
    private var session = 0
    /// Batches on their way to the brokers, at most three.
    private var underway = 0
    /// The storing of the latest of them.
    private var last: Task<Void, Never>?
    /// A stop has waited long enough for that batch.
    private var hasGivenUp = false
    private var storeSignals: [CheckedContinuation<Void, Never>] = []
    private var preparation: Task<IntakeRouting, any Error>?
    private var lastTurn = ContinuousClock.now
    /// The reading loop stands still for the brokers' sake: an outage is no reason to start the process anew.
    private var awaitsBrokers = true
    private var isAssigned = false
    /// Next offset to commit, for each partition that is ours.
    private var finished: [TopicPartition: Int64] = [:]
    private var committed: [TopicPartition: Int64] = [:]
    /// Commands that ended here, so that a repeat has no second outcome.
    private var ended: IntakeMemory
    private let rejectedCount = Counter(
        label: "bulkhead_commands_total",
        dimensions: [("provider", ""), ("type", ""), ("disposition", Disposition.rejected.rawValue)]
    )
    private let routedCount = Counter(label: "bulkhead_intake_routed_total")
    private let duplicates = Counter(label: "bulkhead_duplicates_total", dimensions: [("provider", "")])

    package init(context: WorkerContext) {
        self.context = context
        var logger = context.logger
        logger[metadataKey: "service"] = "intake"
        self.logger = logger
        ended = IntakeMemory(capacity: context.settings.commandMemory)
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            while !isStopping, !Task.isCancelled {
                do {
                    try await readUntilStopped()
                } catch {
                    logger.error("Intake failed, joining again", metadata: ["error": .string("\(error)")])
                }
                turned()
                await leave()
                if !isStopping { try? await Task.sleep(for: .seconds(1)) }
            }
        } onGracefulShutdown: {
            Task { await self.stop() }
        }
    }

    package func health() -> ServiceHealth {
        ServiceHealth(
            name: "intake",
            idle: awaitsBrokers ? .zero : lastTurn.duration(to: .now),
            isAssigned: isAssigned
        )
    }

    /// The reading loop has come round, or goes on after it waited for brokers.
    private func turned() {
        lastTurn = .now
        awaitsBrokers = false
    }

    private func stop() {
        isStopping = true
        preparation?.cancel()
        consumer?.wake()
        Task {
            try? await Task.sleep(for: context.settings.drain)
            giveUp()
        }
    }

    private func giveUp() {
        hasGivenUp = true
        signalStored()
    }

    private func leave() async {
        guard let consumer else { return }
        let commit = Task { await self.commit() }
        if isStopping {
            _ = await value(of: commit, until: .now + .seconds(2))
        } else {
            await commit.value
        }
        self.consumer = nil
        session += 1
        isAssigned = false
        finished = [:]
        committed = [:]
        await consumer.close()
    }

    /// What a lane has, and a queue that is not full at once: librdkafka looks at a full one again only after a second.
    private static func consumerSettings(_ kafka: KafkaSettings) -> KafkaSettings {
        LaneService.consumerSettings(
            KafkaSettings(["queued.max.messages.kbytes": "65536", "queued.min.messages": "1000000"])
                .merging(kafka.properties)
        )
    }

    private func readUntilStopped() async throws {
        awaitsBrokers = true
        guard let routing = try await prepare() else { return }
        let consumer = try KafkaConsumer(
            settings: Self.consumerSettings(context.kafka),
            groupID: context.topics.intakeGroup,
            logger: logger
        )
        self.consumer = consumer
        try await consumer.subscribe([context.topics.commands])
        var lastCommit = ContinuousClock.now
        while !isStopping, !Task.isCancelled {
            turned()
            let events = try await consumer.nextEvents(
                maxRecords: 8_000,
                maxBytes: 8 << 20,
                timeout: .milliseconds(200)
            )
            turned()
            for event in events {
                switch event {
                case .records(let records):
                    awaitsBrokers = true
                    guard await untilStored(but: 2) else { return }
                    turned()
                    underway += 1
                    // Unstructured, so that records that were read are stored although reading was cancelled.
                    last = Task { [session, last] in
                        let batch = await routing.route(records)
                        await last?.value
                        await self.store(batch, session)
                    }
                case .assigning(let partitions):
                    awaitsBrokers = true
                    try await take(partitions, consumer)
                    turned()
                    isAssigned = true
                case .revoking(let partitions, let lost):
                    awaitsBrokers = true
                    guard await untilStored() else { return }
                    turned()
                    if !lost { await commit() }
                    for partition in partitions {
                        finished[partition] = nil
                        committed[partition] = nil
                    }
                    try await consumer.completeRevocation()
                case .stalled(let partition, _):
                    logger.warning(
                        "Consumer stalled and was restarted",
                        metadata: ["partition": .string("\(partition)")]
                    )
                case .error(let error):
                    logger.warning("Kafka consumer error", metadata: ["error": .string(error.name)])
                case .endOfPartition: break
                }
            }
            if events.isEmpty || lastCommit.duration(to: .now) > context.settings.commitInterval {
                lastCommit = .now
                await commit()
            }
        }
        _ = await untilStored()
    }

    /// Learns how many partitions each lane has, since the account's partition follows from it.
    ///
    /// - Returns: `nil` when the worker was told to stop.
    private func prepare() async throws -> IntakeRouting? {
        let preparation = Task { try await self.makeRouting() }
        self.preparation = preparation
        defer { self.preparation = nil }
        let routing = await withTaskCancellationHandler {
            await preparation.result
        } onCancel: {
            preparation.cancel()
        }
        return isStopping || Task.isCancelled ? nil : try routing.get()
    }

    private func makeRouting() async throws -> IntakeRouting {
        var counts: [String: Int] = [:]
        for name in context.catalog.providers.keys {
            counts[name] = try await context.writer.partitionCount(of: context.topics.live(name))
        }
        return IntakeRouting(
            topics: context.topics,
            catalog: context.catalog,
            partitionCounts: counts,
            redact: context.settings.redact,
            clock: context.clock
        )
    }

    private func take(_ partitions: [TopicPartition], _ consumer: KafkaConsumer) async throws {
        let offsets = try await consumer.committed(partitions)
        ended.insert(try await ended.read(offsets, from: [context.topics.failures], consumer, context, logger))
        for item in offsets { committed[item.partition] = item.offset }
        try await consumer.assign(offsets)
        logger.info("Partitions assigned", metadata: ["count": "\(partitions.count)"])
    }

    /// Stores a batch and notes its offsets as finished.
    private func store(_ batch: IntakeRouting.Batch, _ session: Int) async {
        // After a batch that was given up nothing may be stored, or offsets would be finished in its place.
        let isStored = !hasGivenUp ? await deliver(batch) : false
        if isStored, session == self.session {
            for (partition, end) in batch.ends { finished[partition] = end }
        }
        hasGivenUp = hasGivenUp || !isStored
        underway -= 1
        signalStored()
    }

    private func deliver(_ batch: IntakeRouting.Batch) async -> Bool {
        routedCount.increment(by: batch.records.count)
        var letters: [ProducerRecord] = []
        var outcomes: [ProducerRecord] = []
        for (outcome, ending) in batch.endings {
            if ended.insert(outcome) {
                if outcome.disposition == .rejected { rejectedCount.increment() }
                letters += ending.dropLast()
                outcomes += ending.suffix(1)
            } else {
                duplicates.increment()
            }
        }
        // Outcomes last: they are what tells that a command is done.
        guard await context.writer.deliver(batch.records), await context.writer.deliver(letters) else { return false }
        return await context.writer.deliver(outcomes)
    }

    /// Waits for the batches that are on their way, all `but` so many.
    ///
    /// - Returns: `false` when one was given up: the worker stops, and the next one reads it again.
    private func untilStored(but allowed: Int = 0) async -> Bool {
        while underway > allowed, !hasGivenUp {
            await withCheckedContinuation { storeSignals.append($0) }
        }
        return !hasGivenUp
    }

    private func signalStored() {
        let waiting = storeSignals
        storeSignals = []
        for continuation in waiting { continuation.resume() }
    }

    private func commit() async {
        guard let consumer else { return }
        let due = finished.filter { committed[$0.key] != $0.value }
        guard !due.isEmpty else { return }
        do throws(KafkaError) {
            for result in try await consumer.commit(due.map { PartitionOffset(partition: $0.key, offset: $0.value) }) {
                if let error = result.error {
                    logger.info("Commit refused", metadata: ["error": .string(error.name)])
                } else {
                    committed[result.partition] = due[result.partition]
                }
            }
        } catch {
            logger.warning("Commit failed", metadata: ["error": .string(error.name)])
        }
    }
}
