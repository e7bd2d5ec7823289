import KafkaClient
import Messages
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Scenarios in which brokers fail and producers repeat themselves: beside the others, since they mostly wait, too.
@Suite(.serialized, .timeLimit(.minutes(Tools.isLong ? 60 : 10))) struct FaultScenarios {}

extension FaultScenarios {
    @Suite struct BrokerFaultTests {
        private static let plan = Plan(
            Plan.Provider(
                name: "hatif",
                accounts: ["h0", "h1"],
                requests: 200,
                latencyMilliseconds: 20,
                concurrency: 8
            )
        )

        /// Requests of a worker with errors that real brokers answer them with.
        private static let usual: [(request: String, errors: [String])] = [
            (
                "produce",
                [
                    "NOT_LEADER_FOR_PARTITION", "NOT_ENOUGH_REPLICAS", "MSG_SIZE_TOO_LARGE",
                    "TOPIC_AUTHORIZATION_FAILED", "OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "_TRANSPORT",
                ]
            ),
            (
                "fetch",
                [
                    "OFFSET_OUT_OF_RANGE", "NOT_LEADER_FOR_PARTITION", "UNKNOWN_TOPIC_OR_PART",
                    "TOPIC_AUTHORIZATION_FAILED", "FENCED_LEADER_EPOCH", "KAFKA_STORAGE_ERROR", "_TRANSPORT",
                ]
            ),
            ("listOffsets", ["LEADER_NOT_AVAILABLE", "OFFSET_NOT_AVAILABLE", "_TRANSPORT"]),
            (
                "offsetCommit",
                [
                    "COORDINATOR_LOAD_IN_PROGRESS", "NOT_COORDINATOR", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS",
                    "OFFSET_METADATA_TOO_LARGE", "GROUP_AUTHORIZATION_FAILED", "_TRANSPORT",
                ]
            ),
            ("offsetFetch", ["NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS", "_TRANSPORT"]),
            ("findCoordinator", ["COORDINATOR_NOT_AVAILABLE", "GROUP_AUTHORIZATION_FAILED", "_TRANSPORT"]),
            ("joinGroup", ["NOT_COORDINATOR", "UNKNOWN_MEMBER_ID", "_TRANSPORT"]),
            ("syncGroup", ["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION"]),
            ("heartbeat", ["UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID", "NOT_COORDINATOR", "FENCED_INSTANCE_ID"]),
            ("leaveGroup", ["UNKNOWN_MEMBER_ID"]),
            ("apiVersions", ["UNSUPPORTED_VERSION", "_TRANSPORT"]),
            ("initProducerId", ["COORDINATOR_NOT_AVAILABLE", "CLUSTER_AUTHORIZATION_FAILED"]),
        ]

        /// Requests with errors, so many at a time: in the long form every broker error on every request.
        private static var rounds: [[(request: String, errors: [String])]] {
            guard Tools.isLong else { return [usual] }
            let errors = KafkaError.Code.named.filter { $0.value.rawValue > 0 }.keys.sorted() + ["_TRANSPORT"]
            return [usual]
                + usual.flatMap { request, _ in
                    stride(from: 0, to: errors.count, by: 6).map { start in
                        var some = Array(errors[start..<min(errors.count, start + 6)])
                        // "I have it already" is the word of a broker that has; nobody can know better.
                        if request == "produce" { some.removeAll { $0 == "DUPLICATE_SEQUENCE_NUMBER" } }
                        // What asks for a new assignment, so that the others are met at all.
                        let group = ["joinGroup", "syncGroup", "offsetFetch", "findCoordinator", "leaveGroup"]
                        return [(request, some)]
                            + (group.contains(request)
                                ? [("heartbeat", ["UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID"])] : [])
                    }
                }
        }

        @Test func `errors of brokers on every kind of request cost time and no command`() async throws {
            try await Installation.run(Self.plan) { installation in
                let worker = try installation.startWorker()
                var commands: [SampleCommand] = []
                for (number, round) in Self.rounds.enumerated() {
                    let first = number * 200 + 1
                    let some = SampleCommand.series(first...first + 199, entities: 50, lanes: Self.plan.lanes)
                    // Else the one that sends them would meet the errors.
                    worker.signal(SIGSTOP)
                    try await installation.send(some)
                    for (request, errors) in round { try await installation.brokerFaults.push(request, errors) }
                    worker.signal(SIGCONT)
                    commands += some
                    do {
                        try await installation.outcomes.wait(for: commands.count)
                    } catch {
                        Issue.record("round \(round)")
                        throw error
                    }
                    try await installation.brokerFaults.clear()
                }
                #expect(worker.isRunning)
                try await installation.waitUntilCommitted()
                try await installation.stopWorkers()

                let audit = Audit(installation, commands)
                audit.expectOneOutcomeEach()
                // A member that is expelled does not know what became of the calls that were out.
                #expect(try await audit.expectOrder() <= 16 * Self.rounds.count)
                try await audit.expectLimitsKept()
            }
        }

        /// Five minutes in the long form: longer than any session, lease or request.
        @Test func `brokers that are away for long cost time and no command`() async throws {
            let plan = Plan(
                Plan.Provider(
                    name: "hatif",
                    accounts: ["h0", "h1"],
                    requests: 60,
                    latencyMilliseconds: 50,
                    concurrency: 8
                )
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...1_500, entities: 100, lanes: plan.lanes)
                let worker = try installation.startWorker()
                _ = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: 200)
                try await installation.brokerFaults.setUp(false)
                // Longer than a session, so that everybody is expelled when they are back.
                try await Task.sleep(for: Tools.isLong ? .seconds(300) : .seconds(7))
                let arrived = try await installation.simulation.stats().arrived
                #expect(arrived < commands.count)
                try await installation.brokerFaults.setUp(true)
                #expect(worker.isRunning)
                let audit = try await installation.finish(commands)
                audit.expectOneOutcomeEach()
                #expect(try await audit.expectOrder() <= 32)
                try await audit.expectLimitsKept()
            }
        }

        @Test func `outcomes that cannot be stored hold up reading, also through an expulsion, and are stored later`()
            async throws
        {
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["found", "missing"]),
                // What is not stored is open, and so much open is the most that is read.
                extra: ["lanes: { maxRecordsPerPartition: 100, watchdog: 2s }", "deadLetterBudget: { enabled: false }"]
            )
            let topics = ["bulkhead.results", "bulkhead.dead-letters"]
            try await Installation.run(plan) { installation in
                try await installation.simulation.fault(
                    #"{"provider":"hatif","account":"missing","action":"status","status":404,"pathContains":"/assign"}"#
                )
                let first = SampleCommand.series(1...50, entities: 50, lanes: plan.lanes)
                let commands = first + SampleCommand.series(1_001...3_600, entities: 100, lanes: plan.lanes)
                let worker = try installation.startWorker()
                try await installation.send(first)
                try await installation.outcomes.wait(for: first.count)
                for topic in topics {
                    try await installation.brokerFaults.leaders(of: topic, partitions: 4, exist: false)
                }
                try await installation.send(Array(commands.dropFirst(first.count)))
                #expect(try await Self.untilQuiet(installation) < commands.count)
                // The worker is expelled, and its partitions come back to it while its outcomes still wait.
                try await installation.brokerFaults.push("heartbeat", Array(repeating: "UNKNOWN_MEMBER_ID", count: 12))
                try await worker.logged(#"Partitions revoked","metadata":{"count":"8","lane":"hatif""#)
                try await worker.logged("Outcomes cannot be stored")
                _ = try await Self.untilQuiet(installation)
                #expect(installation.outcomes.state.outcomes.count == first.count)

                for topic in topics {
                    try await installation.brokerFaults.leaders(of: topic, partitions: 4, exist: true)
                }
                try await installation.outcomes.wait(for: commands.count)
                try await installation.waitUntilCommitted()
                try await installation.stopWorkers()

                let state = installation.outcomes.state
                #expect(state.outcomes.values.allSatisfy { $0.count == 1 })
                #expect(Set(state.outcomes.keys) == Set(commands.map(OutcomeLog.Key.init)))
                let ends = state.outcomes.values.joined().map(\.disposition)
                #expect(state.deadLetters.count == ends.count { $0 == .notFound })
                // What was out at the expulsion is looked up first, and may turn out to be as it is wanted.
                let called = ends.count { $0 == .applied || $0 == .notFound }
                #expect(commands.count - called <= plan.providers[0].concurrency * plan.lanes.count)
                let calls = try await installation.simulation.calls()
                #expect(calls.count { $0.endpoint.hasSuffix("/assign") } == called)
            }
        }

        /// Waits until the provider has not been called for a while.
        ///
        /// - Returns: all calls so far.
        private static func untilQuiet(_ installation: Installation) async throws -> Int {
            var last = -1
            var quiet = 0
            while quiet < 30 {
                // Nothing tells of calls that are not made, so it has to be asked for.
                try await Task.sleep(for: .milliseconds(100))
                let arrived = try await installation.simulation.stats().arrived
                quiet = arrived == last ? quiet + 1 : 0
                last = arrived
            }
            return last
        }

        @Test func `a producer that sends every command three times causes one call and one outcome each`() async throws
        {
            let count = Tools.isLong ? 10_000 : 600
            try await Installation.run(Self.plan) { installation in
                let commands = SampleCommand.series(1...count, entities: count / 4, lanes: Self.plan.lanes)
                _ = try installation.startWorker()
                _ = try installation.startWorker()
                // Once more while the first are being worked on, and once more when they are long done.
                let sending = try installation.startSending((commands + commands).lines)
                #expect(try await sending.exit() == .code(0))
                try await installation.outcomes.wait(for: count)
                try await installation.send(commands)
                try await installation.waitUntilCommitted()
                try await installation.stopWorkers()

                let audit = Audit(installation, commands)
                audit.expectOneOutcomeEach()
                #expect(try await audit.expectOrder() == 0)
                try await audit.expectLimitsKept()
                let calls = try await installation.simulation.calls()
                #expect(calls.count { $0.endpoint.hasSuffix("assign") } == count)
                try await installation.bulkhead("audit")
            }
        }
    }
}
