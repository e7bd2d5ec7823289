internal import KafkaClient
internal import Logging
internal import Messages
internal import VCard

/// Reads the earlier parts of an import once more, for what their cards are known by.
struct EarlierParts {
    let context: WorkerContext
    let logger: Logger

    /// - Parameters:
    ///   - record: where the part stands whose predecessors are wanted.
    ///   - first: where the import's first part stands.
    func read(_ command: ImportCommand, before record: KafkaRecord, from first: Int64) async throws -> DuplicateIndex {
        let key = PartedImports.key(of: command)
        let place = record.topicPartition
        var cards = DuplicateIndex(maxCards: context.imports.vcard.limits.rememberedCards)
        try await TopicScan.read(
            context.kafka,
            logger: logger,
            from: [PartitionOffset(partition: place, offset: first)],
            to: [place: record.offset]
        ) { records in
            for record in records { take(record, key, &cards) }
            return !cards.isFull
        }
        return cards
    }

    private func take(_ record: KafkaRecord, _ key: UInt128, _ cards: inout DuplicateIndex) {
        guard DeadLetter.replays(of: record.headers) == 0, let command = record.importCommand,
            PartedImports.key(of: command) == key, !command.part.isOnly, case .bytes(let bytes) = command.content,
            case .success(let home) = Result(catching: { () throws(Rejection) in try context.imports.home(of: command) }
            )
        else { return }
        var contacts = ContactImport(
            settings: context.imports.vcard,
            home: home,
            at: command.part.position,
            after: cards
        )
        // Else there are two of it, and the first card copies all.
        cards = DuplicateIndex(maxCards: 0)
        contacts.feed(bytes) { _ in }
        _ = contacts.finish(isPart: true) { _ in }
        cards = contacts.duplicates
    }
}
