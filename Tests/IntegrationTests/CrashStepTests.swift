import Messages
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension FaultScenarios {
    /// How far the commands of a worker have come when it is killed.
    enum Step: CaseIterable {
        /// Read, and nothing is sent.
        case read
        /// The provider has carried out the first calls and not answered.
        case sent
        /// All are answered, and no outcome is stored.
        case answered
        /// All outcomes are stored, and nothing is committed of it.
        case stored
        case committed
    }

    @Suite struct CrashStepTests {
        /// Three accounts in different partitions, which are taken over together.
        private static let plan = Plan(
            Plan.Provider(
                name: "hatif",
                accounts: ["h0", "h1", "h2"],
                requests: 1_000,
                latencyMilliseconds: 50,
                concurrency: 4
            )
        )
        private static let underWay = plan.providers[0].concurrency * plan.lanes.count
        private static let share = #"Partitions assigned","metadata":{"count":"8","lane":"hatif""#
        private static let commands = SampleCommand.series(1...60, entities: 60, lanes: plan.lanes)

        @Test(arguments: Step.allCases)
        func `a worker that is killed at any step is followed by one that does what is left`(step: Step) async throws {
            try await Installation.run(Self.plan) { installation in
                if step == .read { try await installation.bulkhead("lane", "pause", "hatif", "--by", "test") }
                let worker = try installation.startWorker()
                // A worker has to have its share before the brokers refuse to store anything.
                try await worker.logged(Self.share)
                try await Self.bring(installation, worker, to: step)
                worker.signal(SIGKILL)
                #expect(try await worker.exit() == .signal(SIGKILL))
                try await installation.brokerFaults.clear()
                try await installation.brokerFaults.leaders(of: "bulkhead.results", partitions: 4, exist: true)
                try await installation.simulation.endFaults()
                if step == .read { try await installation.bulkhead("lane", "resume", "hatif", "--by", "test") }
                try await installation.startWorker().logged(Self.share)
                let audit = try await installation.finish(Self.commands)
                audit.expectOneOutcomeEach()
                // Of outcomes that were on their way nobody knows. Otherwise nothing is repeated, unless the machine is so busy
                // that a worker is expelled with calls out.
                let repeats = try await audit.expectOrder()
                #expect(repeats <= (step == .answered ? Self.commands.count : Self.underWay))
                let ends = installation.outcomes.state.outcomes.values.joined().map(\.disposition)
                let reconciled = ends.count { $0 == .reconciled }
                #expect((step == .sent || step == .answered) == (reconciled > 0), "\(reconciled)")
                try await audit.expectLimitsKept()
            }
        }

        private static func bring(_ installation: Installation, _ worker: Program, to step: Step) async throws {
            switch step {
            case .read:
                try await installation.send(commands)
                let view = try await WorkerView(worker)
                for lane in plan.lanes {
                    try await view.waitForBacklog(commands.count { $0.lane == lane }, of: lane)
                }
            case .sent:
                try await installation.simulation.fault(
                    #"{"provider":"hatif","action":"hang","applied":true,"pathContains":"/assign"}"#
                )
                try await installation.send(commands)
                try await changes(underWay, installation)
            case .answered:
                try await installation.brokerFaults.leaders(of: "bulkhead.results", partitions: 4, exist: false)
                try await installation.send(commands)
                try await changes(commands.count, installation)
            case .stored:
                let refusals = Array(repeating: "GROUP_AUTHORIZATION_FAILED", count: 1_000)
                try await installation.brokerFaults.push("offsetCommit", refusals)
                try await installation.send(commands)
                try await installation.outcomes.wait(for: commands.count)
            case .committed:
                try await installation.send(commands)
                try await installation.outcomes.wait(for: commands.count)
                try await installation.waitUntilCommitted()
            }
        }

        /// Waits until so many changes have taken effect.
        private static func changes(_ count: Int, _ installation: Installation) async throws {
            let start = ContinuousClock.now
            while try await installation.simulation.changes().count < count {
                guard start.duration(to: .now) < Patience.limit else { throw WaitInVain("\(count) changes") }
                // Nothing tells of them, so they have to be asked for.
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
