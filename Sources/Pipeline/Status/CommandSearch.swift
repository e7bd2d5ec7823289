package import KafkaClient
package import Logging
internal import Messages

/// Looks for a command in the topics, outside any group.
package struct CommandSearch: Sendable {
    private let kafka: KafkaSettings
    private let topics: TopicNames
    private let providers: [String]
    private let logger: Logger
    private var tracer: CommandTracer
    private var ends: [PartitionOffset] = []
    /// Records looked at.
    package private(set) var count = 0

    /// - Parameters:
    ///   - source: tells commands of one id apart; `nil` takes them all.
    ///   - providers: whose lanes are looked through.
    package init(
        _ id: String,
        source: String?,
        providers: [String],
        kafka: KafkaSettings,
        topics: TopicNames,
        logger: Logger
    ) {
        self.kafka = kafka
        self.topics = topics
        self.providers = providers
        self.logger = logger
        tracer = CommandTracer(id, source: source, topics: topics, providers: providers)
    }

    package var found: [CommandTrace] { tracer.found }

    /// Reads the topics as far as they go now: all of them the first time, and what was added since from then on.
    ///
    /// Those that do not exist are passed over.
    package mutating func read() async throws {
        var tracer = tracer
        var count = count
        let take: ([KafkaRecord]) -> Bool = { records in
            count += records.count
            for record in records { tracer.take(record) }
            return true
        }
        if ends.isEmpty {
            let present = try await KafkaAdmin(settings: kafka, logger: logger).topics(timeout: .seconds(15))
            // In the order in which a command passes through them, so that one on its way is met somewhere.
            let way =
                [topics.commands, topics.imports]
                + providers.flatMap { [topics.live($0), topics.bulk($0), topics.parked($0)] }
                + [topics.deadLetters, topics.failures, topics.results]
            let names = way.filter { present[$0] != nil }
            ends = try await TopicScan.read(kafka, logger: logger, topics: names, onBatch: take)
        } else {
            ends = try await TopicScan.read(kafka, logger: logger, from: ends, onBatch: take)
        }
        self.tracer = tracer
        self.count = count
    }
}
