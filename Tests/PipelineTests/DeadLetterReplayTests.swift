import EmbeddedKafka
import KafkaClient
import Messages
import Scheduling
import Testing

@testable import Pipeline

/// The replay against brokers in this process; each run joins its group, which takes them three seconds.
@Suite(.timeLimit(.minutes(2)))
struct DeadLetterReplayTests {
    @Test func `bytes, keys and odd headers come back as they were`() async throws {
        let world = try DeadLetterWorld()
        let odd = [
            KafkaHeader(name: "null", value: nil), KafkaHeader(name: "empty", value: []),
            KafkaHeader(name: "binary", value: [0, 0xFF, 0xFE, 10]), KafkaHeader(name: "twice", text: "1"),
            KafkaHeader(name: "twice", text: "2"), KafkaHeader(name: "", text: "no name"),
        ]
        var keyless = letter(2, .rejected, value: [])
        keyless.key = nil
        var empty = letter(4, .rejected)
        empty.value = nil
        try await world.store([
            letter(1, .rejected, key: [0, 0xC3], value: [0xFF, 0, 0x7B], headers: odd), keyless, empty,
        ])

        let report = try await world.replay().run()

        #expect(report.replayed == 3)
        #expect(report.isComplete)
        let found = try await world.records("b.commands")
        #expect(found.count == 3)
        let first = try #require(found.first { $0.key == [0, 0xC3] })
        #expect(first.value == [0xFF, 0, 0x7B])
        #expect(Array(first.headers.prefix(odd.count)) == odd)
        #expect(
            Array(first.headers.dropFirst(odd.count)) == [
                KafkaHeader(name: "bulkhead-dlq-replays", text: "1"),
                KafkaHeader(name: "bulkhead-dlq-replay-of", text: "1-0"),
                KafkaHeader(name: "bulkhead-dlq-replay-name", text: "one"),
                KafkaHeader(name: "bulkhead-dlq-timestamp", text: "1798000000000"),
            ]
        )
        #expect(found.contains { $0.key == nil && $0.value == [] })
        #expect(found.contains { $0.key == Array("k4".utf8) && $0.value == nil })
        // Nothing is taken away from the letters.
        #expect(try await world.records("b.dead-letters").count == 3)
        await world.cluster.close()
    }

    @Test func `exactly what the filter means goes out, at exactly the rate, and only once`() async throws {
        let world = try DeadLetterWorld()
        try await world.store(
            (1...60).map { $0 % 3 == 0 ? letter($0, .notFound, status: 404) : letter($0) } + [
                letter(61, .refused, status: 400)
            ]
        )
        var filter = DeadLetterFilter()
        filter.statuses = [.hundreds(5)]
        var replay = world.replay("slow", world.rules(.replay, filter))
        replay.rate = 10
        var times: [Instant] = []

        let report = try await replay.run { report in
            while times.count < report.replayed { times.append(world.clock.now) }
        }

        #expect(report.replayed == 40)
        #expect(report.leaves == [.filtered: 21])
        let start = try #require(times.first)
        #expect(times.map { start.duration(to: $0) } == (0..<40).map { .milliseconds(100 * $0) })
        let ids = try await world.records("b.commands").compactMap { StoredCommand($0)?.id }
        #expect(Set(ids) == Set((1...60).filter { $0 % 3 != 0 }.map { "a-\($0)" }))
        #expect(ids.count == 40)

        let again = try await replay.run()
        #expect(again.replayed == 0)
        #expect(again.isComplete)
        #expect(try await world.records("b.commands").count == 40)
        await world.cluster.close()
    }

    @Test func `a run that ended between writing and committing is carried on without gap or repeat`() async throws {
        let world = try DeadLetterWorld()
        try await world.store((1...30).map { letter($0) })
        // 1. The run writes letters. 2. None of its commits after that gets through. 3. It is gone. And again.
        for (count, written) in [(12, 12), (5, 17)] {
            var run = world.replay()
            run.rate = 100
            run.maxLetters = count
            var isCut = false
            await #expect(throws: ReplayFailure.self) {
                try await run.run { _ in
                    guard !isCut else { return }
                    isCut = true
                    try? world.cluster.pushRequestErrors(
                        .offsetCommit,
                        Array(repeating: .offsetMetadataTooLarge, count: 1_000)
                    )
                }
            }
            #expect(isCut)
            #expect(try await world.records("b.commands").count == written)
            try world.cluster.clearRequestErrors(.offsetCommit)
        }
        // Letters that come after the round has begun belong to the next one.
        try await world.store([letter(31), letter(32)])

        let looked = try await world.replay().preview()
        #expect(looked.replayed == 13)
        #expect(looked.leaves == [.replayedAlready: 17])

        let second = try await world.replay().run()
        #expect(second.isResumed)
        #expect(second.isComplete)
        #expect(second.replayed == 13)
        #expect(second.leaves == [.replayedAlready: 17])
        let ids = try await world.records("b.commands").compactMap { StoredCommand($0)?.id }
        #expect(ids.count == 30)
        #expect(Set(ids) == Set((1...30).map { "a-\($0)" }))

        let third = try await world.replay().run()
        #expect(!third.isResumed)
        #expect(third.replayed == 2)
        #expect(try await world.records("b.commands").count == 32)
        await world.cluster.close()
    }

    @Test func `a run that is cancelled commits what it wrote`() async throws {
        let world = try DeadLetterWorld()
        try await world.store((1...20).map { letter($0) })
        var replay = world.replay()
        replay.rate = 50
        let order = replay
        let (signal, wrote) = AsyncStream<Void>.makeStream()
        let running = Task { try await order.run { if $0.replayed >= 5 { wrote.yield() } } }
        for await _ in signal { break }
        running.cancel()
        let stopped = try await running.value
        let rest = try await world.replay().run()
        #expect(stopped.replayed + rest.replayed == 20)
        #expect(rest.leaves[.replayedAlready] == nil)
        #expect(try await world.records("b.commands").count == 20)
        await world.cluster.close()
    }

    @Test func `a letter that was replayed too often is parked once, with a note`() async throws {
        let world = try DeadLetterWorld()
        try await world.store([letter(1, replays: 2), letter(2, replays: 3), letter(3, origin: "b.results")])

        let report = try await world.replay("guard").run()

        #expect(report.replayed == 1)
        #expect(report.parks == [.tooManyReplays: 1])
        #expect(report.leaves == [.targetNotAllowed: 1])
        #expect(report.refused == 1)
        let replayed = try await world.records("b.commands")
        #expect(replayed.map { $0.headers.text(of: "bulkhead-dlq-replays") } == ["3"])
        let parked = try await world.records("b.dead-letters.parked")
        let copy = try #require(parked.first)
        #expect(parked.count == 1)
        #expect(copy.value == letter(2).value)
        #expect(Array(copy.headers.prefix(letter(2, replays: 3).headers.count)) == letter(2, replays: 3).headers)
        #expect(copy.headers.text(of: "bulkhead-dlq-parked-from") == "0-0")
        #expect(copy.headers.text(of: "bulkhead-dlq-parked-by") == "guard")
        #expect(copy.headers.text(of: "bulkhead-dlq-parked-reason") == "too_many_replays")

        let other = try await world.replay("other").run()
        #expect(other.leaves == [.parked: 1, .targetNotAllowed: 1])
        #expect(try await world.records("b.dead-letters.parked").count == 1)
        #expect(try await world.records("b.results").isEmpty)
        await world.cluster.close()
    }

    @Test func `letters that were parked by order are not replayed any more`() async throws {
        let world = try DeadLetterWorld()
        try await world.store((1...4).map { letter($0) })
        var filter = DeadLetterFilter()
        filter.ids = ["a-2", "a-3"]
        let parking = try await world.replay("park", world.rules(.park, filter)).run()
        #expect(parking.parks == [.byOrder: 2])
        let preview = try await world.replay("all").preview()
        #expect(preview.replayed == 2)
        #expect(preview.leaves == [.parked: 2])
        let plan = try await DeadLetterReader(kafka: world.kafka, topics: world.topics, logger: DeadLetterWorld.quiet)
            .plan(world.rules())
        #expect(plan.replays == 2)
        #expect(plan.leaves == [.parked: 2])
        await world.cluster.close()
    }

    @Test func `a forbidden target is refused before anything is written`() async throws {
        let world = try DeadLetterWorld()
        try await world.store([letter(1)])
        await #expect(throws: ReplayFailure.forbiddenTargets(["b.dead-letters"])) {
            try await world.replay("bad", world.rules(allow: ["b.commands", "b.dead-letters"])).run()
        }
        #expect(try await world.records("b.commands").isEmpty)
        await world.cluster.close()
    }

    @Test func `a name belongs to the filters it began with`() async throws {
        let world = try DeadLetterWorld()
        try await world.store([letter(1), letter(2)])
        _ = try await world.replay("mine").run()
        var filter = DeadLetterFilter()
        filter.providers = ["hatif"]
        await #expect(throws: ReplayFailure.nameTaken("mine")) {
            try await world.replay("mine", world.rules(.replay, filter)).run()
        }
        await #expect(throws: ReplayFailure.nameTaken("mine")) {
            try await world.replay("mine", world.rules(.park)).preview()
        }
        await world.cluster.close()
    }

    @Test func `a dry run writes nothing and remembers nothing`() async throws {
        let world = try DeadLetterWorld()
        try await world.store((1...6).map { letter($0, replays: $0 % 2 == 0 ? 3 : 0) })
        var replay = world.replay()
        replay.maxLetters = 4
        var seen: [String] = []
        let report = try await replay.preview { letter, _ in seen.append(letter.command.id) }
        #expect(report.replayed + report.parked == 4)
        #expect(!report.isComplete)
        #expect(seen.count == 4)
        #expect(try await world.records("b.commands").isEmpty)
        #expect(try await world.replay().preview().replayed == 3)
        await world.cluster.close()
    }
}

/// The id of a command as intake reads it.
struct StoredCommand {
    let id: String

    init?(_ record: KafkaRecord) {
        guard
            let message = try? InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.timestamp
            )
        else { return nil }
        id = message.event.id
    }
}
