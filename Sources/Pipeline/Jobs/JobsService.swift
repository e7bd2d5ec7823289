internal import KafkaClient
internal import Logging
internal import Messages
internal import Scheduling
internal import ServiceLifecycle

/// Counts campaigns and imports, says how far they are, and tells their ends.
///
/// One worker does it for all: whoever owns the first partition of the control topic in a group of its own. It keeps
/// nothing but what the topics hold: a successor reads the outcomes of open jobs again, from where each began.
package actor JobsService: Service {
    private let context: WorkerContext
    private let logger: Logger
    private var consumer: KafkaConsumer?
    private var isStopping = false
    private var lastTurn = ContinuousClock.now
    /// The loop stands still for the brokers' sake: an outage is no reason to start the process anew.
    private var awaitsBrokers = true
    private var isAssigned = false
    private var leading: Task<Void, Never>?
    private var book = JobBook(positions: [:])
    private var checkpoint: JobCheckpoint?
    /// The book holds all that stood in the topics when this worker began to lead.
    private var isCaughtUp = false

    package init(context: WorkerContext) {
        self.context = context
        var logger = context.logger
        logger[metadataKey: "service"] = "jobs"
        self.logger = logger
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            while !isStopping, !Task.isCancelled {
                do {
                    try await stand()
                } catch {
                    logger.error("Jobs group left, joining again", metadata: ["error": .string("\(error)")])
                }
                await stopLeading()
                let consumer = self.consumer
                self.consumer = nil
                isAssigned = false
                await consumer?.close()
                if !isStopping { try? await Task.sleep(for: .seconds(1)) }
            }
        } onGracefulShutdown: {
            Task { await self.stop() }
        }
    }

    package func health() -> ServiceHealth {
        ServiceHealth(
            name: "jobs",
            idle: awaitsBrokers ? .zero : lastTurn.duration(to: .now),
            isAssigned: isAssigned
        )
    }

    private func stop() {
        isStopping = true
        consumer?.wake()
    }

    /// Stands for the lead, and leads while it has it.
    private func stand() async throws {
        let consumer = try KafkaConsumer(
            settings: LaneService.consumerSettings(context.kafka),
            groupID: context.topics.jobsGroup,
            logger: logger
        )
        self.consumer = consumer
        try await consumer.subscribe([context.topics.control])
        while !isStopping, !Task.isCancelled {
            awaitsBrokers = false
            lastTurn = .now
            let events = try await consumer.nextEvents(maxRecords: 1_000, timeout: .milliseconds(500))
            awaitsBrokers = true
            for event in events {
                switch event {
                case .assigning(let partitions):
                    // With an offset, since a search for the committed one that no broker answers aborts a close
                    // (an assertion of librdkafka 2.0.2).
                    try await consumer.assign(partitions.map { PartitionOffset(partition: $0, offset: 0) })
                    // The group is for the lead; the records are read elsewhere.
                    try await consumer.pause(partitions)
                    isAssigned = true
                    if partitions.contains(where: { $0.partition == 0 }) { startLeading() }
                case .revoking(let partitions, _):
                    if partitions.contains(where: { $0.partition == 0 }) { await stopLeading() }
                    try await consumer.completeRevocation()
                case .error(let error):
                    logger.warning("Kafka consumer error", metadata: ["error": .string(error.name)])
                case .records, .endOfPartition, .stalled: break
                }
            }
        }
    }

    private func startLeading() {
        guard leading == nil else { return }
        leading = Task {
            while !Task.isCancelled {
                do {
                    try await self.lead()
                } catch is CancellationError {
                    return
                } catch {
                    self.logger.error("Jobs cannot be counted, trying again", metadata: ["error": .string("\(error)")])
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    private func stopLeading() async {
        guard let task = leading else { return }
        leading = nil
        task.cancel()
        // A write that waits for brokers says the same again when another worker has the lead.
        _ = await value(of: task, until: .now + .seconds(1))
    }

    // MARK: Leading

    private func lead() async throws {
        isCaughtUp = false
        await context.control.untilCaughtUp()
        let outcomes = [context.topics.results, context.topics.failures]
        var partitions: [TopicPartition] = []
        for topic in outcomes {
            let count = try await context.writer.partitionCount(of: topic)
            partitions += (0..<Int32(clamping: count)).map { TopicPartition(topic: topic, partition: $0) }
        }
        // Everything that stands in the status topic, before the first outcome.
        var history: [KafkaRecord] = []
        var found: JobCheckpoint?
        let follow = try await TopicScan.read(context.kafka, logger: logger, topics: [context.topics.status]) {
            records in
            for record in records {
                if record.key == JobCheckpoint.key {
                    found = record.value.flatMap(JobCheckpoint.init)
                } else {
                    history.append(record)
                }
            }
            return true
        }
        let known = found
        checkpoint = known
        let starts = partitions.map { partition in
            PartitionOffset(partition: partition, offset: known?.start(of: partition))
        }
        var positions: [TopicPartition: Int64] = [:]
        for item in starts { positions[item.partition] = item.offset ?? 0 }
        book = JobBook(positions: positions, openedAt: known?.open ?? [:])
        // Ends come first, so that nothing that is over is opened again by an older record of another key.
        for record in history.sorted(by: { Self.isJob($0) && !Self.isJob($1) }) {
            book.add(status: record, now: context.clock.now)
        }
        logger.notice("Counting jobs", metadata: ["open": "\(book.jobs.count)"])
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                try await TopicScan.follow(self.context.kafka, logger: self.logger, from: starts + follow) { event in
                    await self.take(event)
                    return true
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    await self.say()
                }
            }
        }
    }

    private static func isJob(_ record: KafkaRecord) -> Bool {
        guard let value = record.value, case .job? = try? StatusMessage(decoding: value) else { return false }
        return true
    }

    private func take(_ event: TopicScan.Event) {
        switch event {
        case .caughtUp: isCaughtUp = true
        case .records(let records):
            for record in records {
                if record.topic == context.topics.status {
                    if record.key != JobCheckpoint.key { book.add(status: record, now: context.clock.now) }
                } else {
                    book.add(outcome: record)
                }
            }
        }
    }

    /// Writes what has changed, once all that stood in the topics has been read.
    private func say() async {
        guard isCaughtUp else { return }
        let now = context.clock.now
        let entries = book.entries(now: now) { self.context.control.message(for: .campaign($0)) }
        var records: [ProducerRecord] = []
        // Completions first: a status that says `completed` must not be there without one.
        for entry in entries {
            if let record = completion(entry) { records.append(record) }
        }
        if !records.isEmpty, await !context.writer.deliver(records) { return }
        records = entries.compactMap { status($0, now) }
        if !records.isEmpty, await !context.writer.deliver(records) { return }
        // Facts are forgotten and reading begins later only when the last status stands: a successor could not end
        // the job otherwise.
        records = entries.compactMap(forgotten)
        let fresh = JobCheckpoint(positions: book.positions, open: book.openPositions)
        if fresh != checkpoint {
            checkpoint = fresh
            records.append(
                ProducerRecord(topic: context.topics.status, key: JobCheckpoint.key, value: fresh.encoded())
            )
        }
        if !records.isEmpty { _ = await context.writer.deliver(records) }
    }

    private func completion(_ entry: JobBook.Entry) -> ProducerRecord? {
        switch entry {
        case .importCompleted(let event): completion(event.key, event.encoded())
        case .campaignCompleted(let event): completion(event.key, event.encoded())
        case .status, .control, .forget: nil
        }
    }

    private func completion(_ key: String, _ value: [UInt8]) -> ProducerRecord {
        ProducerRecord(
            topic: context.topics.results,
            key: Array(key.utf8),
            value: value,
            headers: TopicNames.contentType
        )
    }

    private func status(_ entry: JobBook.Entry, _ now: Instant) -> ProducerRecord? {
        switch entry {
        case .status(let status):
            return ProducerRecord(topic: context.topics.status, key: Array(status.key.utf8), value: status.encoded())
        case .control(let campaign, let action, let why):
            let key = ControlKey.campaign(campaign)
            let message = ControlMessage(
                action,
                after: context.control.message(for: key),
                by: "bulkhead",
                why: why,
                at: Timestamp(now)
            )
            logger.notice("Campaign decided about by its own limits", metadata: ["action": .string(action.rawValue)])
            return ProducerRecord(
                topic: context.topics.control,
                key: Array(key.description.utf8),
                value: message.encoded()
            )
        case .importCompleted, .campaignCompleted, .forget: return nil
        }
    }

    private func forgotten(_ entry: JobBook.Entry) -> ProducerRecord? {
        guard case .forget(let key) = entry else { return nil }
        return ProducerRecord(topic: context.topics.status, key: Array(key.utf8), value: nil)
    }
}
