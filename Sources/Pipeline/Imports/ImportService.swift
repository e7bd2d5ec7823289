internal import KafkaClient
internal import Logging
internal import Messages
internal import Metrics
internal import ProviderKit
internal import Scheduling
internal import ServiceLifecycle
internal import VCard

/// Reads the imports topic, turns each import into lane records card by card, and commits an import once the brokers have
/// all of it.
///
/// Imports of one partition go one after the other, those of several side by side; reading goes on meanwhile. An
/// expansion that is interrupted begins anew elsewhere and changes nothing, since the lanes know each card by its id.
package actor ImportService: Service, TopicReading {
    let context: WorkerContext
    let logger: Logger
    var reading: TopicReader
    private var lastCommit = ContinuousClock.now
    private var holdings: [TopicPartition: Holding] = [:]
    private var lastEpoch = 0
    private var ended: IntakeMemory
    private var partitionCounts: [String: Int] = [:]

    /// A partition that is ours.
    private struct Holding {
        let epoch: Int
        var waiting: [KafkaRecord] = []
        var expansion: Task<Void, Never>?
        var isPaused = false
        /// Next offset to commit.
        var finished: Int64?
        var committed: Int64?
        var parted = PartedImports()

        /// Records hold whole files: few of them, and few bytes.
        var isFull: Bool { waiting.count >= 16 || waiting.reduce(0) { $0 + $1.weight } >= 16 << 20 }
    }

    package init(context: WorkerContext) {
        self.context = context
        var logger = context.logger
        logger[metadataKey: "service"] = "imports"
        self.logger = logger
        ended = IntakeMemory(capacity: context.settings.commandMemory)
        reading = TopicReader(
            "imports",
            topic: context.topics.imports,
            group: context.topics.importGroup,
            settings: LaneService.consumerSettings(context.kafka),
            maxRecords: 16
        )
    }

    package func run() async throws {
        await read()
    }

    package func health() -> ServiceHealth { state }

    // MARK: Reading

    func prepare(_ partitionCounts: [String: Int]) {
        self.partitionCounts = partitionCounts
    }

    func take(_ records: RecordBlock) async -> Bool {
        for record in records { holdings[record.topicPartition]?.waiting.append(record) }
        for partition in Set(records.entries.map(records.topicPartition)) { expandNext(partition) }
        return true
    }

    func turnEnded(_ consumer: KafkaConsumer, isIdle: Bool) async throws {
        try await applyBackPressure(consumer)
        guard lastCommit.duration(to: .now) > context.settings.commitInterval else { return }
        lastCommit = .now
        await commit(Array(holdings.keys))
    }

    // What is being expanded when the worker stops is let go.
    func settle() async {}
    func stopped() {}

    func commitLast() async {
        _ = await letGo(Array(holdings.keys), commits: true)
    }

    func forget() {
        holdings = [:]
    }

    func take(_ partitions: [TopicPartition], _ consumer: KafkaConsumer) async throws {
        let offsets = try await consumer.committed(partitions)
        let topics = [context.topics.failures, context.topics.results]
        ended.insert(try await ended.read(offsets, from: topics, consumer, context, logger))
        for item in offsets {
            lastEpoch += 1
            holdings[item.partition] = Holding(
                epoch: lastEpoch,
                committed: item.offset,
                parted: PartedImports(item.offset == nil ? nil : item.metadata)
            )
        }
        // With an offset each, as librdkafka would else search for it once more; what is out of range begins at the first.
        try await consumer.assign(offsets.map { PartitionOffset(partition: $0.partition, offset: $0.offset ?? 0) })
    }

    /// Ends the expansions of partitions and forgets them.
    func letGo(_ partitions: [TopicPartition], commits: Bool) async -> Bool {
        let running = partitions.compactMap { holdings[$0]?.expansion }
        for task in running { task.cancel() }
        for task in running { await task.value }
        if commits { await commit(partitions) }
        for partition in partitions { holdings[partition] = nil }
        return true
    }

    private func applyBackPressure(_ consumer: KafkaConsumer) async throws {
        var pause: [TopicPartition] = []
        var resume: [TopicPartition] = []
        for (partition, holding) in holdings {
            if holding.isFull, !holding.isPaused {
                pause.append(partition)
            } else if holding.isPaused, holding.waiting.count <= 1 {
                resume.append(partition)
            }
        }
        for partition in pause { holdings[partition]?.isPaused = true }
        for partition in resume { holdings[partition]?.isPaused = false }
        if !pause.isEmpty { try await consumer.pause(pause) }
        if !resume.isEmpty { try await consumer.resume(resume) }
    }

    private func commit(_ partitions: [TopicPartition]) async {
        var due: [PartitionOffset] = []
        for partition in partitions {
            guard let holding = holdings[partition], let offset = holding.finished, offset != holding.committed else {
                continue
            }
            due.append(PartitionOffset(partition: partition, offset: offset, metadata: holding.parted.encoded))
        }
        for item in await commit(due) { holdings[item.partition]?.committed = item.offset }
    }

    // MARK: Expansion

    private func expandNext(_ partition: TopicPartition) {
        guard let holding = holdings[partition], holding.expansion == nil, let record = holding.waiting.first,
            !reading.isStopping
        else { return }
        holdings[partition]?.expansion = Task {
            let isStored = await self.expand(record)
            self.expanded(record, holding.epoch, isStored)
        }
    }

    private func expanded(_ record: KafkaRecord, _ epoch: Int, _ isStored: Bool) {
        let partition = record.topicPartition
        guard holdings[partition]?.epoch == epoch else { return }
        holdings[partition]?.expansion = nil
        guard isStored else { return }
        holdings[partition]?.waiting.removeFirst()
        holdings[partition]?.finished = record.offset + 1
        expandNext(partition)
        if holdings[partition]?.isPaused ?? false { reading.consumer?.wake() }
    }

    /// Carries out one record of the imports topic; `false` when it was stopped before all was stored.
    @concurrent
    private func expand(_ record: KafkaRecord) async -> Bool {
        do throws(Rejection) {
            let message = try InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.origin.timestamp
            )
            guard case .contactsImport(let command) = message else { return await forward(record) }
            let (account, home) = try check(command)
            if let expiry = command.expiry, Instant(expiry) <= context.clock.now {
                return await end(command, .expired, record)
            }
            return await expand(command, account, home, record)
        } catch {
            let replays = DeadLetter.replays(of: record.headers)
            return await end(
                Outcome(rejecting: record.origin, error, times: .now(context.clock), replay: replays),
                record
            )
        }
    }

    /// A command that was sent to the wrong topic.
    @concurrent
    private func forward(_ record: KafkaRecord) async -> Bool {
        await context.writer.deliver([record.moved(to: context.topics.commands)])
    }

    private nonisolated func check(_ command: ImportCommand) throws(Rejection) -> (AccountEntry, PhoneCountry?) {
        let entry: (AccountEntry, PhoneCountry?)
        do throws(Rejection) {
            guard command.id.utf8.count <= 240 else {
                // Ids of cards are made of it.
                throw Rejection(
                    "id",
                    found: "\(command.id.utf8.count) bytes",
                    allowed: "at most 240 bytes for an import"
                )
            }
            let account = try context.catalog.entry(command.provider, command.account)
            let home = try context.imports.home(of: command)
            if case .download = command.content, context.imports.source == nil {
                throw Rejection(
                    "data.url",
                    found: "an address",
                    allowed: "cards in the record: this worker fetches nothing"
                )
            }
            entry = (account, home)
        } catch {
            throw error.salvaging(command)
        }
        return entry
    }

    /// Ends an import as a whole.
    @concurrent
    private func end(_ command: ImportCommand, _ disposition: Disposition, _ record: KafkaRecord) async -> Bool {
        var outcome = Outcome(command: command.reference, disposition: disposition, times: .now(context.clock))
        outcome.provider = command.provider
        outcome.account = command.account
        outcome.correlationID = command.correlationID
        outcome.replay = DeadLetter.replays(of: record.headers)
        return await end(outcome, record)
    }

    @concurrent
    private func end(_ whole: Outcome, _ record: KafkaRecord) async -> Bool {
        var outcome = whole
        if let card = DeadLetter.card(of: record.headers) {
            outcome = outcome.narrowed(to: card, line: record.importCommand?.part.firstLine ?? 1)
        }
        var output = ImportExpander.Output()
        let redact = context.settings.redact
        if outcome.disposition.isDeadLettered {
            output.letters.append(
                context.topics.deadLetter(
                    outcome,
                    key: record.key,
                    value: record.value,
                    headers: record.headers,
                    origin: record.origin,
                    redact: redact
                )
            )
        }
        output.outcomes.append((outcome, context.topics.record(outcome, redact: redact)))
        return await store(output)
    }

    @concurrent
    private func expand(
        _ command: ImportCommand,
        _ account: AccountEntry,
        _ home: PhoneCountry?,
        _ record: KafkaRecord
    ) async -> Bool {
        let startedAt = Timestamp(context.clock.now)
        let order = ImportExpander.Order(
            command: command,
            origin: record.origin,
            key: record.key,
            replays: DeadLetter.replays(of: record.headers)
        )
        let partitions = await partitionCounts[command.provider] ?? 1
        let redact = context.settings.redact
        var isParted = false
        if case .bytes = command.content { isParted = !command.part.isOnly && order.replays == 0 }
        var earlier: DuplicateIndex?
        if isParted {
            guard let known = await cards(before: command, record) else { return false }
            earlier = known
        }
        var run = ImportRun(
            command,
            ImportExpander(order, account, context.topics, partitions: partitions, redact: redact),
            settings: context.imports.vcard,
            home: home,
            after: earlier
        )
        // The run has it now: one that is shared would be copied.
        earlier = nil
        switch command.content {
        case .bytes(let bytes):
            var start = 0
            while start < bytes.count, !run.isStopped {
                let end = min(bytes.count, start + Self.chunk)
                guard await store(run.feed(Array(bytes[start..<end]), now: context.clock.now)) else { return false }
                start = end
            }
        case .download(let download):
            guard let source = context.imports.source else { return false }
            var attempts = 1
            while true {
                do {
                    try await source.download(download) { chunk in
                        guard await self.store(run.feed(chunk, now: self.context.clock.now)) else { return false }
                        return !run.isStopped
                    }
                    break
                } catch let failure as ImportDownloadFailure {
                    if failure.kind == .permanent || attempts >= Self.downloadAttempts {
                        return await failed(command, failure, attempts, record)
                    }
                    logger.notice(
                        "File of an import not fetched, trying again",
                        metadata: ["code": .string(failure.code.rawValue), "attempt": "\(attempts)"]
                    )
                    do { try await Task.sleep(for: .seconds(1 << attempts)) } catch { return false }
                    attempts += 1
                } catch {
                    return false
                }
            }
            if Task.isCancelled { return false }
        }
        let (output, summary) = run.finish(now: context.clock.now)
        guard await store(output) else { return false }
        if isParted { await keep(run.duplicates, command, record) }
        if summary.duplicateCheckIsIncomplete, order.replays == 0 {
            logger.notice("Duplicates of an import not all looked for", metadata: ["part": "\(command.part.index)"])
        }
        if run.expander.losesLabels {
            logger.notice("Labels of an import not sent", metadata: ["provider": .string(command.provider)])
        }
        logger.info(
            "Import expanded",
            metadata: ["cards": "\(summary.cards)", "accepted": "\(summary.accepted)", "part": "\(command.part.index)"]
        )
        guard order.replays == 0 else { return true }
        var part = ImportPart(
            command: command.reference,
            provider: command.provider,
            account: command.account,
            part: command.part,
            cards: summary.cards,
            startedAt: startedAt,
            at: Timestamp(context.clock.now)
        )
        for code in Code.allCases where summary.warnings[code] > 0 {
            part.warnings[code.rawValue] = summary.warnings[code]
        }
        part.error = summary.error?.rawValue
        part.correlationID = command.correlationID
        return await context.writer.deliver([
            ProducerRecord(topic: context.topics.status, key: Array(part.key.utf8), value: part.encoded())
        ])
    }

    /// What the cards of an import's earlier parts are known by; `nil` when the worker was stopped before that was found.
    @concurrent
    private func cards(before command: ImportCommand, _ record: KafkaRecord) async -> DuplicateIndex? {
        switch await begin(command, record) {
        case .known(let cards): return cards
        case .none: return DuplicateIndex(maxCards: context.imports.vcard.limits.rememberedCards)
        case .unread(let first):
            let parts = EarlierParts(context: context, logger: logger)
            while !Task.isCancelled {
                do {
                    return try await parts.read(command, before: record, from: first)
                } catch {
                    logger.warning(
                        "Earlier parts of an import not read, trying again",
                        metadata: ["error": .string("\(error)")]
                    )
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            return nil
        }
    }

    private func begin(_ command: ImportCommand, _ record: KafkaRecord) -> PartedImports.Earlier {
        holdings[record.topicPartition]?.parted.begin(command, at: record.offset) ?? .none
    }

    private func keep(_ cards: DuplicateIndex, _ command: ImportCommand, _ record: KafkaRecord) {
        holdings[record.topicPartition]?.parted.end(command, cards)
    }

    /// Other imports of the partition wait meanwhile, so that this is a matter of minutes at most.
    private static let downloadAttempts = 4

    /// A file that cannot be had ends the import.
    @concurrent
    private func failed(
        _ command: ImportCommand,
        _ failure: ImportDownloadFailure,
        _ attempts: Int,
        _ record: KafkaRecord
    ) async -> Bool {
        if Task.isCancelled { return false }
        let disposition: Disposition = failure.kind == .permanent ? .refused : .exhausted
        var outcome = Outcome(command: command.reference, disposition: disposition, times: .now(context.clock))
        outcome.provider = command.provider
        outcome.account = command.account
        outcome.correlationID = command.correlationID
        outcome.replay = DeadLetter.replays(of: record.headers)
        outcome.attempts = attempts
        outcome.response = Outcome.Response(code: failure.code.rawValue, message: failure.reason)
        outcome.reason = failure.reason
        return await end(outcome, record)
    }

    /// Stores what an expansion has come to; `false` when the worker was stopped before.
    @concurrent
    private func store(_ output: ImportExpander.Output) async -> Bool {
        guard output.count > 0 else { return !Task.isCancelled }
        guard await context.writer.deliver(output.lane) else { return false }
        let fresh = await fresh(output.outcomes)
        // A dead letter that is there twice does no harm, one that is missing would.
        if await context.writer.deliver(output.letters), await context.writer.deliver(fresh) { return true }
        await forgetEnded()
        return false
    }

    /// Some of what is remembered as published is not: it is read from the topics when a partition is taken next.
    private func forgetEnded() {
        ended = IntakeMemory(capacity: context.settings.commandMemory)
    }

    /// The outcomes that were not published before.
    private func fresh(_ outcomes: [(outcome: Outcome, record: ProducerRecord)]) -> [ProducerRecord] {
        outcomes.compactMap { outcome, record in
            guard ended.insert(outcome) else { return nil }
            Counter(
                label: "bulkhead_commands_total",
                dimensions: [
                    ("provider", outcome.provider ?? ""), ("type", outcome.command.type ?? ""),
                    ("disposition", outcome.disposition.rawValue),
                ]
            ).increment()
            return record
        }
    }

    private static let chunk = 262_144
}

extension KafkaRecord {
    /// The import that the record asks for; `nil` for anything else.
    var importCommand: ImportCommand? {
        let message = try? InboundMessage.decode(value: value, headers: headers, recordTimestamp: origin.timestamp)
        guard case .contactsImport(let command) = message else { return nil }
        return command
    }
}

extension Outcome.Times {
    /// Of a command that is over as soon as it was read.
    static func now(_ clock: WallClock) -> Outcome.Times {
        let instant = Timestamp(clock.now)
        return Outcome.Times(accepted: instant, finished: instant)
    }
}
