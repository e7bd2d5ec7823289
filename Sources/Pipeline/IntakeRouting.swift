internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling

/// Decides where a record of the command topics goes: values in, values out.
struct IntakeRouting: Sendable {
    enum Route: Sendable {
        /// To a lane, as this record.
        case lane(ProducerRecord)
        /// Over already: its dead letter where it has one, and its outcome last.
        case ended(Outcome, [ProducerRecord])
    }

    let topics: TopicNames
    let catalog: ProviderCatalog
    /// Partitions of each provider's lane topics.
    let partitionCounts: [String: Int]
    let redact: Bool
    let clock: WallClock
    private let passage: LanePassage

    init(
        topics: TopicNames,
        catalog: ProviderCatalog,
        partitionCounts: [String: Int],
        redact: Bool,
        clock: WallClock = WallClock()
    ) {
        self.topics = topics
        self.catalog = catalog
        self.partitionCounts = partitionCounts
        self.redact = redact
        self.clock = clock
        passage = LanePassage(topics, catalog, partitionCounts, maxBytes: Self.maxCommandBytes)
    }

    /// Records read together, and what becomes of them.
    struct Batch: Sendable {
        /// Lane records.
        var records: ProducerBlock
        var endings: [(outcome: Outcome, records: [ProducerRecord])] = []
        /// For each partition the offset after its last record in the batch.
        var ends: [TopicPartition: Int64] = [:]
    }

    /// Routes records that were read together.
    ///
    /// Off the actor of the caller, which reads and stores meanwhile.
    @concurrent func route(_ records: RecordBlock) async -> Batch {
        var batch = Batch(records: ProducerBlock(passingOn: records, extra: 192))
        let now = clock.now
        var places = passage.places
        for (index, entry) in records.entries.enumerated() {
            if !passage.pass(entry, of: records, to: &batch.records, &places) {
                switch route(records[index], now: now) {
                case .lane(let record): batch.records.append(record)
                case .ended(let outcome, let records): batch.endings.append((outcome, records))
                }
            }
            // Neighbours mostly agree, and then no name is hashed.
            let next = index + 1 < records.count ? records.entries[index + 1] : nil
            if next?.partition != entry.partition || next?.topic != entry.topic {
                batch.ends[records.topicPartition(of: entry)] = entry.offset + 1
            }
        }
        return batch
    }

    func route(_ record: KafkaRecord, now: Instant) -> Route {
        do throws(Rejection) {
            let message = try InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.origin.timestamp
            )
            switch message {
            case .command(let command): return try route(command, record, now)
            // Imports have a reader of their own, so that large files hold no command up.
            case .contactsImport: return .lane(record.moved(to: topics.imports))
            case .campaign(let command): return try route(command, record, now)
            case .contactsBatch(let batch):
                // With headers of a lane that its producer made up.
                throw InboundMessage.unknownType(batch.type).salvaging(batch)
            }
        } catch {
            return reject(record, error, now)
        }
    }

    /// Far more than a command can need, far less than what a topic takes with our headers added.
    private static let maxCommandBytes = 262_144

    private func route(_ command: Command, _ record: KafkaRecord, _ now: Instant) throws(Rejection) -> Route {
        let account = try entry(command)
        if record.weight > Self.maxCommandBytes {
            let allowed = "at most \(Self.maxCommandBytes) bytes with key and headers"
            throw Rejection("value", found: "\(record.weight) bytes", allowed: allowed).salvaging(command)
        }
        if command.expect != .absent, !account.adapter.canRead {
            let found = "a precondition, for a provider that cannot be read"
            throw Rejection("data.expect", found: found, allowed: "no precondition").salvaging(command)
        }
        if let refusal = account.adapter.refusal(of: Operation(command)) {
            return try refuse(refusal, "data.\(refusal.field)", command, record, now)
        }
        let replays = replays(record)
        let isBulk = command.priority == .bulk || command.campaign != nil || replays > 0
        let headers = LaneHeaders(origin: record.origin, key: record.key, entity: command.entity, replays: replays)
        return lane(command, account, isBulk: isBulk, headers, record)
    }

    /// A campaign goes to its account's lane, which reads its members under the account's own budget.
    private func route(_ command: CampaignCommand, _ record: KafkaRecord, _ now: Instant) throws(Rejection) -> Route {
        let account = try entry(command)
        if let (refusal, field) = CampaignCheck.refusal(of: command, account.adapter) {
            return try refuse(refusal, field, command, record, now)
        }
        let headers = LaneHeaders(
            origin: record.origin,
            key: record.key,
            entity: "\(command.provider)/\(command.account)/campaign/\(command.campaign)",
            replays: replays(record)
        )
        return lane(command, account, isBulk: true, headers, record)
    }

    private func lane(
        _ command: some IdentifiedCommand,
        _ account: AccountEntry,
        isBulk: Bool,
        _ headers: LaneHeaders,
        _ record: KafkaRecord
    ) -> Route {
        .lane(
            ProducerRecord(
                topic: isBulk ? topics.bulk(command.provider) : topics.live(command.provider),
                partition: account.partition(of: partitionCounts[command.provider] ?? 1),
                key: Array(command.account.utf8),
                value: record.value,
                headers: headers.added(to: record.headers),
                timestamp: record.timestamp >= 0 ? record.timestamp : nil
            )
        )
    }

    private func entry(_ command: some IdentifiedCommand) throws(Rejection) -> AccountEntry {
        do throws(Rejection) {
            return try catalog.entry(command.provider, command.account)
        } catch {
            throw error.salvaging(command)
        }
    }

    /// Ends a command that its provider cannot take.
    private func refuse(
        _ refusal: Refusal,
        _ field: String,
        _ command: some IdentifiedCommand,
        _ record: KafkaRecord,
        _ now: Instant
    ) throws(Rejection) -> Route {
        if refusal.kind == .rejected {
            throw Rejection(field, found: "what the provider cannot take", allowed: refusal.reason).salvaging(command)
        }
        var outcome = Outcome(command: command.reference, disposition: .unsupported, times: times(now))
        outcome.provider = command.provider
        outcome.account = command.account
        outcome.entity = (command as? Command)?.entity
        outcome.campaign = (command as? Command)?.campaign ?? (command as? CampaignCommand)?.campaign
        outcome.correlationID = command.correlationID
        outcome.traceparent = command.traceparent
        outcome.tracestate = command.tracestate
        outcome.replay = replays(record)
        outcome.reason = "\(field): \(refusal.reason)"
        return ended(outcome, record)
    }

    private func reject(_ record: KafkaRecord, _ rejection: Rejection, _ now: Instant) -> Route {
        ended(Outcome(rejecting: record.origin, rejection, times: times(now), replay: replays(record)), record)
    }

    private func ended(_ outcome: Outcome, _ record: KafkaRecord) -> Route {
        var records: [ProducerRecord] = []
        if outcome.disposition.isDeadLettered {
            records.append(
                topics.deadLetter(
                    outcome,
                    key: record.key,
                    value: record.value,
                    headers: record.headers,
                    origin: record.origin,
                    redact: redact
                )
            )
        }
        return .ended(outcome, records + [topics.record(outcome, redact: redact)])
    }

    private func replays(_ record: KafkaRecord) -> Int { DeadLetter.replays(of: record.headers) }

    private func times(_ now: Instant) -> Outcome.Times {
        Outcome.Times(accepted: Timestamp(now), finished: Timestamp(now))
    }
}
