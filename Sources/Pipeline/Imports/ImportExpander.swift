internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling
internal import VCard

/// Turns the cards of one import record into lane records and outcomes: values in, values out.
///
/// The same cards give the same records, so that an expansion that runs twice changes nothing.
struct ImportExpander {
    /// What an import record says besides its cards.
    struct Order: Sendable {
        var command: ImportCommand
        var origin: RecordPosition
        var key: [UInt8]?
        var replays: Int
    }

    /// What has to be stored, in this order.
    struct Output {
        var lane: [ProducerRecord] = []
        var letters: [ProducerRecord] = []
        var outcomes: [(outcome: Outcome, record: ProducerRecord)] = []

        var count: Int { lane.count + letters.count + outcomes.count }
    }

    private let order: Order
    private let account: AccountEntry
    private let importer: (any ContactImporting)?
    private let topics: TopicNames
    private let partition: Int32
    private let redact: Bool
    private var waiting: [ContactBatch.Member] = []
    private var waitingBytes = 0
    private(set) var output = Output()

    /// - Parameter partitions: of the provider's lane topics.
    init(_ order: Order, _ account: AccountEntry, _ topics: TopicNames, partitions: Int, redact: Bool) {
        self.order = order
        self.account = account
        self.topics = topics
        self.redact = redact
        partition = account.partition(of: partitions)
        importer = account.adapter as? any ContactImporting
    }

    private var command: ImportCommand { order.command }

    /// Whether the import has labels that its provider has no place for.
    var losesLabels: Bool { !command.labels.isEmpty && importer?.takesLabels == false }

    /// Takes what has come together.
    mutating func takeOutput() -> Output {
        defer { output = Output() }
        return output
    }

    /// - Parameters:
    ///   - bytes: the card as it stands in the file, if it is known; a rejected card's go to the dead letters.
    mutating func take(_ card: ImportedCard, bytes: [UInt8]?, now: Instant) {
        switch card.outcome {
        case .rejected(let code):
            var outcome = outcome(of: card, .rejected, now)
            outcome.reason = code.rawValue
            outcome.rejection = Outcome.RejectionDetail(
                field: "card",
                found: code.rawValue,
                allowed: "a vCard within the limits"
            )
            end(outcome, letter(card, bytes))
        case .skipped(let code):
            var outcome = outcome(of: card, .unsupported, now)
            outcome.reason = code.rawValue
            end(outcome, nil)
        case .duplicate(let code, let first):
            var outcome = outcome(of: card, .superseded, now)
            outcome.reason = code.rawValue
            outcome.supersededBy = reference(first)
            end(outcome, nil)
        case .accepted(let contact):
            guard let importer else {
                var outcome = outcome(of: card, .unsupported, now)
                outcome.reason = "this provider takes no contacts"
                return end(outcome, nil)
            }
            accept(card, contact, importer, now)
        }
    }

    private mutating func accept(
        _ card: ImportedCard,
        _ contact: Contact,
        _ importer: any ContactImporting,
        _ now: Instant
    ) {
        guard let member = ContactBatch.Member(card) else { return }
        let upload = ContactUpload(contact, labels: command.labels)
        let limits = importer.importLimits
        if limits.cards <= 1 {
            // One contact a request: what cannot be written is known before it has taken a place in a lane.
            do throws(EncodingFailure) {
                _ = try importer.request(importing: [upload])
            } catch {
                var outcome = outcome(of: card, .rejected, now)
                outcome.reason = error.reason
                outcome.rejection = Outcome.RejectionDetail(
                    field: error.field,
                    found: "a card without it",
                    allowed: error.reason
                )
                return end(outcome, order.command.card(member))
            }
            waiting = [member]
            return flush(
                entity: importer.target(of: upload).map { "\(command.provider)/\(command.account)/\($0.name)" }
            )
        }
        let bytes = upload.card.utf8.count
        if !waiting.isEmpty, waitingBytes + bytes > limits.bytes { flush() }
        waiting.append(member)
        waitingBytes += bytes
        if waiting.count >= min(limits.cards, ContactBatch.memberCounts.upperBound) { flush() }
    }

    /// Makes a lane record of the cards that wait for company.
    mutating func flush(entity: String? = nil) {
        guard let first = waiting.first else { return }
        let batch = ContactBatch(of: command, waiting)
        waiting = []
        waitingBytes = 0
        let headers = LaneHeaders(
            origin: order.origin,
            key: order.key,
            entity: entity ?? batch.entity(of: first),
            replays: order.replays
        )
        output.lane.append(
            ProducerRecord(
                topic: topics.bulk(command.provider),
                partition: partition,
                key: Array(command.account.utf8),
                value: batch.encoded(),
                headers: headers.added(to: TopicNames.contentType),
                timestamp: order.origin.timestamp >= 0 ? order.origin.timestamp : nil
            )
        )
    }

    private mutating func end(_ outcome: Outcome, _ letter: ImportCommand?) {
        if outcome.disposition.isDeadLettered {
            output.letters.append(
                topics.deadLetter(
                    outcome,
                    key: order.key,
                    value: letter?.encoded(),
                    headers: TopicNames.contentType,
                    origin: order.origin,
                    redact: redact
                )
            )
        }
        output.outcomes.append((outcome, topics.record(outcome, redact: redact)))
    }

    /// The rejected card by itself, so that it can be looked at and sent again.
    private func letter(_ card: ImportedCard, _ bytes: [UInt8]?) -> ImportCommand? {
        guard let bytes, !bytes.isEmpty else { return nil }
        var command = command
        command.content = .bytes(bytes)
        command.part = ImportCommand.Part(index: 1, last: true, firstCard: card.index, firstLine: card.line)
        return command
    }

    private func reference(_ card: Int) -> CommandReference {
        CommandReference(id: "\(command.id)/\(card)", source: command.source, type: command.type)
    }

    private func outcome(of card: ImportedCard, _ disposition: Disposition, _ now: Instant) -> Outcome {
        let instant = Timestamp(now)
        var outcome = Outcome(
            command: reference(card.index),
            disposition: disposition,
            times: Outcome.Times(accepted: instant, finished: instant)
        )
        outcome.provider = command.provider
        outcome.account = command.account
        outcome.entity = ContactBatch.entity(command.provider, command.account, command.id, card.index)
        outcome.importMember = Outcome.ImportMember(
            id: command.id,
            card: card.index,
            line: card.line,
            uid: card.uid,
            codes: card.warnings.map(Outcome.ImportMember.Code.init)
        )
        outcome.replay = order.replays
        outcome.correlationID = command.correlationID
        outcome.traceparent = command.traceparent
        outcome.tracestate = command.tracestate
        return outcome
    }
}

extension ImportCommand {
    /// The import of one card alone.
    fileprivate func card(_ member: ContactBatch.Member) -> ImportCommand {
        ContactBatch(of: self, [member]).command(for: member)
    }
}
