import KafkaClient
import Messages
import ProviderKit
import Testing

@testable import Pipeline

/// What intake knows of what another worker ended, against brokers in this process.
@Suite(.timeLimit(.minutes(5))) struct IntakeMemoryTests {
    private func worker(_ world: PipelineWorld) throws -> Worker {
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in
            throw TransportFailure(.notSent, reason: "no calls here")
        }
        return try world.worker(transport, provider: convor())
    }

    @Test func `what a worker ended before its first commit is not told again by the next one`() async throws {
        let earlier = try PipelineWorld()
        let bad = "{ no JSON"
        var left: KafkaRecord?
        try await worker(earlier).run(intake: true) {
            try await earlier.write(earlier.topics.commands, [bad])
            left = try await earlier.records(earlier.topics.failures, atLeast: 1).first
        }
        await earlier.close()

        // The topics as a crash leaves them: the outcome stands, and no commit does.
        let world = try PipelineWorld()
        let outcome = try #require(left)
        try await world.write(world.topics.commands, [bad])
        _ = try await world.producer.send(
            ProducerRecord(topic: world.topics.failures, partition: 0, key: outcome.key, value: outcome.value)
        )
        try await worker(world).run(intake: true) {
            try await world.write(world.topics.commands, [bad])
            let outcomes = try await world.outcomes(world.topics.failures, atLeast: 2)
            #expect(outcomes.map(\.command.id) == ["fleet.commands-0-0", "fleet.commands-0-1"])
        }
        await world.close()
    }
}
