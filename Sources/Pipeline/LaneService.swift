internal import HeapModule
internal import KafkaClient
internal import Logging
internal import Messages
internal import ProviderKit
internal import Scheduling
internal import ServiceLifecycle

/// One provider's lane in this worker: reads its topics, asks the accounts' lanes what to do, calls, publishes, commits.
///
/// The actor is the dull shell around ``AccountLane`` and ``OffsetLedger``. Calls run in tasks of their own; everything else
/// happens here, one thing at a time.
package actor LaneService: Service {
    let provider: ProviderEntry
    let context: WorkerContext
    let logger: Logger
    let metrics: LaneMetrics
    let ownership: Ownership
    let alarm: Alarm
    let calls: AsyncStream<Call>
    let callOrders: AsyncStream<Call>.Continuation
    let outbox = Outbox()
    /// Yields when a replay asks what has succeeded before.
    let successReads: AsyncStream<Void>
    let successOrders: AsyncStream<Void>.Continuation

    var consumer: KafkaConsumer?
    var partitionCount = 1
    var partitions: [Int32: LanePartition] = [:]
    var accounts: [String: AccountRuntime] = [:]
    var wakes = Heap<Wake>()
    var endpoints: [String: Int32] = [:]
    var lastEpoch = 0
    /// Holdings that ended before all their outcomes were stored, and how far they had seen the outcome topics.
    var orphans: [Int: [LanePartition.OutcomePartition: Int64]] = [:]
    var inFlight = 0
    var isStopping = false
    /// When the grace time of a stop is over.
    private var graceEnd = ContinuousClock.now
    /// What has to be known before the group is joined; a stop does not wait for it.
    private var preparation: Task<Int, any Error>?
    /// When a command was finished last, or there was nothing to do.
    var lastProgress = ContinuousClock.now
    var isStuck = false
    /// When an outcome was stored last, or there was none to store.
    var lastStored = ContinuousClock.now
    /// Outcomes have waited for so long that somebody should look.
    var isBlocked = false
    /// When the reading loop turned last.
    var lastTurn = ContinuousClock.now
    /// The reading loop stands still for the brokers' sake: an outage is no reason to start the process anew.
    var awaitsBrokers = true
    var isAssigned = false
    /// Those who wait for calls in flight to end.
    var idleSignals: [CheckedContinuation<Void, Never>] = []
    var random = SystemRandomNumberGenerator()

    struct Wake: Comparable {
        var at: Instant
        var account: String
        var epoch: Int

        static func < (left: Wake, right: Wake) -> Bool { left.at < right.at }
    }

    package init(provider: ProviderEntry, context: WorkerContext) {
        self.provider = provider
        self.context = context
        var logger = context.logger
        logger[metadataKey: "lane"] = .string(provider.name)
        self.logger = logger
        metrics = LaneMetrics(provider: provider.name)
        ownership = Ownership(clock: context.clock)
        alarm = Alarm(clock: context.clock)
        (calls, callOrders) = AsyncStream.makeStream()
        (successReads, successOrders) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var now: Instant { context.clock.now }
    var liveTopic: String { context.topics.live(provider.name) }
    var bulkTopic: String { context.topics.bulk(provider.name) }

    /// Runs until the group it belongs to shuts down gracefully; then finishes what is in flight, publishes and commits.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.makeCalls() }
                group.addTask { await self.ring() }
                group.addTask { await self.publish() }
                group.addTask { await self.commitRegularly() }
                group.addTask { await self.obeyControl() }
                group.addTask { await self.learnSuccesses() }
                await self.read()
                await self.settle()
                callOrders.finish()
                alarm.finish()
                outbox.finish()
                successOrders.finish()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            Task { await self.stop() }
        }
    }

    private func stop() {
        isStopping = true
        graceEnd = .now + context.settings.grace
        preparation?.cancel()
        consumer?.wake()
    }

    /// Waits for outcomes of partitions given back before, as long as the grace time lasts; what cannot be stored by then
    /// is done again by the next owner.
    private func settle() async {
        while !outbox.isSettled, ContinuousClock.now < graceEnd, !Task.isCancelled { await waitUntilIdle(at: graceEnd) }
        if !outbox.isSettled { context.writer.giveUp() }
    }

    // MARK: Reading

    /// Joins the group, reads until told to stop, and joins again after a fatal error.
    private func read() async {
        while !isStopping, !Task.isCancelled {
            do {
                awaitsBrokers = true
                guard try await prepare() else { continue }
                let consumer = try KafkaConsumer(
                    settings: Self.consumerSettings(context.kafka),
                    groupID: context.topics.laneGroup(provider.name),
                    logger: logger
                )
                self.consumer = consumer
                try await consumer.subscribe([liveTopic, bulkTopic])
                turned()
                while !isStopping, !Task.isCancelled {
                    let events = try await consumer.nextEvents(maxRecords: 2_000, timeout: .milliseconds(500))
                    turned()
                    for event in events { try await handle(event, consumer) }
                    if isStuck { throw LaneStuck() }
                }
            } catch {
                logger.error("Lane reader failed, joining again", metadata: ["error": .string("\(error)")])
                forgetPartitions(Array(partitions.keys))
            }
            turned()
            await leave()
            isStuck = false
            lastProgress = .now
            if !isStopping { try? await Task.sleep(for: .seconds(1)) }
        }
    }

    /// The reading loop has come round, or goes on after it waited for brokers.
    private func turned() {
        lastTurn = .now
        awaitsBrokers = false
    }

    /// Reads what people have decided, since a lane that was paused stays paused over restarts, and counts the partitions.
    ///
    /// - Returns: `false` when the worker was told to stop.
    private func prepare() async throws -> Bool {
        let preparation = Task { [context, liveTopic] in
            await context.control.untilCaughtUp()
            return try await context.writer.partitionCount(of: liveTopic)
        }
        self.preparation = preparation
        defer { self.preparation = nil }
        let count = await withTaskCancellationHandler {
            await preparation.result
        } onCancel: {
            preparation.cancel()
        }
        guard !isStopping, !Task.isCancelled else { return false }
        partitionCount = try count.get()
        return true
    }

    /// Finishes what is in flight within the grace time, commits and leaves the group.
    private func leave() async {
        guard let consumer else { return }
        if !partitions.isEmpty { await release(Array(partitions.keys), consumer, within: context.settings.grace) }
        self.consumer = nil
        isAssigned = false
        await consumer.close()
    }

    static func consumerSettings(_ kafka: KafkaSettings) -> KafkaSettings {
        KafkaSettings([
            "partition.assignment.strategy": "range", "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": "16384", "fetch.message.max.bytes": "4194304",
            "fetch.wait.max.ms": "100", "socket.nagle.disable": "true",
        ]).merging(kafka.properties)
    }

    private func handle(_ event: ConsumerEvent, _ consumer: KafkaConsumer) async throws {
        switch event {
        case .records(let records):
            admit(records)
            try await applyBackPressure(consumer)
        case .assigning(let assigned):
            // Reads what was left behind; in an outage that takes as long as the outage.
            awaitsBrokers = true
            try await take(assigned, consumer)
            turned()
            isAssigned = true
        case .revoking(let revoked, let lost):
            logger.info("Partitions revoked", metadata: ["count": "\(revoked.count)", "lost": "\(lost)"])
            let numbers = Array(Set(revoked.map(\.partition)))
            if lost {
                forgetPartitions(numbers)
            } else {
                await release(numbers, consumer, within: context.settings.drain)
            }
            try await consumer.completeRevocation()
        case .stalled(let partition, _):
            logger.warning("Consumer stalled and was restarted", metadata: ["partition": .string("\(partition)")])
        case .error(let error):
            logger.warning("Kafka consumer error", metadata: ["error": .string(error.name)])
        case .endOfPartition:
            break
        }
    }

    /// Pauses what has too much in memory, and lets it go on once half of that is done.
    func applyBackPressure(_ consumer: KafkaConsumer) async throws {
        var pause: [TopicPartition] = []
        var resume: [TopicPartition] = []
        let isOutboxFull = outbox.isFull
        let maxBytes = context.settings.maxBytes / max(1, 2 * partitions.count)
        for number in partitions.keys {
            for kind in [Work.Class.live, .bulk] {
                guard var side = partitions[number]?[kind] else { continue }
                let open = side.ledger.open
                let isOver =
                    isOutboxFull || open >= context.settings.maxRecordsPerPartition || side.bytes >= maxBytes
                    || side.ledger.end - side.ledger.mark >= CommitMetadata.longestStretch / 2
                let isUnder =
                    !isOutboxFull && open <= context.settings.maxRecordsPerPartition / 2 && side.bytes <= maxBytes / 2
                let topic = kind == .live ? liveTopic : bulkTopic
                if isOver, !side.isPaused {
                    side.isPaused = true
                    pause.append(TopicPartition(topic: topic, partition: number))
                } else if isUnder, side.isPaused {
                    side.isPaused = false
                    resume.append(TopicPartition(topic: topic, partition: number))
                } else {
                    continue
                }
                partitions[number]?[kind] = side
            }
        }
        if !pause.isEmpty { try await consumer.pause(pause) }
        if !resume.isEmpty { try await consumer.resume(resume) }
    }
}

/// Work and budget exist, but nothing moves: the lane joins its group anew.
struct LaneStuck: Error, CustomStringConvertible {
    var description: String { "work and budget exist, but nothing was finished for the time of lanes.watchdog" }
}
