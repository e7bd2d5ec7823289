import KafkaClient
import Logging
import Messages
import Synchronization
import Testing

/// Reads the outcome and dead-letter topics while they are written, since the embedded broker keeps little of them.
final class OutcomeLog: Sendable {
    struct Key: Hashable, Sendable {
        var source: String?
        var id: String
        var replay = 0

        init(source: String?, id: String, replay: Int = 0) {
            self.source = source
            self.id = id
            self.replay = replay
        }

        init(_ command: SampleCommand) {
            self.init(source: SampleCommand.source, id: command.id)
        }
    }

    struct State: Sendable {
        var outcomes: [Key: [Outcome]] = [:]
        var deadLetters: [KafkaRecord] = []
        /// Records of the outcome topics that are no outcomes.
        var unreadable = 0
        /// The offset that comes next.
        var positions: [TopicPartition: Int64] = [:]
        /// Places at which records were missing, so that the count of outcomes means nothing.
        var gaps: [TopicPartition] = []
        var failure: String?

        fileprivate mutating func take(_ record: KafkaRecord) {
            // A reader that is told that its offset is out of range begins anew.
            guard record.offset >= positions[record.topicPartition, default: 0] else { return }
            if positions[record.topicPartition, default: 0] != record.offset { gaps.append(record.topicPartition) }
            positions[record.topicPartition] = record.offset + 1
            guard record.topic != OutcomeLog.deadLetters else {
                deadLetters.append(record)
                return
            }
            guard let value = record.value, let outcome = try? Outcome(decoding: value) else {
                unreadable += 1
                return
            }
            let key = Key(source: outcome.command.source, id: outcome.command.id, replay: outcome.replay)
            outcomes[key, default: []].append(outcome)
        }
    }

    struct Failure: Error {
        var reason: String
    }

    static let deadLetters = "bulkhead.dead-letters"
    static let topics = ["bulkhead.results", "bulkhead.failures", deadLetters]

    private let content = Monitor(State())
    private let following = Mutex<Task<Void, Never>?>(nil)
    private let kafka: KafkaSettings

    init(_ kafka: KafkaSettings) {
        self.kafka = kafka
    }

    var state: State { content.state }

    /// Begins to read; unstructured, so that reading ends when ``stop()`` says so and not in the middle of a clean-up.
    func start() {
        let task = Task { await self.follow() }
        following.withLock { $0 = task }
    }

    /// Ends reading, while the broker still answers; without one a client takes minutes to close.
    func stop() async {
        let task = following.withLock { following in
            defer { following = nil }
            return following
        }
        task?.cancel()
        await task?.value
    }

    private func follow() async {
        do {
            try await TopicScan.follow(kafka, logger: .silent, topics: Self.topics, start: .beginning) { event in
                guard case .records(let records) = event else { return true }
                self.content.update { state in
                    for record in records { state.take(record) }
                }
                return true
            }
        } catch {
            content.update { $0.failure = "\(error)" }
        }
    }

    /// Waits until a number of different commands have outcomes.
    func wait(for count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        do {
            _ = try await wait("\(count) outcomes") { $0.outcomes.count >= count }
        } catch {
            let found = state.outcomes.count
            Issue.record("\(found) of \(count) commands have outcomes", sourceLocation: sourceLocation)
            throw error
        }
    }

    /// Waits until the outcomes are as wanted.
    func wait(until condition: (State) -> Bool) async throws {
        _ = try await wait("certain outcomes", condition)
    }

    /// Waits until everything that stands in the topics now has been read.
    func catchUp() async throws {
        let ends = try await KafkaEnds(kafka).ends(of: Self.topics)
        _ = try await wait("the ends of the outcome topics, \(ends)") { state in
            ends.allSatisfy { state.positions[$0.key, default: 0] >= $0.value }
        }
    }

    private func wait(_ what: String, _ condition: (State) -> Bool) async throws -> Bool {
        try await content.wait(what) { state in
            if let failure = state.failure { throw Failure(reason: failure) }
            return condition(state) ? true : nil
        }
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
