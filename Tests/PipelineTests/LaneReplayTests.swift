import HTTPTypes
import KafkaClient
import Messages
import ProviderKit
import Scheduling
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ReplayGuardTests {
    private func record(_ offset: Int64) -> KafkaRecord {
        KafkaRecord(topic: "t", partition: 0, offset: offset, timestamp: -1, key: nil, value: nil, headers: [])
    }

    @Test func `replays wait until it is known what succeeded, and then go by it`() {
        var replays = ReplayGuard(capacity: 10)
        replays.note(9)
        let first = [replays.judge(1, record(1)), replays.judge(2, record(2))]
        #expect(first == [.wait(isFirst: true), .wait(isFirst: false)])
        #expect(replays.isReading)
        replays.note(3)
        #expect(replays.learned([1]).map(\.offset) == [1, 2])
        #expect(!replays.isReading)
        let verdicts = (1...3).map { replays.judge(UInt128($0), record(0)) }
        #expect(verdicts == [.drop, .run, .drop])
        #expect(replays.learned([]).isEmpty)
    }

    @Test func `all runs of a command are one command`() {
        let command = CommandReference(id: "a", source: "/s", type: "x")
        #expect(ReplayGuard.hash(command) == ReplayGuard.hash(CommandReference(id: "a", source: "/s")))
        #expect(ReplayGuard.hash(command) != ReplayGuard.hash(CommandReference(id: "a/", source: "s")))
    }
}

/// Replays through intake and lane.
@Suite(.timeLimit(.minutes(1))) struct LaneReplayTests {
    private func write(_ world: PipelineWorld, _ records: [(value: String, replays: Int)], timestamp: Int64? = nil)
        async throws
    {
        let records = records.map { value, replays in
            ProducerRecord(
                topic: world.topics.commands,
                key: utf8("key"),
                value: utf8(value),
                headers: replays == 0
                    ? []
                    : [
                        KafkaHeader(name: DeadLetter.replaysHeader, text: String(replays)),
                        KafkaHeader(name: ReplayMark.timestamp, text: "1600000000000"),
                    ],
                timestamp: timestamp
            )
        }
        for result in await world.producer.send(records) { _ = try result.get() }
    }

    @Test func `what has succeeded never runs again, also after a restart; what failed runs once for each replay`()
        async throws
    {
        let world = try PipelineWorld()
        let first = AnsweringTransport { request, _ throws(TransportFailure) in
            request.head.path?.contains(conversation(2)) == true
                ? ProviderResponse(404, #"{"message":"no such conversation"}"#)
                : ProviderResponse(200, #"{"assignedOperatorId":null}"#)
        }
        try await world.worker(first, provider: convor()).run(intake: true) {
            let commands = [(unassign(id: "good", 1), 0), (unassign(id: "bad", 2), 0)]
            try await write(world, commands, timestamp: 1_600_000_000_000)
            _ = try await world.outcomes(world.topics.results, atLeast: 1)
            _ = try await world.outcomes(world.topics.failures, atLeast: 1)
        }
        let second = AnsweringTransport { request, _ throws(TransportFailure) in
            ProviderResponse(200, #"{"assignedOperatorId":null}"#)
        }
        try await world.worker(second, provider: convor()).run(intake: true) {
            try await write(
                world,
                [
                    (unassign(id: "good", 1), 1), (unassign(id: "bad", 2), 1), (unassign(id: "bad", 2), 1),
                ]
            )
            let once = try await world.outcomes(world.topics.results, atLeast: 2)
            #expect(once.map(\.command.id) == ["good", "bad"])
            #expect(once.map(\.replay) == [0, 1])
            // Its first replay has succeeded, so the second is not run.
            try await write(
                world,
                [(unassign(id: "bad", 2), 2), (unassign(id: "good", 1), 3), (unassign(id: "last", 3), 1)]
            )
            let results = try await world.outcomes(world.topics.results, atLeast: 3)
            #expect(results.map(\.command.id) == ["good", "bad", "last"])
        }
        #expect(second.requests.count == 2)

        var audit = Audit()
        for record in try await world.records(world.topics.commands, atLeast: 8) { audit.add(command: record) }
        for (topic, count) in [(world.topics.results, 3), (world.topics.failures, 1)] {
            for record in try await world.records(topic, atLeast: count) { audit.add(outcome: record) }
        }
        for record in try await world.records(world.topics.deadLetters, atLeast: 1) { audit.add(deadLetter: record) }
        #expect(audit.finished().isConsistent)
        await world.close()
    }

    @Test func `a replay is as old as its command, so newer live work makes it stale`() async throws {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in
            ProviderResponse(200, #"{"assignedOperatorId":null}"#)
        }
        try await world.worker(transport, provider: convor()).run(intake: true) {
            try await write(world, [(unassign(id: "live", 1), 0)])
            _ = try await world.outcomes(world.topics.results, atLeast: 1)
            // The command says no time of its own, and its record is new.
            try await write(world, [(unassign(id: "old", 1), 1)])
            let failures = try await world.outcomes(world.topics.failures, atLeast: 1)
            #expect(failures.map(\.disposition) == [.stale])
            #expect(failures.map(\.command.id) == ["old"])
        }
        #expect(transport.requests.count == 1)
        await world.close()
    }
}
