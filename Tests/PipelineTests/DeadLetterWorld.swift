import EmbeddedKafka
import KafkaClient
import Logging
import Messages
import Pipeline
import Scheduling
import Synchronization

/// Time that passes only while somebody sleeps.
final class SleepClock: Clock, Sendable {
    typealias Instant = Scheduling.Instant

    private let time = Mutex(Instant(milliseconds: 1_800_000_000_000))

    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        time.withLock { $0 = max($0, deadline) }
        await Task.yield()
    }
}

/// Brokers with the topics of an installation, and what tests write to them and find there.
struct DeadLetterWorld {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let cluster: MockCluster
    let topics = TopicNames(prefix: "b")
    let clock = SleepClock()

    init() throws {
        cluster = try MockCluster(topics: [
            "b.commands": 2, "b.imports": 1, "b.dead-letters": 2, "b.dead-letters.parked": 1,
        ])
    }

    var kafka: KafkaSettings {
        cluster.settings.merging(["session.timeout.ms": "4000", "fetch.wait.max.ms": "20"])
    }

    func rules(
        _ purpose: ReplayRules.Purpose = .replay,
        _ filter: DeadLetterFilter = DeadLetterFilter(),
        allow: [String] = [],
        maxReplays: Int = 3
    ) -> ReplayRules {
        ReplayRules(
            purpose: purpose,
            filter: filter,
            targets: ReplayTargets(topics, allow: allow),
            maxReplays: maxReplays
        )
    }

    func replay(_ name: String = "one", _ rules: ReplayRules? = nil) -> DeadLetterReplay<SleepClock> {
        DeadLetterReplay(
            name: name,
            rules: rules ?? self.rules(),
            kafka: kafka,
            topics: topics,
            clock: clock,
            logger: Self.quiet
        )
    }

    /// Stores letters, in order, and says where each one stands.
    @discardableResult
    func store(_ letters: [ProducerRecord]) async throws -> [Delivery] {
        let producer = try KafkaProducer(settings: cluster.settings, logger: Self.quiet)
        var deliveries: [Delivery] = []
        for result in await producer.send(letters) { deliveries.append(try result.get()) }
        await producer.close()
        return deliveries
    }

    func records(_ topic: String) async throws -> [KafkaRecord] {
        var found: [KafkaRecord] = []
        try await TopicScan.read(kafka, logger: Self.quiet, topics: [topic]) { records in
            found += records
            return true
        }
        return found.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
    }
}

/// The dead letter of an assignment.
func letter(
    _ number: Int = 1,
    _ disposition: Disposition = .exhausted,
    status: Int? = 500,
    replays: Int = 0,
    provider: String = "hatif",
    reason: String = "try later",
    origin: String = "b.commands",
    key: [UInt8]? = nil,
    value: [UInt8]? = nil,
    headers: [KafkaHeader] = [],
    change: (inout DeadLetter) -> Void = { _ in }
) -> ProducerRecord {
    var letter = DeadLetter(
        disposition: disposition,
        reason: reason,
        lastFailure: Timestamp(milliseconds: 1_799_000_000_000),
        origin: RecordPosition(topic: origin, partition: 1, offset: Int64(number), timestamp: 1_798_000_000_000)
    )
    letter.provider = provider
    letter.account = "main"
    letter.httpStatus = status
    letter.attempts = 8
    letter.replays = replays
    letter.firstFailure = Timestamp(milliseconds: 1_798_000_001_000)
    change(&letter)
    let command = """
        {"specversion":"1.0","type":"bulkhead.conversation.assign.v1","source":"/t","id":"a-\(number)",\
        "time":"2026-11-21T09:00:00Z","data":{"provider":"\(provider)","account":"main",\
        "conversation":"00000000-0000-0000-0000-\(String(number + 100_000_000_000))","assignee":{"user":7}}}
        """
    return ProducerRecord(
        topic: "b.dead-letters",
        partition: Int32(number % 2),
        key: key ?? Array("k\(number)".utf8),
        value: value ?? Array(command.utf8),
        headers: letter.added(to: headers.map { MessageHeader($0.name, $0.value) }).map {
            KafkaHeader(name: $0.name, value: $0.value)
        }
    )
}

/// The dead letter of one card of an import.
func cardLetter() -> ProducerRecord {
    let command = """
        {"specversion":"1.0","type":"bulkhead.contacts.import.v1","source":"/t","id":"i-1","time":"2026-11-21T09:00:00Z",\
        "data":{"provider":"hatif","account":"main","vcards":"BEGIN:VCARD\\r\\nVERSION:3.0\\r\\nFN:J\\r\\nEND:VCARD\\r\\n",\
        "part":{"index":1,"last":true,"firstCard":17,"firstLine":120}}}
        """
    return letter(1, .refused, status: 400, origin: "b.imports", value: Array(command.utf8)) { $0.card = 17 }
}

/// The letter as a reader gets it.
func stored(_ record: ProducerRecord, offset: Int64 = 0) -> KafkaRecord {
    KafkaRecord(
        topic: record.topic,
        partition: record.partition ?? 0,
        offset: offset,
        timestamp: 1_799_000_000_500,
        key: record.key,
        value: record.value,
        headers: record.headers
    )
}
