internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline

/// Follows the outcomes of one import until it is complete.
actor ImportWatch {
    private var following: Task<Void, any Error>?
    private let command: CommandReference
    private let onOutcome: @Sendable (Outcome) -> Void
    private var cards: Set<Int> = []
    private(set) var counts: [Disposition: Int] = [:]
    private(set) var completed: ImportCompleted?
    /// The outcome of a part that was refused as a whole, after which the import does not become complete.
    private(set) var refused: Outcome?

    init(_ command: CommandReference, onOutcome: @escaping @Sendable (Outcome) -> Void) {
        self.command = command
        self.onOutcome = onOutcome
    }

    /// Cards whose outcome was seen.
    var done: Int { cards.count }
    var isOver: Bool { completed != nil || refused != nil }

    /// Begins to follow the outcome topics; what is published afterwards will be seen.
    func start(_ kafka: KafkaSettings, _ topics: TopicNames, _ logger: Logger) async throws {
        following = try await OutcomeFeed.start(kafka, topics, logger) { records in
            for record in records { if let value = record.value { await self.take(value) } }
            return await !self.isOver
        }
    }

    /// Returns when the import is over, or `stop` was called.
    func untilOver() async throws { try await following?.value }

    func stop() { following?.cancel() }

    /// Takes in a record of the outcome topics, whatever it is about.
    func take(_ value: [UInt8]) {
        if let outcome = try? Outcome(decoding: value) {
            take(outcome)
        } else if let event = try? ImportCompleted(decoding: value), isOurs(event.command) {
            completed = event
        }
    }

    private func take(_ outcome: Outcome) {
        guard outcome.command.source == command.source else { return }
        guard let member = outcome.importMember else {
            guard outcome.command.id == command.id, outcome.disposition.topic == .failures, refused == nil else {
                return
            }
            refused = outcome
            return onOutcome(outcome)
        }
        // A card replayed meanwhile has a second one.
        guard member.id == command.id, cards.insert(member.card).inserted else { return }
        counts[outcome.disposition, default: 0] += 1
        onOutcome(outcome)
    }

    private func isOurs(_ other: CommandReference) -> Bool {
        other.id == command.id && other.source == command.source
    }
}
