package import KafkaClient
internal import Messages

/// Names of the headers by which a replay recognises what it has written itself.
package enum ReplayMark {
    /// The letter that a replayed record came from, as `<partition>-<offset>` of the dead-letter topic.
    package static let replayOf = "bulkhead-dlq-replay-of"
    package static let replayName = "bulkhead-dlq-replay-name"
    /// When the command was written first, in milliseconds: the `time` of commands that do not say theirs.
    ///
    /// The replayed record itself is as old as the replay, or retention would delete it at once.
    package static let timestamp = "bulkhead-dlq-timestamp"
    /// The letter that a parked copy came from, as `<partition>-<offset>`.
    package static let parkedFrom = "bulkhead-dlq-parked-from"
    package static let parkedBy = "bulkhead-dlq-parked-by"
    package static let parkedReason = "bulkhead-dlq-parked-reason"
    package static let parkedAt = "bulkhead-dlq-parked-at"
    /// Bytes of a value that was left out.
    static let valueOmitted = "bulkhead-dlq-value-omitted"

    /// The letter that a record of a command topic was replayed from, if the replay of this name wrote it.
    static func origin(of record: KafkaRecord, name: String) -> LetterPlace? {
        guard record.headers.text(of: replayName) == name else { return nil }
        return record.headers.text(of: replayOf).flatMap(LetterPlace.init)
    }

    /// The letter that a parked copy was made of.
    package static func origin(ofParked record: KafkaRecord) -> LetterPlace? {
        record.headers.text(of: parkedFrom).flatMap(LetterPlace.init)
    }
}

extension StoredLetter {
    /// The command as it came, for the topic it came from.
    func replayed(by name: String) -> ProducerRecord {
        var headers = DeadLetter.replayHeaders(of: record.headers).map(KafkaHeader.init)
        headers.append(KafkaHeader(name: ReplayMark.replayOf, text: place.description))
        headers.append(KafkaHeader(name: ReplayMark.replayName, text: name))
        if letter.origin.timestamp >= 0 {
            headers.append(KafkaHeader(name: ReplayMark.timestamp, text: String(letter.origin.timestamp)))
        }
        return ProducerRecord(topic: letter.origin.topic, key: record.key, value: record.value, headers: headers)
    }

    /// A copy of the letter with a note.
    func parked(in topic: String, by name: String, _ reason: ParkReason, at time: Timestamp) -> ProducerRecord {
        ProducerRecord(
            topic: topic,
            key: record.key,
            value: record.value,
            headers: record.headers + [
                KafkaHeader(name: ReplayMark.parkedFrom, text: place.description),
                KafkaHeader(name: ReplayMark.parkedBy, text: name),
                KafkaHeader(name: ReplayMark.parkedReason, text: reason.rawValue),
                KafkaHeader(name: ReplayMark.parkedAt, text: time.description),
            ]
        )
    }
}

extension TopicNames {
    /// Dead letters that are not replayed any more; kept as long as the others, 30 days.
    package var parkedLetters: String { "\(prefix).dead-letters.parked" }

    /// The consumer group of a replay, which remembers how far it came.
    package func replayGroup(_ name: String) -> String { "\(prefix).dlq.\(name)" }
}
