package import KafkaClient
package import Messages
package import Scheduling

extension KafkaHeader: HeaderField {}

extension KafkaHeader {
    init(_ header: MessageHeader) {
        self.init(name: header.name, value: header.value)
    }
}

extension KafkaRecord {
    package var place: RecordPosition {
        RecordPosition(topic: topic, partition: partition, offset: offset, timestamp: timestamp)
    }

    /// The record as the origin of a command; a replayed one is as old as the command it replays.
    var origin: RecordPosition {
        var origin = place
        if let timestamp = replayTimestamp { origin.timestamp = timestamp }
        return origin
    }

    /// The time of a lane record's command where the command does not say its own.
    func timestamp(_ headers: LaneHeaders?) -> Int64 {
        guard let origin = headers?.origin.timestamp, origin >= 0 else { return timestamp }
        return origin
    }

    /// The headers of a lane record and what it holds; `nil` for anything else.
    var laneMessage: (headers: LaneHeaders, message: InboundMessage)? {
        guard let own = LaneHeaders(headers),
            let message = try? InboundMessage.decode(value: value, headers: headers, recordTimestamp: timestamp(own))
        else { return nil }
        return (own, message)
    }

    /// When a replayed command was written first, in milliseconds; `nil` for what is no replay.
    ///
    /// A command that does not say its `time` keeps this one, so that newer live work still makes it `stale`.
    private var replayTimestamp: Int64? {
        guard DeadLetter.replays(of: headers) > 0 else { return nil }
        return headers.integer(of: ReplayMark.timestamp)
    }

    /// The record as it is, for another topic.
    func moved(to topic: String) -> ProducerRecord {
        ProducerRecord(
            topic: topic,
            partition: nil,
            key: key,
            value: value,
            headers: headers,
            timestamp: timestamp >= 0 ? timestamp : nil
        )
    }

    /// Bytes that keeping the record costs, about.
    var weight: Int {
        (key?.count ?? 0) + (value?.count ?? 0)
            + headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) + KafkaHeader.weight }
    }
}

extension KafkaHeader {
    /// Bytes that a header costs beside its name and value, about.
    static let weight = 64
}

extension Timestamp {
    package init(_ instant: Instant) {
        self.init(nanoseconds: instant.nanoseconds)
    }
}

extension Instant {
    package init(_ timestamp: Timestamp) {
        self.init(nanoseconds: timestamp.nanoseconds)
    }
}

extension TopicNames {
    func topic(of disposition: Disposition) -> String {
        switch disposition.topic {
        case .results: results
        case .failures: failures
        }
    }

    func record(_ outcome: Outcome, redact: Bool) -> ProducerRecord {
        let outcome = redact ? outcome.redacted() : outcome
        return ProducerRecord(
            topic: topic(of: outcome.disposition),
            key: Array(outcome.key.utf8),
            value: outcome.encoded(),
            headers: Self.contentType
        )
    }

    /// The dead letter of a command: its own bytes and headers, and why it lies here.
    func deadLetter(
        _ outcome: Outcome,
        key: [UInt8]?,
        value: [UInt8]?,
        headers: some Collection<some HeaderField>,
        origin: RecordPosition,
        redact: Bool
    ) -> ProducerRecord {
        let letter = DeadLetter(redact ? outcome.redacted() : outcome, origin: origin)
        return ProducerRecord(
            topic: deadLetters,
            key: key,
            value: value,
            headers: letter.added(to: headers).map(KafkaHeader.init)
        )
    }

    static let contentType = [
        KafkaHeader(name: "content-type", text: "application/cloudevents+json; charset=UTF-8")
    ]
}

extension LaneHeaders {
    /// What tells one run of a command, or of a card, from all others.
    func hash(of command: CommandReference) -> UInt128 {
        Hash128(source: command.source ?? "", id: command.id, replay: replays).value
    }
}

extension Outcome {
    /// The run that it is the outcome of, as ``LaneHeaders/hash(of:)`` has it.
    var run: UInt128 { Hash128(source: command.source ?? "", id: command.id, replay: replay).value }
}
