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
            while ownership.mayWrite(0, epoch: 1) { await Task.yield() }
            gate.open()
            while !outbox.hasUnfinished(epoch: 1) { await Task.yield() }
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
        #expect(try await world.outcomes(world.topics.results, atLeast: 2).count == 2)
        #expect(transport.requests.count == 2)
        await world.close()
    }
}
