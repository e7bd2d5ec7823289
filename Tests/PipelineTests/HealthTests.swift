import EmbeddedKafka
import KafkaClient
import ProviderKit
import Scheduling
import TestSupport
import Testing

@testable import Pipeline

@Suite struct WorkerHealthTests {
    @Test func `ready is who has read the control topic and has its share`() {
        let idle = ServiceHealth(name: "hatif", idle: .zero, isAssigned: true)
        #expect(WorkerHealth(isControlRead: true, services: [idle]).readyProblems.isEmpty)
        let early = WorkerHealth(
            isControlRead: false,
            services: [
                ServiceHealth(name: "intake", idle: .zero, isAssigned: false),
                ServiceHealth(name: "hatif", idle: .zero, isAssigned: true, isStuck: true),
            ]
        )
        #expect(early.readyProblems.map(\.code) == ["control", "assignment", "stuck"])
        #expect(early.liveProblems().isEmpty)
    }

    @Test func `alive is whose loops have turned within 30 s`() {
        let services = [29, 30, 31].map {
            ServiceHealth(name: "lane \($0)", idle: .seconds($0), isAssigned: true)
        }
        let problems = WorkerHealth(isControlRead: true, services: services).liveProblems()
        #expect(problems.map(\.message) == ["lane 31 has not polled for 31 s"])
    }
}

/// Probes of a lane while brokers and groups change.
@Suite(.timeLimit(.minutes(5))) struct LaneHealthTests {
    private static let unassigned = ProviderResponse(200, #"{"assignedOperatorId":null}"#)

    private func health(_ worker: Worker) async -> WorkerHealth {
        WorkerHealth(isControlRead: worker.context.control.isCaughtUp, services: [await worker.lane.health()])
    }

    /// Looks at a worker until its health is as wanted.
    private func until(_ worker: Worker, _ isWanted: (WorkerHealth) -> Bool) async throws {
        while await !isWanted(health(worker)) { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Returns when the lane's reading loop has come round so often from now on.
    private func turns(_ worker: Worker, _ count: Int) async throws {
        var last = await worker.lane.lastTurn
        for _ in 0..<count {
            while await worker.lane.lastTurn == last { try await Task.sleep(for: .milliseconds(5)) }
            last = await worker.lane.lastTurn
        }
    }

    @Test func `not ready until the control topic is read and partitions are assigned, and alive all the time`()
        async throws
    {
        let world = try PipelineWorld()
        try world.cluster.setTopicError(world.topics.control, .leaderNotAvailable)
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in Self.unassigned }
        let worker = try world.worker(transport, provider: convor())
        try await worker.run {
            let before = await health(worker)
            #expect(before.readyProblems.map(\.code) == ["control", "assignment"])
            #expect(before.liveProblems(patience: .zero).isEmpty)
            try world.cluster.setTopicError(world.topics.control, .noError)
            try await until(worker) { $0.isControlRead }
            let read = await health(worker)
            #expect(read.readyProblems.map(\.code) == ["assignment"])
            try await until(worker) { $0.readyProblems.isEmpty }
        }
        await world.close()
    }

    @Test func `alive while no broker answers, and ready again without a restart`() async throws {
        let world = try PipelineWorld()
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in Self.unassigned }
        let worker = try world.worker(transport, provider: convor())
        try await worker.run {
            try await until(worker) { $0.readyProblems.isEmpty }
            try world.cluster.setBrokerDown()
            try await turns(worker, 4)
            try world.cluster.setBrokerUp()
            try await world.writeLane([1])
            _ = try await world.outcomes(world.topics.results, atLeast: 1)
            #expect(await health(worker).readyProblems.isEmpty)
        }
        await world.close()
    }

    @Test func `alive through a rebalance, and not alive when the loop stands still in one`() async throws {
        let world = try PipelineWorld()
        let gate = Gate()
        let transport = AnsweringTransport { _, _ throws(TransportFailure) in
            await gate.wait()
            return Self.unassigned
        }
        // A drain that ends with the call in flight alone is the fault on demand: nothing polls meanwhile.
        let first = try world.worker(transport, provider: convor()) { $0.drain = .seconds(3_600) }
        let second = try world.worker(transport, provider: convor())
        try await world.writeLane([1])
        try await first.run {
            _ = await transport.requests(atLeast: 1)
            #expect(await health(first).liveProblems(patience: .seconds(2)).isEmpty)
            try await second.run {
                let patience = Duration.seconds(2)
                try await until(first) { !$0.liveProblems(patience: patience).isEmpty }
                #expect(await health(first).liveProblems(patience: patience).map(\.code) == ["poll_loop"])
                gate.open()
                try await turns(first, 3)
                try await until(second) { $0.readyProblems.isEmpty }
                try await turns(first, 3)
                #expect(await health(first).readyProblems.isEmpty)
            }
        }
        await world.close()
    }
}
