internal import KafkaClient
internal import Logging
internal import Pipeline

/// What is published to the outcome topics from now on.
enum OutcomeFeed {
    /// Follows the outcome topics from their ends until `take` answers `false` or the task is cancelled.
    ///
    /// Returns once everything published from then on will be handed over.
    static func start(
        _ kafka: KafkaSettings,
        _ topics: TopicNames,
        _ logger: Logger,
        take: @escaping @Sendable ([KafkaRecord]) async -> Bool
    ) async throws -> Task<Void, any Error> {
        let (beginning, begun) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            // Whoever waits to begin must hear of an end, too.
            defer { begun.finish() }
            try await TopicScan.follow(kafka, logger: logger, topics: [topics.results, topics.failures], start: .end) {
                event in
                switch event {
                case .caughtUp:
                    begun.yield()
                    begun.finish()
                    return true
                case .records(let records): return await take(records)
                }
            }
        }
        for await _ in beginning { return task }
        task.cancel()
        try await task.value
        throw CancellationError()
    }
}
