import KafkaClient
import Messages
import ProviderKit
import Providers
import Scheduling
import Testing

@testable import Pipeline

@Suite struct IntakeRoutingTests {
    @Test(arguments: [
        ("", "fleet.lane.convor.live"),
        (#""priority":"live","#, "fleet.lane.convor.live"),
        (#""priority":"bulk","#, "fleet.lane.convor.bulk"),
    ])
    func `a command goes to the topic of its class`(attribute: String, topic: String) throws {
        let record = try lane(unassign(attributes: attribute))
        #expect(record.topic == topic)
        #expect(record.key == utf8("main"))
    }

    @Test func `members of campaigns and replays are bulk work, whatever they say of themselves`() throws {
        let member = unassign(attributes: #""priority":"live","#, data: #","campaign":"c-1""#)
        #expect(try lane(member).topic == "fleet.lane.convor.bulk")
        let replayed = KafkaHeader(name: DeadLetter.replaysHeader, text: "2")
        let record = try lane(unassign(attributes: #""priority":"live","#), [replayed])
        #expect(record.topic == "fleet.lane.convor.bulk")
        #expect(LaneHeaders(record.headers)?.replays == 2)
    }

    @Test func `a lane record is the command as it came, and says where it came from`() throws {
        let own = [KafkaHeader(name: "x-trace", value: nil), KafkaHeader(name: "bulkhead-entity", text: "forged")]
        let record = try lane(unassign(), own)
        #expect(record.value == utf8(unassign()))
        #expect(record.headers.first == own[0])
        #expect(record.headers.filter { $0.name == "bulkhead-entity" }.count == 1)
        #expect(record.timestamp == 1_700_000_000_000)
        let headers = try #require(LaneHeaders(record.headers))
        #expect(headers.entity == "convor/main/\(conversation(1))")
        #expect(headers.key == utf8("key"))
        let origin = RecordPosition(topic: "fleet.commands", partition: 3, offset: 42, timestamp: 1_700_000_000_000)
        #expect(headers.origin == origin)
    }

    @Test func `an account's partition is its setting, else a hash that stays the same`() throws {
        #expect(try lane(unassign(account: "pinned")).partition == 5)
        let hashed = try lane(unassign(), partitions: 12).partition
        #expect(try lane(unassign(), partitions: 12).partition == hashed)
        #expect(try lane(unassign(), partitions: 1).partition == 0)
        #expect(try lane(unassign(account: "pinned"), partitions: 4).partition == 1)
        for count in [0, 1, 7] {
            let partition = AccountEntry.partition(of: count, account: "main", setting: nil)
            #expect((0..<Int32(max(1, count))).contains(partition))
        }
    }

    @Test(arguments: [
        ("no JSON at all", Disposition.rejected, "fleet.commands-3-42"),
        ("", .rejected, "fleet.commands-3-42"),
        (#"{"specversion":"1.0","type":"other","source":"/s","id":"7"}"#, .rejected, "7"),
        (unassign(provider: "nobody"), .rejected, "a-1"),
        (unassign(account: "nobody"), .rejected, "a-1"),
        (assign(#"{"email":"a@example.com"}"#), .rejected, "a-1"),
        (assign(#"{"user":"7"}"#), .unsupported, "a-1"),
    ])
    func `what no lane can take ends at once`(value: String, disposition: Disposition, id: String) throws {
        guard case .ended(let outcome, let records) = try route(value) else {
            Issue.record("not ended")
            return
        }
        #expect(outcome.disposition == disposition)
        #expect(outcome.command.id == id)
        // The dead letter first: once the outcome is there, nobody would write it any more.
        #expect(records.map(\.topic) == (disposition == .rejected ? ["fleet.dead-letters"] : []) + ["fleet.failures"])
        let written = try Outcome(decoding: records.last?.value ?? [])
        #expect(written.disposition == disposition)
        if let letter = records.dropLast().first {
            #expect(letter.value == utf8(value))
            #expect(letter.key == utf8("key"))
            let read = try #require(DeadLetter(letter.headers))
            #expect(read.origin.offset == 42)
            #expect(read.disposition == disposition)
        }
    }

    @Test func `a rejection names the field, what was found and what is allowed`() throws {
        guard case .ended(let outcome, _) = try route(unassign(account: "nobody")) else {
            Issue.record("not ended")
            return
        }
        #expect(outcome.rejection?.field == "data.account")
        #expect(outcome.rejection?.found.contains("nobody") == true)
        #expect(outcome.rejection?.allowed == "default, main, pinned")
        #expect(outcome.provider == "convor")
    }

    private static let upperCase = unassign().replacing(conversation(1), with: conversation(1).uppercased())
    private static let structured = KafkaHeader(name: "content-type", text: "application/cloudevents+json")
    private static let variants: [(value: String?, headers: [KafkaHeader])] = [
        (unassign(), []), (unassign(attributes: #""priority":"bulk","#), []), (unassign(data: #","campaign":"c""#), []),
        (
            unassign(),
            [structured, KafkaHeader(name: "traceparent", text: "00-1-2-01"), KafkaHeader(name: "", value: [])]
        ),
        (unassign(), [KafkaHeader(name: "Content-Type", text: "application/cloudevents+json; charset=UTF-8")]),
        (unassign(), [KafkaHeader(name: "content-type", value: nil), KafkaHeader(name: "x", value: nil)]),
        (unassign(), [KafkaHeader(name: "content-type", text: "application/cloudevents-batch+json")]),
        (unassign(), [KafkaHeader(name: "bulkhead-entity", text: "forged")]),
        (unassign(), [KafkaHeader(name: DeadLetter.replaysHeader, text: "1")]),
        (unassign(), [KafkaHeader(name: "ce_id", text: "binary")]),
        (unassign(), [KafkaHeader(name: "large", value: Array(repeating: 1, count: 262_144))]),
        (unassign(account: "pinned"), []), (unassign(account: "nobody"), []), (unassign(provider: "nobody"), []),
        (unassign().replacing(#""account":"main","#, with: ""), []), (upperCase, []),
        (unassign(data: #","expect":null"#), []), (assign(#"{"user":"7"}"#), []),
        (assign(#"{"email":"a@example.com"}"#), []), (unassign().replacing("/crm", with: "/cr\\u006d"), []),
        ("{}", []), ("", []), (nil, []),
    ]

    @Test(arguments: [0, 1]) func `records that are routed together go where each would go alone`(
        strange: Int
    ) async throws {
        let routing = try routing()
        let records = Self.variants.enumerated().map { number, variant in
            KafkaRecord(
                topic: number < 12 ? "fleet.commands" : "fleet.commands.elsewhere",
                partition: Int32(number / 4),
                offset: Int64(number) * 1_000_003,
                timestamp: number % 5 == 4 * strange ? -1 : 1_700_000_000_000,
                key: number % 3 == strange ? nil : utf8("key \(number)"),
                value: variant.value.map(utf8),
                headers: variant.headers
            )
        }
        let batch = await routing.route(RecordBlock(records))
        var lanes: [ProducerRecord] = []
        var endings: [[ProducerRecord]] = []
        for record in records {
            switch routing.route(record, now: Self.now) {
            case .lane(let record): lanes.append(record)
            case .ended(_, let records): endings.append(records)
            }
        }
        #expect(lanes.count > 8)
        #expect((0..<batch.records.count).map { batch.records[$0] } == lanes)
        #expect(batch.endings.map { $0.records.map(\.topic) } == endings.map { $0.map(\.topic) })
        for record in records { #expect(batch.ends[record.topicPartition] ?? 0 > record.offset) }
    }

    private func lane(
        _ value: String,
        _ headers: [KafkaHeader] = [],
        partitions: Int = 8
    ) throws -> ProducerRecord {
        guard case .lane(let record) = try route(value, headers, partitions: partitions) else { throw NoLane() }
        return record
    }

    private func route(
        _ value: String,
        _ headers: [KafkaHeader] = [],
        partitions: Int = 8
    ) throws -> IntakeRouting.Route {
        let routing = try routing(partitions: partitions)
        let record = KafkaRecord(
            topic: "fleet.commands",
            partition: 3,
            offset: 42,
            timestamp: 1_700_000_000_000,
            key: utf8("key"),
            value: utf8(value),
            headers: headers
        )
        return routing.route(record, now: Self.now)
    }

    private static let now = Instant(milliseconds: 1_700_000_001_000)

    private func routing(partitions: Int = 8) throws -> IntakeRouting {
        IntakeRouting(
            topics: TopicNames(prefix: "fleet"),
            catalog: ProviderCatalog([try convor(accounts: [("main", nil), ("pinned", 5), ("default", nil)])]),
            partitionCounts: ["convor": partitions],
            redact: false
        )
    }

    private struct NoLane: Error {}
}
