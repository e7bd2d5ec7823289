package import KafkaClient
package import Logging
internal import Messages

/// Looks through the dead letters, outside any group.
package struct DeadLetterReader: Sendable {
    private let kafka: KafkaSettings
    private let topics: TopicNames
    private let logger: Logger

    package init(kafka: KafkaSettings, topics: TopicNames, logger: Logger) {
        self.kafka = kafka
        self.topics = topics
        self.logger = logger
    }

    /// Reads letters that the filter lets through; of one partition in order, of several mixed.
    /// - Parameters:
    ///   - isParked: the parked ones instead.
    ///   - body: `false` ends the reading.
    /// - Returns: how many records were no dead letters.
    @discardableResult
    package func letters(
        _ filter: DeadLetterFilter,
        isParked: Bool = false,
        _ body: (StoredLetter) async throws -> Bool
    ) async throws -> Int {
        var strangers = 0
        let topic = isParked ? topics.parkedLetters : topics.deadLetters
        try await TopicScan.read(kafka, logger: logger, topics: [topic]) { records in
            for record in records {
                guard let stored = StoredLetter(record) else {
                    strangers += 1
                    continue
                }
                guard filter.matches(stored) else { continue }
                guard try await body(stored) else { return false }
            }
            return true
        }
        return strangers
    }

    /// Counts what the rules' filter lets through by cause, and says what a replay under a new name would do with it.
    package func plan(_ rules: ReplayRules, isParked: Bool = false) async throws -> DeadLetterPlan {
        var plan = DeadLetterPlan()
        let parked = try await parkedPlaces()
        try await letters(rules.filter, isParked: isParked) { stored in
            plan.add(
                stored,
                isParked ? .leave(.parked) : rules.fate(of: stored.record, parked: parked),
                maxReplays: rules.maxReplays
            )
            return true
        }
        return plan
    }

    /// Letters of which a copy lies in the parking topic; none when there is no such topic.
    package func parkedPlaces() async throws -> Set<LetterPlace> {
        var places: Set<LetterPlace> = []
        do {
            try await TopicScan.read(kafka, logger: logger, topics: [topics.parkedLetters]) { records in
                for record in records {
                    if let place = ReplayMark.origin(ofParked: record) { places.insert(place) }
                }
                return true
            }
        } catch let error as KafkaError where [.unknownTopicOrPartition, .unknownTopic].contains(error.code) {
            return []
        }
        return places
    }
}
