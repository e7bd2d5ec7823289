import HTTPTypes
import KafkaClient
import Messages
import ProviderKit
import Scheduling
import TestSupport
import Testing

@testable import Pipeline

/// What a worker and the topics say of commands, against brokers and a scripted provider.
@Suite(.timeLimit(.minutes(5))) struct ExplainTests {
    private static let unassigned = ProviderResponse(200, #"{"assignedOperatorId":null}"#)

    /// Asks the worker until its answer is as wanted.
    private func explanation(
        _ worker: Worker,
        _ id: String,
        where isWanted: (Explanation) -> Bool = { _ in true }
    ) async throws -> Explanation {
        while true {
            if let explanation = await worker.lane.explain(id, source: "/crm").first, isWanted(explanation) {
                return explanation
            }
            try Task.checkCancellation()
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func search(_ world: PipelineWorld, _ id: String) async throws -> CommandTrace? {
        var search = CommandSearch(
            id,
            source: nil,
            providers: ["convor"],
            kafka: world.settings,
            topics: world.topics,
            logger: quiet
        )
        try await search.read()
        #expect(search.found.count <= 1)
        return search.found.first
    }

    private func entity(_ number: Int) -> String { "convor/main/\(conversation(number))" }

    @Test func `in flight, behind it, a retry, a pause, and the outcome`() async throws {
        let world = try PipelineWorld()
        let gate = Gate()
        let transport = AnsweringTransport { request, _ throws(TransportFailure) in
            let path = request.head.path ?? ""
            if path.contains(conversation(2)) { return ProviderResponse(503, "{}") }
            if path.contains(conversation(1)) { await gate.wait() }
            return Self.unassigned
        }
        let hour = RetryPolicy(maxAttempts: 8, base: .seconds(7_200), cap: .seconds(7_200))
        let worker = try world.worker(transport, provider: convor { $0.retry = hour })
        try await worker.run(intake: true) {
            let commands = [unassign(id: "out", 1), unassign(id: "next", 1), unassign(id: "again", 2)]
            try await world.write(world.topics.commands, commands)
            _ = await transport.requests(atLeast: 2)

            let out = try await explanation(worker, "out") { $0.state == .inFlight }
            let since = try #require(out.since).words
            #expect(out.reason == "is in flight: its call went out at \(since)")
            #expect(out.text == "out for \(entity(1)) \(out.reason). It was read at \(out.readAt.words).")
            let next = try await explanation(worker, "next")
            #expect(next.reason == "waits behind out of the same conversation, which \(out.reason)")

            let again = try await explanation(worker, "again") { $0.state == .retry }
            let at = try #require(again.until).words
            #expect(again.reason == "waits for attempt 2 of 8, which goes at \(at) or later; the last answer was 503")
            #expect(again.text.hasSuffix("It was read at \(again.readAt.words), failed 1 of 8 attempts."))

            let pause = ControlMessage(.pause, by: "anna", why: "maintenance", at: again.readAt)
            let key = ControlKey.lane(provider: "convor", account: "main")
            _ = try await world.producer.send(
                ProducerRecord(topic: world.topics.control, key: utf8(key.description), value: pause.encoded())
            )
            while await worker.lane.status().first?.state != .paused {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await world.write(world.topics.commands, [unassign(id: "held", 3)])
            let held = try await explanation(worker, "held") { $0.state == .paused }
            #expect(
                held.reason == "is held back: paused by anna at \(again.readAt.words), because: maintenance"
            )
            let lane = try #require(await worker.lane.status().first)
            #expect(lane.sentence == "convor/main is paused by anna: maintenance since \(again.readAt.words)")

            gate.open()
            let outcome = try #require(try await world.outcomes(world.topics.results, atLeast: 1).first)
            let trace = try #require(try await search(world, "out"))
            let story = CommandStory(trace, now: WallClock().now)
            #expect(story.state == .done)
            #expect(
                story.reason == "is done: applied at \(outcome.times.finished.words), the provider answered 200; "
                    + "1 attempt, 0 deferrals, waited \(outcome.times.waitedMilliseconds) ms"
            )
        }
        await world.close()
    }

    @Test func `a 429 says that it is the provider's word, and a full limit which one and until when`() async throws {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { _, number throws(TransportFailure) in
            guard number == 2 else { return Self.unassigned }
            return ProviderResponse(429, "{}", ["Retry-After": "3600"])
        }
        let limits = [RateLimit(requests: 2, per: .seconds(7_200))]
        let worker = try world.worker(transport, provider: convor { $0.limits = limits })
        try await world.writeLane([1])
        try await worker.run {
            _ = try await world.outcomes(world.topics.results, atLeast: 1)
            let asked = Timestamp(WallClock().now)
            try await world.writeLane([2])
            _ = await transport.requests(atLeast: 2)
            let throttled = try await explanation(worker, "c-2") { $0.state == .throttled }
            let until = try #require(throttled.until)
            #expect(until.milliseconds - asked.milliseconds >= 3_600_000)
            #expect(
                throttled.reason == "waits, as the provider answered 429 and said when to come back (Retry-After): "
                    + "nothing goes before \(until.words)"
            )
            #expect(throttled.deferrals == 1)
        }
        await world.close()
    }

    @Test func `the limit that a command waits for says when the next call may go`() async throws {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in Self.unassigned }
        let limits = [RateLimit(requests: 1, per: .seconds(7_200))]
        let worker = try world.worker(transport, provider: convor { $0.limits = limits })
        try await world.writeLane([1, 2])
        try await worker.run {
            let done = try await world.outcomes(world.topics.results, atLeast: 1)
            let waiting = done.first?.command.id == "c-1" ? "c-2" : "c-1"
            let limited = try await explanation(worker, waiting) { $0.until != nil }
            #expect(limited.state == .limit)
            let until = try #require(limited.until)
            #expect(
                limited.reason == "waits for the rate limit (1 per 2h for each account): the next call may go at "
                    + until.words
            )
        }
        await world.close()
    }

    @Test(arguments: [
        (401, "unauthorized", "the provider refuses its credentials"),
        (503, "failures", "the provider fails or cannot be reached"),
    ])
    func `a closed lane says why, since when, and when it is tried again`(
        status: Int,
        name: String,
        words: String
    ) async throws {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in ProviderResponse(status, "{}") }
        let worker = try world.worker(
            transport,
            provider: convor { settings in
                settings.breaker.minimumCalls = 1
                settings.breaker.pause = .seconds(7_200)
                settings.breaker.longestPause = .seconds(7_200)
            }
        )
        try await world.writeLane([1])
        try await worker.run {
            let closed = try await explanation(worker, "c-1") { $0.state == .breaker }
            let since = try #require(closed.since).words
            let until = try #require(closed.until).words
            #expect(
                closed.reason == "waits, as convor/main is closed (\(name)): \(words), since \(since); "
                    + "one call tries again at \(until)"
            )
            let lane = try #require(await worker.lane.status().first)
            #expect(lane.sentence == "convor/main is closed (\(name)) since \(since)")
        }
        await world.close()
    }

    @Test func `what nobody has read yet has a place in its topic and records before it`() async throws {
        let world = try PipelineWorld()
        try await world.write(world.topics.commands, [1, 2, 3].map { unassign(id: "u-\($0)", $0) })
        try await world.writeLane([7, 8])

        var asked = CommandStory(try #require(try await search(world, "u-3")), now: WallClock().now)
        let commands = TopicPartition(topic: world.topics.commands, partition: 0)
        let intake = try await GroupProgress.read(
            world.settings,
            logger: quiet,
            group: world.topics.intakeGroup,
            partitions: [commands]
        )
        asked.progress = intake[commands]
        #expect(asked.state == .notRead)
        #expect(
            asked.reason
                == "has not been read by intake yet: 2 unfinished records before it in fleet.commands-0"
        )

        var routed = CommandStory(try #require(try await search(world, "c-8")), now: WallClock().now)
        routed.progress = GroupProgress(mark: 0, end: 2)
        #expect(routed.trace.entity == entity(8))
        #expect(
            routed.reason == "is in its lane: 1 unfinished record before it in fleet.lane.convor.live-0; "
                + "no worker says that it has convor/main: is one running?"
        )
        let nothing: CommandTrace? = try await search(world, "nobody")
        #expect(nothing == nil)
        await world.close()
    }

    @Test func `one trace id leads from the command through the call to the outcome`() async throws {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in Self.unassigned }
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let attributes = #""traceparent":"\#(trace)","tracestate":"a=1","#
        let worker = try world.worker(transport, provider: convor())
        try await worker.run(intake: true) {
            try await world.write(world.topics.commands, [unassign(id: "traced", 1, attributes: attributes)])
            let outcome = try #require(try await world.outcomes(world.topics.results, atLeast: 1).first)
            let request = try #require(transport.requests.first)
            let sent = request.head.headerFields.map { "\($0.name.canonicalName): \($0.value)" }
            #expect(sent.contains("traceparent: \(trace)"))
            #expect(sent.contains("tracestate: a=1"))
            #expect(outcome.traceparent == trace)
            #expect(outcome.tracestate == "a=1")
        }
        await world.close()
    }
}
