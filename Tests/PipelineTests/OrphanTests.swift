import EmbeddedKafka
import KafkaClient
import Messages
import ProviderKit
import Scheduling
import TestSupport
import Testing

@testable import Pipeline

/// What a worker learned about commands of partitions that it was expelled from.
@Suite(.timeLimit(.minutes(5))) struct OrphanTests {
    private func outcomes(_ world: PipelineWorld) async throws -> [Outcome] {
        var outcomes: [Outcome] = []
        try await TopicScan.read(world.settings, logger: quiet, topics: [world.topics.results]) { records in
            outcomes += try records.map { try Outcome(decoding: $0.value ?? []) }
            return true
        }
        return outcomes
    }

    private func until(_ isTrue: () -> Bool) async throws {
        while !isTrue() { try await Task.sleep(for: .milliseconds(10)) }
    }

    @Test func `late outcomes are published unless a later owner has published one`() async throws {
        let world = try PipelineWorld()
        let gate = Gate()
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in
            await gate.wait()
            return ProviderResponse(200, #"{"assignedOperatorId":null}"#)
        }
        let worker = try world.worker(transport, provider: convor()) { $0.lease = .seconds(2) }
        let (ownership, outbox) = await (worker.lane.ownership, worker.lane.outbox)
        try await worker.run {
            try await world.writeLane([1, 2])
            _ = await transport.requests(atLeast: 2)
            // Nobody knows any more who owns the partition.
            let refusals = Array(repeating: KafkaError.Code.groupAuthorizationFailed, count: 10_000)
            try world.cluster.pushRequestErrors(.offsetCommit, refusals)
            try await until { !ownership.mayWrite(0, epoch: 1) }
            gate.open()
            try await until { outbox.hasUnfinished(epoch: 1) }
            // The next owner has done one of the two.
            var other = Outcome(
                command: CommandReference(id: "c-1", source: "/crm", type: nil),
                disposition: .reconciled,
                times: .now(WallClock())
            )
            other.provider = "convor"
            let record = world.topics.record(other, redact: false)
            for result in await world.producer.send([record]) { _ = try result.get() }
            try world.cluster.pushRequestErrors(.heartbeat, [.unknownMember])
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 2)
            #expect(outcomes.map(\.command.id) == ["c-1", "c-2"])
            #expect(outcomes.map(\.disposition) == [.reconciled, .applied])
            try world.cluster.clearRequestErrors(.offsetCommit)
            _ = try await world.committed { mark, _ in mark == 2 }
        }
        #expect(try await outcomes(world).count == 2)
        #expect(transport.requests.count == 2)
        await world.close()
    }

    @Test func `an outcome that is stored although the producer gave it up is not stored again`() async throws {
        let world = try PipelineWorld()
        let gate = Gate()
        let transport = AnsweringTransport { _, number throws(TransportFailure) in
            if number > 1 { await gate.wait() }
            return ProviderResponse(200, #"{"assignedOperatorId":null}"#)
        }
        let worker = try world.worker(transport, provider: convor()) { $0.lease = .seconds(2) }
        let (ownership, outbox) = await (worker.lane.ownership, worker.lane.outbox)
        try await worker.run {
            // The first one connects the producer.
            try await world.writeLane([1])
            _ = try await world.outcomes(world.topics.results, atLeast: 1)
            try await world.writeLane([2])
            _ = await transport.requests(atLeast: 2)
            // The acknowledgement comes when the producer does not wait for it any more.
            try world.cluster.setLatency(.seconds(60))
            gate.open()
            try await until { !ownership.mayWrite(0, epoch: 1) }
            // It is back, and stays where it is without a lease.
            try await until { !outbox.isEmpty }
            try world.cluster.setLatency(.zero)
            _ = try await world.committed { mark, _ in mark == 2 }
        }
        #expect(try await outcomes(world).map(\.command.id) == ["c-1", "c-2"])
        await world.close()
    }
}
