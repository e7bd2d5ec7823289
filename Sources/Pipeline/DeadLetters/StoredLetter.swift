package import KafkaClient
package import Messages

/// Where a letter stands in the dead-letter topic.
package struct LetterPlace: Hashable, Sendable, CustomStringConvertible {
    package var partition: Int32
    package var offset: Int64

    package init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    /// Reads `<partition>-<offset>`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]), partition >= 0,
            offset >= 0
        else { return nil }
        self.init(partition: partition, offset: offset)
    }

    package var description: String { "\(partition)-\(offset)" }
}

/// A dead letter as it was read: the command's own record, and why it lies there.
package struct StoredLetter: Hashable, Sendable {
    package let record: KafkaRecord
    package let letter: DeadLetter

    /// `nil` for a record whose headers do not say why it lies there.
    package init?(_ record: KafkaRecord) {
        guard let letter = DeadLetter(record.headers) else { return nil }
        self.record = record
        self.letter = letter
    }

    package var place: LetterPlace { LetterPlace(partition: record.partition, offset: record.offset) }

    /// The letter's own name, `<topic>-<partition>-<offset>`.
    package var name: String { record.place.name }

    /// What the command asked for, or why it is none.
    package var message: Result<InboundMessage, Rejection> {
        do throws(Rejection) {
            return .success(
                try InboundMessage.decode(
                    value: record.value,
                    headers: record.headers,
                    recordTimestamp: letter.origin.timestamp
                )
            )
        } catch {
            return .failure(error)
        }
    }

    /// The command as its outcome names it: of a card of an import with the card's number.
    package var command: CommandReference {
        switch message {
        case .success(let message):
            CommandReference(
                id: letter.card.map { "\(message.event.id)/\($0)" } ?? message.event.id,
                source: message.event.source,
                type: message.event.type
            )
        case .failure(let rejection):
            CommandReference(
                id: rejection.salvaged.id ?? letter.origin.name,
                source: rejection.salvaged.source,
                type: rejection.salvaged.type
            )
        }
    }

    /// The id of the import, where the letter holds one of its cards.
    package var importID: String? {
        guard letter.card != nil, case .success(let message) = message else { return nil }
        return message.event.id
    }

    /// The lane wrote the letter without its value, which no broker took for its size.
    package var isValueOmitted: Bool { record.headers.contains { $0.name == ReplayMark.valueOmitted } }
}
