import Messages
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension FaultScenarios {
    @Suite(.enabled(if: Tools.isLong, "takes BULKHEAD_SOAK_MINUTES, 20 of them by default"))
    struct SoakTests {
        private static let minutes = Tools.number("BULKHEAD_SOAK_MINUTES") ?? 20

        private static let plan = Plan(
            provider("hatif", ["h0", "h1", "h2"], requests: 20),
            provider("aelyst", ["a0", "a1"], requests: 5, scope: "path"),
            provider("convor", ["c0"], requests: 20),
            extra: [
                // Every command has to succeed in the end, whatever the number of its failures.
                "retry: { maxAttempts: 100, base: 100ms, cap: 2s }", "queued: { base: 1s, cap: 2s }",
                "lanes: { drain: 5s, watchdog: 20s }", "shutdown: { grace: 5s }",
            ]
        )

        private static func provider(
            _ name: String,
            _ accounts: [String],
            requests: Int,
            scope: String = "account"
        ) -> Plan.Provider {
            Plan.Provider(
                name: name,
                accounts: accounts,
                requests: requests,
                scope: scope,
                latencyMilliseconds: 30,
                concurrency: 4,
                timeout: "2s",
                extra: ["breaker: { pause: 200ms, longestPause: 2s }"]
            )
        }

        /// What providers do now and then.
        private static let manners = [
            #""action":"reset""#, #""action":"lostAnswer""#, #""action":"hang""#, #""action":"status","status":500"#,
            #""action":"status","status":503"#, #""action":"delay","ms":3000"#, #""action":"garbageBody""#,
            #""action":"throttle429","retryAfter":1"#, #""action":"throttle429""#, #""action":"expireToken""#,
            #""action":"queued449","provider":"aelyst""#,
        ]

        // Not what refuses members while they join. Each alone is among the scenarios of brokers' errors.
        private static let errors = [
            ("produce", ["NOT_LEADER_FOR_PARTITION", "NOT_ENOUGH_REPLICAS", "UNKNOWN_PRODUCER_ID", "_TRANSPORT"]),
            ("fetch", ["OFFSET_OUT_OF_RANGE", "NOT_LEADER_FOR_PARTITION", "KAFKA_STORAGE_ERROR", "_TRANSPORT"]),
            ("offsetCommit", ["NOT_COORDINATOR", "ILLEGAL_GENERATION", "COORDINATOR_LOAD_IN_PROGRESS"]),
            ("offsetFetch", ["NOT_COORDINATOR", "_TRANSPORT"]),
            ("findCoordinator", ["COORDINATOR_NOT_AVAILABLE", "_TRANSPORT"]),
        ]

        @Test func `in twenty wild minutes nothing is lost and memory stays as it is`() async throws {
            try await Installation.run(Self.plan) { installation in
                let steady = try installation.startWorker()
                let view = try await WorkerView(steady)
                var others = [try installation.startWorker(), try installation.startWorker()]
                var commands: [SampleCommand] = []
                var memory: [Int] = []
                var groups = Groups()
                let end = ContinuousClock.now + .seconds(60 * Self.minutes)
                while ContinuousClock.now < end {
                    let some = commands.count + 1...commands.count + 400
                    commands += SampleCommand.series(some, entities: 120, lanes: Self.plan.lanes)
                    try await installation.send(commands.suffix(400))
                    for _ in 0..<2 { try await Self.misbehave(installation, &others, &groups) }
                    try await installation.brokerFaults.clear()
                    try await installation.simulation.endFaults()
                    memory.append(try await view.residentBytes())
                    // The broker keeps little of a long backlog.
                    try await installation.outcomes.wait(for: commands.count - 2_000)
                }
                try await installation.outcomes.wait(for: commands.count)
                try await installation.waitUntilCommitted()
                #expect(steady.isRunning)
                try await installation.stopWorkers()

                let audit = Audit(installation, commands)
                audit.expectOneOutcomeEach()
                // Some calls were answered 429 on purpose.
                #expect(try await installation.simulation.stats().violations == 0)
                let quarter = memory.count / 4
                let second = memory[quarter..<2 * quarter].reduce(0, +) / max(1, quarter)
                let last = memory.suffix(quarter).reduce(0, +) / max(1, quarter)
                #expect(last < second + second / 10)
                print(
                    "\(Self.minutes) minutes, \(commands.count) commands, \(groups.kills) kills; resident MiB in the second"
                        + " quarter \(second >> 20), in the last \(last >> 20)"
                )
            }
        }

        /// The embedded broker aborts when a member loses its connection in the middle of a rebalance and joins again.
        private struct Groups {
            private var calm = ContinuousClock.now
            var kills = 0

            /// Members come, go or join anew: a session, and then the time of a rebalance.
            mutating func change() { calm = .now + .seconds(15) }

            func settle() async throws { try await Task.sleep(until: calm) }
        }

        /// Does one thing that nobody wants, and lasts for some seconds.
        private static func misbehave(
            _ installation: Installation,
            _ workers: inout [Program],
            _ groups: inout Groups
        ) async throws {
            let rule = manners.randomElement() ?? ""
            try await installation.simulation.fault("{\(rule),\"probability\":0.2}")
            switch Int.random(in: 0..<6) {
            case 0:
                workers.removeFirst().signal(SIGKILL)
                groups.kills += 1
                workers.append(try await assigned(installation))
                groups.change()
            case 1:
                let leaver = workers.removeFirst()
                leaver.signal(SIGTERM)
                _ = try await leaver.exit()
                workers.append(try await assigned(installation))
                groups.change()
            case 2:
                try await groups.settle()
                try await installation.brokerFaults.setUp(false)
                try await Task.sleep(for: .seconds(Int.random(in: 1...3)))
                try await installation.brokerFaults.setUp(true)
            case 3:
                try await installation.brokerFaults.latency(milliseconds: 200)
                try await Task.sleep(for: .seconds(3))
                try await installation.brokerFaults.latency(milliseconds: 0)
            case 4:
                try await installation.simulation.expireTokens()
            default:
                try await groups.settle()
                groups.change()
                for (request, names) in errors { try await installation.brokerFaults.push(request, names.shuffled()) }
            }
            // The fault is in force for a while.
            try await Task.sleep(for: .seconds(3))
        }

        private static func assigned(_ installation: Installation) async throws -> Program {
            let worker = try installation.startWorker()
            try await worker.logged("Partitions assigned")
            return worker
        }
    }
}
