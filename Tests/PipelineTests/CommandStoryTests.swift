import KafkaClient
import Messages
import Scheduling
import Testing

@testable import Pipeline

/// What is told of a command by its records, and by the worker that was or could not be asked.
@Suite struct CommandStoryTests {
    private static let topics = TopicNames(prefix: "b")
    private static let noon = Instant(Timestamp("2026-11-21T12:00:00Z") ?? Timestamp(nanoseconds: 0))

    private func record(
        _ topic: String,
        _ value: [UInt8],
        offset: Int64 = 0,
        headers: [KafkaHeader] = []
    ) -> KafkaRecord {
        KafkaRecord(
            topic: topic,
            partition: 0,
            offset: offset,
            timestamp: Self.noon.milliseconds,
            key: nil,
            value: value,
            headers: headers
        )
    }

    private func outcome(_ id: String, _ disposition: Disposition, replay: Int = 0) -> Outcome {
        let times = Outcome.Times(
            accepted: Timestamp(Self.noon),
            finished: Timestamp(Self.noon),
            waitedMilliseconds: 7
        )
        let command = CommandReference(id: id, source: "/crm")
        var outcome = Outcome(command: command, disposition: disposition, times: times)
        outcome.attempts = 2
        outcome.deferrals = 1
        outcome.replay = replay
        return outcome
    }

    private func laneRecord(_ id: String, offset: Int64 = 5, replays: Int = 0) -> KafkaRecord {
        let origin = RecordPosition(topic: "b.commands", partition: 0, offset: 1, timestamp: -1)
        let headers = LaneHeaders(origin: origin, key: nil, entity: "e", replays: replays)
        return record(
            Self.topics.live("convor"),
            utf8(unassign(id: id)),
            offset: offset,
            headers: headers.added(to: [MessageHeader]()).map { KafkaHeader(name: $0.name, value: $0.value) }
        )
    }

    private func trace(_ id: String, _ records: [KafkaRecord], source: String? = nil) throws -> CommandTrace {
        var tracer = CommandTracer(id, source: source, topics: Self.topics, providers: ["convor"])
        for record in records { tracer.take(record) }
        return try #require(tracer.found.first)
    }

    private func holding(ageSeconds: Int, _ change: (inout MemberStatus.Lane) -> Void = { _ in })
        -> FleetSnapshot.Holding
    {
        var lane = MemberStatus.Lane(provider: "convor", account: "main", partition: 0, state: .open)
        change(&lane)
        let at = Timestamp(Self.noon.advanced(by: .seconds(-ageSeconds)))
        var member = MemberStatus(member: "w1", at: at, startedAt: at, version: "1", roles: [], lanes: [lane])
        member.admin = "10.0.0.7:8087"
        return FleetSnapshot.Holding(member: member, lane: lane)
    }

    @Test func `the letter of a card is the card's and not its import's`() throws {
        let letter = stored(cardLetter(), offset: 9)
        #expect(try trace("i-1/17", [letter]).letter?.name == "b.dead-letters-1-9")
        var tracer = CommandTracer("i-1", source: nil, topics: Self.topics, providers: [])
        tracer.take(letter)
        #expect(tracer.found.isEmpty)
    }

    @Test func `a failure is told with its dead letter`() throws {
        var failed = outcome("a", .notFound)
        failed.response = Outcome.Response(status: 404, message: "no such conversation")
        let origin = RecordPosition(topic: "b.commands", partition: 0, offset: 1, timestamp: -1)
        let letter = DeadLetter(failed, origin: origin)
        let headers = letter.added(to: [MessageHeader]()).map { KafkaHeader(name: $0.name, value: $0.value) }
        let found = try trace(
            "a",
            [
                record(Self.topics.commands, utf8(unassign(id: "a")), offset: 1),
                record(Self.topics.deadLetters, utf8(unassign(id: "a")), offset: 9, headers: headers),
                record(Self.topics.failures, failed.encoded()),
            ]
        )
        let story = CommandStory(found, now: Self.noon)
        #expect(story.state == .failed)
        #expect(
            story.reason == "has failed: not_found at 2026-11-21T12:00:00Z, the provider answered 404, "
                + "no such conversation; 2 attempts, 1 deferrals, waited 7 ms"
        )
        #expect(story.lines.last?.text == "b.dead-letters-0-9: bulkhead dlq show b.dead-letters-0-9")
        #expect(story.json["disposition"]?.text == "not_found")
    }

    @Test func `a replay waits while the run before it has failed, and is idle when that succeeded`() throws {
        let lane = laneRecord("a", replays: 1)
        let failed = try trace("a", [lane, record(Self.topics.failures, outcome("a", .exhausted).encoded())])
        var story = CommandStory(failed, now: Self.noon)
        story.progress = GroupProgress(mark: 5, end: 6)
        #expect(story.state == .inLane)
        #expect(story.lines.contains { $0.heading == "First run" && $0.text.hasPrefix("has failed: exhausted") })

        let done = try trace("a", [lane, record(Self.topics.results, outcome("a", .applied).encoded())])
        let idle = CommandStory(done, now: Self.noon)
        #expect(idle.state == .done)
        #expect(idle.reason.hasSuffix("; replay 1 therefore does nothing"))
    }

    @Test func `a worker that cannot be asked is named, and its last word on the lane is told`() throws {
        var story = CommandStory(try trace("a", [laneRecord("a")]), now: Self.noon)
        story.progress = GroupProgress(mark: 2, finished: [3..<4], end: 9)
        story.holding = holding(ageSeconds: 3) { lane in
            lane.state = .closed
            lane.reason = "failures"
            lane.since = Timestamp(Self.noon)
        }
        story.reply = .unreachable(address: "10.0.0.7:8087", reason: "connection refused")
        #expect(
            story.reason == "is in its lane: 2 unfinished records before it in b.lane.convor.live-0; "
                + "convor/main is closed (failures) since 2026-11-21T12:00:00Z"
        )
        #expect(story.lines.last?.text == "w1 cannot be asked at 10.0.0.7:8087: connection refused")

        story.holding = holding(ageSeconds: 90)
        story.reply = .none
        #expect(
            story.reason.hasSuffix("; w1, the last worker that had convor/main, has been silent for 90 s")
        )
    }

    @Test func `what its worker has not read is told apart from what is finished and left no outcome`() throws {
        var story = CommandStory(try trace("a", [laneRecord("a")]), now: Self.noon)
        story.reply = .unknown
        story.holding = holding(ageSeconds: 1)
        story.progress = GroupProgress(mark: 4, end: 9)
        #expect(story.state == .queued)
        #expect(
            story.reason == "is not in its worker's memory yet: 1 unfinished record before it in "
                + "b.lane.convor.live-0; convor/main is open"
        )
        story.progress = GroupProgress(mark: 4, finished: [5..<6], end: 9)
        #expect(story.state == .vanished)
    }

    @Test func `the worker's words are the ones that are shown`() throws {
        var story = CommandStory(try trace("a", [laneRecord("a")]), now: Self.noon)
        story.reply = .waiting(
            .object([
                .init("state", .string("limit")), .init("reason", .string("waits for the rate limit")),
                .init("until", .string("2026-11-21T12:01:00Z")), .init("readAt", .string("2026-11-21T11:59:00Z")),
                .init("attempts", .integer(1)), .init("deferrals", .integer(3)),
            ])
        )
        #expect(story.state.name == "limit")
        let lines = story.lines.map { "\($0.heading): \($0.text)" }
        #expect(lines.contains("State: waits for the rate limit"))
        #expect(lines.contains("Until: 2026-11-21T12:01:00Z (in 60 s)"))
        #expect(lines.contains("Read: 2026-11-21T11:59:00Z (60 s ago), 1 attempts failed, 3 deferrals"))
    }

    @Test func `commands are found by id in JSON, in headers and by their place, and told apart by source`() throws {
        let other = unassign(id: "a/1").replacing("/crm", with: "/other")
        let escaped = unassign(id: "a/1").replacing("a/1", with: #"a\/1"#)
        var tracer = CommandTracer("a/1", source: nil, topics: Self.topics, providers: [])
        for (offset, text) in [other, escaped, unassign(id: "a/12")].enumerated() {
            tracer.take(record(Self.topics.commands, utf8(text), offset: Int64(offset)))
        }
        #expect(tracer.found.map(\.command.source) == ["/crm", "/other"])
        #expect(try trace("a/1", [record(Self.topics.commands, utf8(other))], source: "/other").command.id == "a/1")

        let binary = ["id": "b-1", "source": "/crm", "type": "t", "specversion": "1.0"]
            .map { KafkaHeader(name: "ce_\($0.key)", text: $0.value) }
        #expect(try trace("b-1", [record(Self.topics.imports, [], headers: binary)]).asked?.place.offset == 0)
        #expect(try trace("b.commands-0-4", [record(Self.topics.commands, utf8("{"), offset: 4)]).asked != nil)
    }

    @Test func `progress counts what is not finished`() {
        let progress = GroupProgress(mark: 10, finished: [12..<15, 20..<21], end: 30)
        #expect(progress.left == 16)
        #expect(progress.unfinished(before: 14) == 2)
        #expect(progress.unfinished(before: 10) == 0)
        #expect(progress.unfinished(before: 3) == 0)
        #expect([9, 10, 12, 15, 20].map(progress.isFinished) == [true, false, true, false, true])
    }

    @Test func `of several members that say they have a lane the latest word holds, and a tombstone takes one away`() {
        var fleet = FleetSnapshot()
        func status(_ member: String, _ seconds: Int) -> KafkaRecord {
            var status = holding(ageSeconds: seconds).member
            status.member = member
            var record = record(Self.topics.status, status.encoded())
            record.key = utf8(member)
            return record
        }
        for (member, age) in [("w1", 20), ("w2", 1), ("w3", 90)] { fleet.take(status(member, age)) }
        #expect(fleet.owner(provider: "convor", account: "main")?.member.member == "w2")
        #expect(fleet.members.map { $0.isAlive(at: Self.noon) } == [true, true, false])
        var gone = status("w2", 1)
        gone.value = nil
        fleet.take(gone)
        #expect(fleet.owner(provider: "convor", account: "main")?.member.member == "w1")
        #expect(fleet.owner(provider: "convor", account: "other") == nil)
    }

    @Test(arguments: [
        (0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (11_400, "3 h 10 min"), (187_200, "2 d 4 h"),
        (-5, "0 s"),
    ])
    func `ages are for people`(seconds: Int, text: String) {
        #expect(Duration.seconds(seconds).ageText == text)
    }
}
