/// Why a command lies in the dead-letter topic, as headers beside the command's own.
///
/// Values are UTF-8 text, numbers in decimal, `-first-failure` and `-last-failure` in RFC 3339, `-timestamp` in
/// milliseconds since the Unix epoch. The aliases are what other tools look for: Spring for Apache Kafka
/// (`DeadLetterPublishingRecoverer` of 2.7), which writes partition as a big-endian 32-bit integer, offset and timestamp as
/// big-endian 64-bit integers and the others as text; and the broker-side dead letters of share groups (KIP-1191),
/// which are all text.
@usableFromInline
package struct DeadLetter: Hashable, Sendable {
    package var disposition: Disposition
    /// One sentence, at most 500 characters.
    package var reason: String
    package var provider: String?
    package var account: String?
    package var campaign: String?
    /// Which card of its import the letter holds; the record is then an import of this card alone.
    package var card: Int?
    package var httpStatus: Int?
    package var attempts = 0
    package var deferrals = 0
    package var firstFailure: Timestamp?
    package var lastFailure: Timestamp
    package var replays = 0
    /// Where the command stood in the topic to which a replay sends it.
    package var origin: RecordPosition

    package init(disposition: Disposition, reason: String, lastFailure: Timestamp, origin: RecordPosition) {
        self.disposition = disposition
        self.reason = Outcome.cut(reason)
        self.lastFailure = lastFailure
        self.origin = origin
    }

    /// What the outcome says, for the record that it is about.
    package init(_ outcome: Outcome, origin: RecordPosition) {
        let said = outcome.response.message ?? outcome.reason ?? outcome.response.code
        self.init(
            disposition: outcome.disposition,
            reason: said ?? outcome.disposition.rawValue,
            lastFailure: outcome.times.finished,
            origin: origin
        )
        provider = outcome.provider
        account = outcome.account
        campaign = outcome.campaign
        card = outcome.importMember?.card
        httpStatus = outcome.response.status
        attempts = outcome.attempts
        deferrals = outcome.deferrals
        firstFailure = outcome.times.first ?? outcome.times.finished
        replays = outcome.replay
    }

    static let prefix = "bulkhead-dlq-"
    /// Counts the replays of a command, on the replayed record too.
    @usableFromInline package static let replaysHeader = "bulkhead-dlq-replays"
    /// Which card of its import a letter holds; on the replayed record too.
    private static let cardHeader = "bulkhead-dlq-card"

    /// The command's own headers followed by these.
    package func added(to headers: some Collection<some HeaderField>) -> [MessageHeader] {
        var result = DeadLetter.stripped(from: headers)
        func add(_ name: String, _ text: String?) {
            if let text { result.append(MessageHeader(Self.prefix + name, text)) }
        }
        add("disposition", disposition.rawValue)
        add("reason", reason)
        add("provider", provider)
        add("account", account)
        add("campaign", campaign)
        add("card", card.map { String($0) })
        add("http-status", httpStatus.map { String($0) })
        add("attempts", String(attempts))
        add("deferrals", String(deferrals))
        add("first-failure", firstFailure?.description)
        add("last-failure", lastFailure.description)
        add("replays", String(replays))
        add("topic", origin.topic)
        add("partition", String(origin.partition))
        add("offset", String(origin.offset))
        add("timestamp", String(origin.timestamp))

        result.append(MessageHeader(Alias.springTopic, origin.topic))
        result.append(MessageHeader(Alias.springPartition, bigEndian(origin.partition)))
        result.append(MessageHeader(Alias.springOffset, bigEndian(origin.offset)))
        result.append(MessageHeader(Alias.springTimestamp, bigEndian(origin.timestamp)))
        result.append(MessageHeader(Alias.springMessage, reason))

        result.append(MessageHeader(Alias.shareTopic, origin.topic))
        result.append(MessageHeader(Alias.sharePartition, String(origin.partition)))
        result.append(MessageHeader(Alias.shareOffset, String(origin.offset)))
        result.append(MessageHeader(Alias.shareMessage, reason))
        return result
    }

    /// Reads the headers of a dead letter; `nil` when one that has to be there is missing or unreadable.
    package init?(_ headers: some Collection<some HeaderField>) {
        func text(_ name: String) -> String? { headers.text(of: Self.prefix + name) }
        guard let disposition = text("disposition").flatMap(Disposition.init(rawValue:)),
            let topic = text("topic"),
            let partition = text("partition").flatMap({ Int32($0) }),
            let offset = text("offset").flatMap({ Int64($0) }),
            let lastFailure = text("last-failure").flatMap(Timestamp.init)
        else { return nil }
        self.init(
            disposition: disposition,
            reason: text("reason") ?? "",
            lastFailure: lastFailure,
            origin: RecordPosition(
                topic: topic,
                partition: partition,
                offset: offset,
                timestamp: text("timestamp").flatMap { Int64($0) } ?? -1
            )
        )
        provider = text("provider")
        account = text("account")
        campaign = text("campaign")
        card = DeadLetter.card(of: headers)
        httpStatus = text("http-status").flatMap { Int($0) }
        attempts = text("attempts").flatMap { Int($0) } ?? 0
        deferrals = text("deferrals").flatMap { Int($0) } ?? 0
        firstFailure = text("first-failure").flatMap(Timestamp.init)
        replays = DeadLetter.replays(of: headers)
    }

    /// How often a record was replayed; 0 for one that never was.
    @inlinable
    package static func replays(of headers: some Collection<some HeaderField>) -> Int {
        max(0, headers.text(of: replaysHeader).flatMap { Int($0) } ?? 0)
    }

    /// The card of its import that a letter or its replay holds; `nil` where it is no import of one card.
    package static func card(of headers: some Collection<some HeaderField>) -> Int? {
        headers.text(of: cardHeader).flatMap { Int($0) }
    }

    /// The headers for sending a dead letter back to where it came from, counted as one more replay.
    package static func replayHeaders(of headers: some Collection<some HeaderField>) -> [MessageHeader] {
        let (count, overflow) = replays(of: headers).addingReportingOverflow(1)
        var result = stripped(from: headers)
        result.append(MessageHeader(replaysHeader, String(overflow ? .max : count)))
        if let card = card(of: headers) { result.append(MessageHeader(cardHeader, String(card))) }
        return result
    }

    /// The headers without those of a dead letter: what the producer wrote.
    package static func stripped(from headers: some Collection<some HeaderField>) -> [MessageHeader] {
        var result: [MessageHeader] = []
        result.reserveCapacity(headers.count + 24)
        for header in headers where !header.name.utf8.starts(with: prefix.utf8) && !Alias.all.contains(header.name) {
            result.append(MessageHeader(header))
        }
        return result
    }

    private enum Alias {
        static let springTopic = "kafka_dlt-original-topic"
        static let springPartition = "kafka_dlt-original-partition"
        static let springOffset = "kafka_dlt-original-offset"
        static let springTimestamp = "kafka_dlt-original-timestamp"
        static let springMessage = "kafka_dlt-exception-message"
        static let shareTopic = "__dlq.errors.topic"
        static let sharePartition = "__dlq.errors.partition"
        static let shareOffset = "__dlq.errors.offset"
        static let shareMessage = "__dlq.errors.message"
        static let all: Set<String> = [
            springTopic, springPartition, springOffset, springTimestamp, springMessage,
            shareTopic, sharePartition, shareOffset, shareMessage,
        ]
    }

    private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
