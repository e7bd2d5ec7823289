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

    private var found: [Key: Outcome] = [:]
    private var wanted: Set<Key>?
    private var ready: CheckedContinuation<Void, Never>?
    private var isReady = false
    /// Nothing is followed any more; unless all has come, because of an error.
    private(set) var hasEnded = false
    private(set) var count = 0
    private let onOutcome: @Sendable (Outcome) -> Void

    init(onOutcome: @escaping @Sendable (Outcome) -> Void) {
        self.onOutcome = onOutcome
    }

    /// Follows the outcome topics from their ends until all that is wanted has come.
    func follow(_ kafka: KafkaSettings, _ topics: TopicNames, _ logger: Logger) async throws {
        // Whoever waits to begin must hear of an end, too.
        defer {
            hasEnded = true
            begin()
        }
        try await TopicScan.follow(kafka, logger: logger, topics: [topics.results, topics.failures], start: .end) {
            event in
            switch event {
            case .caughtUp: self.begin()
            case .records(let records): self.take(records)
            }
            return !self.isComplete
        }
    }

    /// Returns once outcomes published from now on will be seen, or nothing more will.
    func untilReady() async {
        guard !isReady else { return }
        await withCheckedContinuation { ready = $0 }
    }

    /// Names what is waited for; nothing ends before this is known.
    ///
    /// Outcomes of others that came meanwhile are forgotten.
    func want(_ keys: Set<Key>) {
        wanted = keys
        found = found.filter { keys.contains($0.key) }
        for outcome in found.values { onOutcome(outcome) }
    }

    var isComplete: Bool {
        guard let wanted else { return false }
        return wanted.allSatisfy { found[$0] != nil }
    }

    var outcomes: [Outcome] { (wanted ?? []).compactMap { found[$0] } }

    var progress: (done: Int, total: Int) { (outcomes.count, wanted?.count ?? 0) }

    private func begin() {
        isReady = true
        ready?.resume()
        ready = nil
    }

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
