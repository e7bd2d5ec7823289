import EmbeddedKafka
import HTTPTypes
import KafkaClient
import Messages
import ProviderKit
import Scheduling
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

/// Intake and lane as services, against brokers in this process.
@Suite(.timeLimit(.minutes(5))) struct PipelineTests {
    private static let unassigned = ProviderResponse(200, #"{"assignedOperatorId":null}"#)

    @Test func `each command has one outcome, a repeat has none, and failures can be replayed from the dead letters`()
        async throws
    {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { request, _ throws(TransportFailure) in
            request.head.path?.contains(conversation(2)) == true
                ? ProviderResponse(404, #"{"message":"no such conversation"}"#) : Self.unassigned
        }
        try await world.worker(transport, provider: convor()).run(intake: true) {
            let missing = unassign(id: "missing", 2)
            try await world.write(
                world.topics.commands,
                [
                    unassign(id: "good", 1), missing, "{ no JSON", assign(id: "unsure", #"{"user":"7"}"#, 3),
                    unassign(id: "good", 1), missing, unassign(id: "last", 4),
                ]
            )
            let results = try await world.outcomes(world.topics.results, atLeast: 2)
            #expect(results.map(\.command.id).sorted() == ["good", "last"])
            #expect(results.map(\.disposition) == [.applied, .applied])
            #expect(results.map(\.attempts) == [1, 1])
            let failures = try await world.outcomes(world.topics.failures, atLeast: 3)
            let ends = Dictionary(failures.map { ($0.command.id, $0.disposition) }) { first, _ in first }
            #expect(
                ends == ["missing": .notFound, "fleet.commands-0-2": .rejected, "unsure": .unsupported]
            )
            #expect(failures.count == 3)
            #expect(transport.requests.count == 3)
            #expect(transport.requests.allSatisfy { $0.head.headerFields[.authorization] == "Bearer secret-token" })

            let letters = try await world.records(world.topics.deadLetters, atLeast: 2)
            #expect(letters.count == 2)
            let letter = try #require(letters.first { $0.value == utf8(missing) })
            let read = try #require(DeadLetter(letter.headers))
            #expect(letter.key == utf8("key"))
            #expect(read.disposition == .notFound)
            #expect(read.origin.topic == world.topics.commands)
            #expect(read.origin.offset == 1)
            #expect(read.httpStatus == 404)
            #expect(letter.headers.allSatisfy { !$0.name.hasPrefix("bulkhead-origin") })
            #expect(letters.contains { $0.value == utf8("{ no JSON") })
        }
        await world.close()
    }

    @Test func `a lone command outlives an outage of more calls than it has attempts`() async throws {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { _, number throws(TransportFailure) in
            number <= 20 ? ProviderResponse(503, "") : Self.unassigned
        }
        let provider = try convor { lane in
            lane.retry = RetryPolicy(maxAttempts: 8, base: .milliseconds(1), cap: .milliseconds(4))
            // Far more calls than are made: a rate of failures says nothing.
            lane.breaker.minimumCalls = 1_000
            lane.breaker.window = .milliseconds(10)
            lane.breaker.pause = .milliseconds(1)
            lane.breaker.longestPause = .milliseconds(4)
        }
        try await world.writeLane([1])
        try await world.worker(transport, provider: provider).run {
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 1)
            #expect(outcomes.map(\.disposition) == [.applied])
            #expect(outcomes.first?.attempts == 1)
            #expect(outcomes.first?.deferrals == 20)
        }
        #expect(transport.requests.count == 21)
        await world.close()
    }

    @Test func `attempts of a command that fails while others succeed count with the next owner, too`() async throws {
        let world = try PipelineWorld()
        let provider = try convor {
            $0.retry = RetryPolicy(maxAttempts: 4, base: .milliseconds(1), cap: .milliseconds(2))
        }
        /// Fails one conversation from the gate on, and for ever holds calls beyond a number.
        func transport(_ gate: Gate, failures: Int) -> AnsweringTransport {
            let own = Mutex(0)
            return AnsweringTransport { request, _ throws(TransportFailure) in
                guard request.head.path?.contains(conversation(1)) == true else { return Self.unassigned }
                let number = own.withLock { own in
                    own += 1
                    return own
                }
                if number > 1 { await gate.wait() }
                if number > failures {
                    await Gate().wait()
                    throw TransportFailure(.cancelled, reason: "the worker stops")
                }
                return ProviderResponse(500, "")
            }
        }
        let others = Gate()
        try await world.writeLane([1])
        try await world.worker(transport(others, failures: 2), provider: provider).run {
            try await world.writeLane([2])
            _ = try await world.outcomes(world.topics.results, atLeast: 1)
            others.open()
            _ = try await world.committed { mark, metadata in mark == 0 && metadata.retries.map(\.attempts) == [2] }
        }

        let again = Gate()
        let second = transport(again, failures: .max)
        try await world.worker(second, provider: provider).run {
            try await world.writeLane([3])
            _ = try await world.outcomes(world.topics.results, atLeast: 2)
            again.open()
            let outcomes = try await world.outcomes(world.topics.failures, atLeast: 1)
            #expect(outcomes.map(\.disposition) == [.exhausted])
            #expect(outcomes.first?.attempts == 4)
        }
        #expect(second.paths.count { $0.contains(conversation(1)) } == 2)
        await world.close()
    }

    @Test func `no call is made before a commit has succeeded`() async throws {
        let world = try PipelineWorld()
        try world.cluster.pushRequestErrors(.offsetCommit, Array(repeating: .groupAuthorizationFailed, count: 20))
        let offsetAtCall = Mutex<Int64?>(nil)
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in
            let committed = try? await world.committed()
            offsetAtCall.withLock { $0 = committed?.offset }
            return Self.unassigned
        }
        try await world.writeLane([1])
        try await world.worker(transport, provider: convor()).run {
            _ = try await world.outcomes(world.topics.results, atLeast: 1)
        }
        #expect(offsetAtCall.withLock { $0 } == 0)
        #expect(transport.requests.count == 1)
        await world.close()
    }

    @Test func `an outcome that cannot be written holds its offset back, and is written when it can be`() async throws {
        let world = try PipelineWorld()
        try world.cluster.setTopicError(world.topics.results, .leaderNotAvailable)
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in Self.unassigned }
        try await world.writeLane([1, 2])
        try await world.worker(transport, provider: convor()).run {
            _ = await transport.requests(atLeast: 2)
            // A commit written after the calls ended still says that nothing is finished.
            let called = WallClock().now
            let metadata = try await world.committed { mark, metadata in mark == 0 && metadata.writtenAt > called }
            #expect(metadata.finished.isEmpty)
            #expect(!metadata.isClean)
            try world.cluster.setTopicError(world.topics.results, .noError)
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 2)
            #expect(Set(outcomes.map(\.command.id)) == ["c-1", "c-2"])
            _ = try await world.committed { mark, _ in mark == 2 }
        }
        #expect(transport.requests.count == 2)
        await world.close()
    }

    @Test func `the next owner of a partition does only what the last one left open`() async throws {
        let world = try PipelineWorld()
        let first = AnsweringTransport { request, _ throws(TransportFailure) in
            guard request.head.path?.contains(conversation(1)) == true else { return Self.unassigned }
            // Answers nothing until the worker gives up.
            await Gate().wait()
            throw TransportFailure(.cancelled, reason: "the worker stops")
        }
        try await world.writeLane([1, 2, 3, 4])
        try await world.worker(first, provider: convor()).run {
            _ = try await world.outcomes(world.topics.results, atLeast: 3)
            _ = try await world.committed { mark, metadata in mark == 0 && metadata.finished == [1..<4] }
        }
        #expect(first.requests.count == 4)

        let second = AnsweringTransport { _, _ throws(TransportFailure) in Self.unassigned }
        try await world.worker(second, provider: convor()).run {
            try await world.writeLane([5])
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 5)
            #expect(outcomes.map(\.command.id).sorted() == ["c-1", "c-2", "c-3", "c-4", "c-5"])
            _ = try await world.committed { mark, _ in mark == 5 }
        }
        #expect(Set(second.paths.map { $0.contains(conversation(1)) || $0.contains(conversation(5)) }) == [true])
        #expect(second.requests.count == 2)
        await world.close()
    }

    @Test func `a command that came again is not finished with its repeat, so the next owner still does it`()
        async throws
    {
        let world = try PipelineWorld()
        let first = AnsweringTransport { request, _ throws(TransportFailure) in
            guard request.head.path?.contains(conversation(1)) == true else { return Self.unassigned }
            // Answers nothing until the worker gives up.
            await Gate().wait()
            throw TransportFailure(.cancelled, reason: "the worker stops")
        }
        try await world.writeLane([1, 1, 2])
        try await world.worker(first, provider: convor()).run {
            _ = try await world.committed { mark, metadata in mark == 0 && metadata.finished == [2..<3] }
        }

        let second = AnsweringTransport { _, _ throws(TransportFailure) in Self.unassigned }
        try await world.worker(second, provider: convor()).run {
            _ = try await world.committed { mark, _ in mark == 3 }
        }
        let outcomes = try await world.outcomes(world.topics.results, atLeast: 2)
        #expect(outcomes.map(\.command.id) == ["c-2", "c-1"])
        #expect(second.requests.count == 1)
        await world.close()
    }
}
