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

    func route(_ record: KafkaRecord, now: Instant) -> Route {
        do throws(Rejection) {
            let message = try InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.origin.timestamp
            )
            switch message {
            case .command(let command): return try route(command, record, now)
            case .contactsImport(let command): return end(command, record, now)
            case .campaign(let command): return end(command, record, now)
            case .contactsBatch(let batch):
                // With headers of a lane that its producer made up.
                throw salvaging(InboundMessage.unknownType(batch.type), batch)
            }
        } catch {
            return reject(record, error, now)
        }
    }

    /// Far more than a command can need, far less than what a topic takes with our headers added.
    private static let maxCommandBytes = 262_144

    private func route(_ command: Command, _ record: KafkaRecord, _ now: Instant) throws(Rejection) -> Route {
        guard let provider = catalog.providers[command.provider] else {
            throw unknown("data.provider", command.provider, among: Array(catalog.providers.keys), command)
        }
        guard let account = provider.accounts[command.account] else {
            throw unknown("data.account", command.account, among: Array(provider.accounts.keys), command)
        }
        if record.weight > Self.maxCommandBytes {
            let allowed = "at most \(Self.maxCommandBytes) bytes with key and headers"
            throw salvaging(Rejection("value", found: "\(record.weight) bytes", allowed: allowed), command)
        }
        if command.expect != .absent, !account.adapter.canRead {
            let found = "a precondition, for a provider that cannot be read"
            throw salvaging(Rejection("data.expect", found: found, allowed: "no precondition"), command)
        }
        if let refusal = account.adapter.refusal(of: Operation(command)) {
            let field = "data.\(refusal.field)"
            if refusal.kind == .rejected {
                throw salvaging(
                    Rejection(field, found: "what the provider cannot take", allowed: refusal.reason),
                    command
                )
            }
            var outcome = Outcome(command, .unsupported, times: times(now), replay: replays(record))
            outcome.reason = "\(field): \(refusal.reason)"
            return ended(outcome, record)
        }
        let replays = replays(record)
        let isBulk = command.priority == .bulk || command.campaign != nil || replays > 0
        let headers = LaneHeaders(origin: record.origin, key: record.key, entity: command.entity, replays: replays)
        return .lane(
            ProducerRecord(
                topic: isBulk ? topics.bulk(command.provider) : topics.live(command.provider),
                partition: account.partition(of: partitionCounts[command.provider] ?? 1),
                key: Array(command.account.utf8),
                value: record.value,
                headers: headers.added(to: record.headers).map(KafkaHeader.init),
                timestamp: record.timestamp >= 0 ? record.timestamp : nil
            )
        )
    }

    /// Imports and campaigns have no expansion yet, and say so instead of waiting for one.
    private func end(_ command: some IdentifiedCommand, _ record: KafkaRecord, _ now: Instant) -> Route {
        var outcome = Outcome(command: command.reference, disposition: .unsupported, times: times(now))
        outcome.provider = command.provider
        outcome.account = command.account
        outcome.correlationID = command.correlationID
        outcome.replay = replays(record)
        outcome.reason = "this version does not carry out commands of the type \(command.type)"
        return ended(outcome, record)
    }

    private func unknown(
        _ field: String,
        _ found: String,
        among known: [String],
        _ command: Command
    ) -> Rejection {
        let names = known.sorted().prefix(20).joined(separator: ", ")
        return salvaging(
            Rejection(
                field,
                found: "\"\(found.prefix(64))\"",
                allowed: known.isEmpty ? "nothing: none is configured" : names
            ),
            command
        )
    }

    private func salvaging(_ rejection: Rejection, _ command: some IdentifiedCommand) -> Rejection {
        var rejection = rejection
        rejection.salvaged.id = command.id
        rejection.salvaged.source = command.source
        rejection.salvaged.type = command.type
        rejection.salvaged.provider = command.provider
        rejection.salvaged.account = command.account
        rejection.salvaged.campaign = (command as? Command)?.campaign
        rejection.salvaged.correlationID = command.correlationID
        rejection.salvaged.traceparent = command.traceparent
        rejection.salvaged.tracestate = command.tracestate
        return rejection
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
