internal import KafkaClient
internal import Logging
internal import Messages
internal import Metrics
internal import Scheduling
internal import ServiceLifecycle

/// Reads the command topics, checks and routes, and commits what the brokers have in the lanes.
///
/// Three stages work at the same time: one batch is read, the one before it is routed, and the one before that is being
/// stored; one more may lie between two stages. Batches are stored in order, so that an entity's commands reach their
/// lane in order.
package actor IntakeService: Service, TopicReading {
    let context: WorkerContext
    let logger: Logger
    var reading: TopicReader
    private var routing: IntakeRouting?
    private var lastCommit = ContinuousClock.now
    /// Grows with each joining, so that a batch of an earlier one finishes nothing in a later one.
    private var session = 0
    /// Batches on their way to the brokers, at most three.
    private var underway = 0
    /// The storing of the latest of them.
    private var last: Task<Void, Never>?
    /// A stop has waited long enough for that batch.
    private var hasGivenUp = false
    private var storeSignals: [CheckedContinuation<Void, Never>] = []
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
        // librdkafka looks at a full queue again only after a second, so that it has to hold what is routed in one.
        let queue = KafkaSettings(["queued.max.messages.kbytes": "131072", "queued.min.messages": "1000000"])
        reading = TopicReader(
            "intake",
            topic: context.topics.commands,
            group: context.topics.intakeGroup,
            settings: LaneService.consumerSettings(queue.merging(context.kafka.properties)),
            maxRecords: 8_000,
            maxBytes: 8 << 20
        )
    }

    package func run() async throws {
        await read()
    }

    package func health() -> ServiceHealth { state }

    func stopped() {
        Task {
            try? await Task.sleep(for: context.settings.drain)
            giveUp()
        }
    }

    private func giveUp() {
        hasGivenUp = true
        signalStored()
    }

    func forget() {
        session += 1
        finished = [:]
        committed = [:]
    }

    func prepare(_ partitionCounts: [String: Int]) {
        routing = IntakeRouting(
            topics: context.topics,
            catalog: context.catalog,
            partitionCounts: partitionCounts,
            redact: context.settings.redact,
            clock: context.clock
        )
    }

    func take(_ records: RecordBlock) async -> Bool {
        guard let routing, await untilStored(but: 2) else { return false }
        underway += 1
        // Unstructured, so that records that were read are stored although reading was cancelled.
        last = Task { [session, last] in
            let batch = await routing.route(records)
            await last?.value
            await self.store(batch, session)
        }
        return true
    }

    func take(_ partitions: [TopicPartition], _ consumer: KafkaConsumer) async throws {
        let offsets = try await consumer.committed(partitions)
        ended.insert(try await ended.read(offsets, from: [context.topics.failures], consumer, context, logger))
        for item in offsets { committed[item.partition] = item.offset }
        try await consumer.assign(offsets)
    }

    func letGo(_ partitions: [TopicPartition], commits: Bool) async -> Bool {
        guard await untilStored() else { return false }
        if commits { await commit() }
        for partition in partitions {
            finished[partition] = nil
            committed[partition] = nil
        }
        return true
    }

    func turnEnded(_ consumer: KafkaConsumer, isIdle: Bool) async throws {
        guard isIdle || lastCommit.duration(to: .now) > context.settings.commitInterval else { return }
        lastCommit = .now
        await commit()
    }

    func settle() async {
        _ = await untilStored()
    }

    func commitLast() async {
        await commit()
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
        let due = finished.filter { committed[$0.key] != $0.value }
        for item in await commit(due.map { PartitionOffset(partition: $0.key, offset: $0.value) }) {
            committed[item.partition] = item.offset
        }
    }
}
