import KafkaClient
import Messages
import ProviderKit
import Scheduling
import Testing

@testable import Pipeline

/// The counting of campaigns and imports by one worker after the other, against brokers in this process.
@Suite(.timeLimit(.minutes(5))) struct JobsServiceTests {
    private let time = Timestamp(Instant(milliseconds: 1_700_000_000_000))

    private func write(part index: Int, cards: Int, last: Bool, of id: String, _ world: PipelineWorld) async throws {
        let part = ImportPart(
            command: CommandReference(id: id, source: "/ops", type: MessageType.contactsImport.rawValue),
            provider: "convor",
            account: "main",
            part: ImportCommand.Part(index: index, last: last),
            cards: cards,
            warnings: [:],
            startedAt: time,
            at: time
        )
        let record = ProducerRecord(topic: world.topics.status, key: utf8(part.key), value: part.encoded())
        for result in await world.producer.send([record]) { _ = try result.get() }
    }

    private func end(
        _ cards: ClosedRange<Int>,
        _ disposition: Disposition,
        of id: String,
        _ world: PipelineWorld
    ) async throws {
        let records = cards.map { card in
            var outcome = Outcome(
                command: CommandReference(
                    id: "\(id)/\(card)",
                    source: "/ops",
                    type: MessageType.contactsImport.rawValue
                ),
                disposition: disposition,
                times: Outcome.Times(accepted: time, finished: time)
            )
            outcome.provider = "convor"
            outcome.account = "main"
            outcome.importMember = Outcome.ImportMember(id: id, card: card, line: card)
            let topic = disposition.topic == .results ? world.topics.results : world.topics.failures
            return ProducerRecord(topic: topic, partition: 0, key: nil, value: outcome.encoded())
        }
        for result in await world.producer.send(records) { _ = try result.get() }
    }

    /// Waits until somebody has said that so many cards are done, of so many.
    @discardableResult
    private func status(of id: String, done: Int, of total: Int?, _ world: PipelineWorld) async throws -> JobStatus {
        while true {
            for record in try await world.records(world.topics.status, atLeast: 1) {
                if case .job(let status)? = try? StatusMessage(decoding: record.value ?? []), status.id == id,
                    status.done == done, status.total == total
                {
                    return status
                }
            }
            try Task.checkCancellation()
        }
    }

    private func completions(_ world: PipelineWorld, atLeast count: Int) async throws -> [ImportCompleted] {
        while true {
            let found = try await world.records(world.topics.results, atLeast: 1).compactMap {
                try? ImportCompleted(decoding: $0.value ?? [])
            }
            if found.count >= count { return found }
            try Task.checkCancellation()
        }
    }

    @Test func `who takes over counts what was counted before, and tells each end once`() async throws {
        let world = try PipelineWorld()
        func worker() throws -> Worker {
            try world.worker(
                AnsweringTransport { _, _ throws(TransportFailure) in
                    throw TransportFailure(.notSent, reason: "no calls here")
                },
                provider: convor()
            )
        }
        // The first that is heard of the import are its failures.
        try await end(1...3, .rejected, of: "i", world)
        try await worker().runJobs {
            #expect(try await status(of: "i", done: 3, of: nil, world).state == .expanding)
            try await write(part: 1, cards: 4, last: false, of: "i", world)
            try await end(4...6, .applied, of: "i", world)
            try await status(of: "i", done: 6, of: nil, world)
        }
        try await end(7...8, .applied, of: "i", world)
        try await worker().runJobs {
            try await status(of: "i", done: 8, of: nil, world)
            try await write(part: 2, cards: 5, last: true, of: "i", world)
            try await status(of: "i", done: 8, of: 9, world)
            try await end(9...9, .applied, of: "i", world)
            let completed = try #require(try await completions(world, atLeast: 1).first)
            #expect(completed.counts == [.applied: 6, .rejected: 3])
            #expect(completed.cards == 9)
            #expect(try await status(of: "i", done: 9, of: 9, world).state == .completed)
        }
        // A repeat of an outcome opens nothing again: what ends now is the other import alone.
        try await end(1...9, .applied, of: "i", world)
        try await worker().runJobs {
            try await write(part: 1, cards: 1, last: true, of: "j", world)
            try await end(1...1, .applied, of: "j", world)
            #expect(try await completions(world, atLeast: 2).map(\.command.id) == ["i", "j"])
        }
        await world.close()
    }
}
