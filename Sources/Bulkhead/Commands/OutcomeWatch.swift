internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline

/// Waits for the outcomes of commands that are about to be sent.
actor OutcomeWatch {
    struct Key: Hashable {
        var source: String?
        var id: String
        var replay = 0
    }

    /// Of all that come, until it is known which are wanted.
    private var found: [Key: Outcome] = [:]
    private var wanted: Set<Key>?
    private var following: Task<Void, any Error>?
    private let onOutcome: @Sendable (Outcome) -> Void

    init(onOutcome: @escaping @Sendable (Outcome) -> Void) {
        self.onOutcome = onOutcome
    }

    /// Begins to follow the outcome topics; what is published afterwards will be seen.
    func start(_ kafka: KafkaSettings, _ topics: TopicNames, _ logger: Logger) async throws {
        following = try await OutcomeFeed.start(kafka, topics, logger) { records in
            await self.take(records)
            return await !self.isComplete
        }
    }

    /// Names what is waited for; nothing ends before this is known.
    ///
    /// Outcomes of others that came meanwhile are forgotten.
    func want(_ keys: Set<Key>) {
        wanted = keys
        found = found.filter { keys.contains($0.key) }
        for outcome in found.values { onOutcome(outcome) }
        if isComplete { stop() }
    }

    /// Returns when all that is wanted has come, or `stop` was called.
    func untilComplete() async throws { try await following?.value }

    func stop() { following?.cancel() }

    private var isComplete: Bool { found.count == wanted?.count }

    /// What has come of what is wanted.
    var outcomes: [Outcome] { wanted == nil ? [] : Array(found.values) }

    var progress: (done: Int, total: Int?) { (wanted == nil ? 0 : found.count, wanted?.count) }

    private func take(_ records: [KafkaRecord]) {
        for record in records {
            guard let value = record.value, let outcome = try? Outcome(decoding: value) else { continue }
            let key = Key(source: outcome.command.source, id: outcome.command.id, replay: outcome.replay)
            guard wanted?.contains(key) ?? true else { continue }
            guard found.updateValue(outcome, forKey: key) == nil, wanted != nil else { continue }
            onOutcome(outcome)
        }
    }
}
