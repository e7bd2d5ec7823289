package import KafkaClient
package import Logging
package import Scheduling

/// Sends dead letters back to where they came from, or parks them, in a consumer group of its own.
///
/// A letter is written, its acknowledgement awaited, and then the offset committed. What stood in the dead letters when the
/// round began is handled; letters that come meanwhile belong to the next round, that is the next run after one that was
/// complete. A run that was stopped half-way is carried on by the next one of its name:
///
/// 1. It began by committing where it was and how far the target topics reached then (``ReplayBookmark``).
/// 2. It wrote letters, and was killed before it could commit them.
/// 3. The next run reads the targets from the bookmark on, finds its own letters by their headers, and passes them over.
///
/// Several runs of one name share the partitions between them.
package struct DeadLetterReplay<Time: Clock>: Sendable where Time.Instant == Instant {
    package let name: String
    package let rules: ReplayRules
    /// Letters a second, 1 to 1,000,000; `nil`: as fast as the brokers take them.
    package var rate: Int?
    /// Letters to replay or park in this run; `nil`: all.
    package var maxLetters: Int?

    let kafka: KafkaSettings
    let topics: TopicNames
    let clock: Time
    let logger: Logger

    package init(
        name: String,
        rules: ReplayRules,
        kafka: KafkaSettings,
        topics: TopicNames,
        clock: Time,
        logger: Logger
    ) {
        self.name = name
        self.rules = rules
        self.kafka = kafka
        self.topics = topics
        self.clock = clock
        self.logger = logger
    }

    /// Runs until the round's end, the maximum, or cancellation, which ends it tidily.
    ///
    /// - Parameter onProgress: called after each batch that the brokers have acknowledged.
    package func run(
        onProgress: (ReplayReport) -> Void = { _ in }
    ) async throws(ReplayFailure) -> ReplayReport {
        try await withSession { session throws(ReplayFailure) in try await session.run(onProgress) }
    }

    /// Says what ``run(onProgress:)`` would do now; writes and commits nothing.
    ///
    /// - Parameter onLetter: called for each letter that the filter lets through.
    package func preview(
        onLetter: (StoredLetter, LetterFate) -> Void = { _, _ in }
    ) async throws(ReplayFailure) -> ReplayReport {
        try await withSession { session throws(ReplayFailure) in try await session.preview(onLetter) }
    }

    private func withSession(
        _ body: (ReplaySession<Time>) async throws(ReplayFailure) -> ReplayReport
    ) async throws(ReplayFailure) -> ReplayReport {
        guard rules.targets.refused.isEmpty else { throw .forbiddenTargets(rules.targets.refused) }
        let session = try ReplaySession(self)
        do throws(ReplayFailure) {
            let report = try await body(session)
            await session.close()
            return report
        } catch {
            await session.close()
            throw error
        }
    }
}
