import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension LimitScenarios {
    @Suite struct FleetTests {
        @Test func `three workers keep the limits through kills, a join and a leave`() async throws {
            let kills = Tools.isLong ? Tools.number("BULKHEAD_KILLS") ?? 100 : 2
            let count = Tools.isLong ? kills * 500 : 450
            let plan = Plan(
                Plan.Provider(
                    name: "hatif",
                    accounts: ["h0", "h1", "h2"],
                    requests: Tools.isLong ? 80 : 8,
                    latencyMilliseconds: 30,
                    concurrency: 4
                ),
                Plan.Provider(
                    name: "aelyst",
                    accounts: ["a0"],
                    requests: 5,
                    scope: "path",
                    latencyMilliseconds: 30,
                    concurrency: 4
                )
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...count, entities: count / 6, lanes: plan.lanes)
                var workers: [Program] = []
                for _ in 0..<3 { workers.append(try installation.startWorker()) }
                try await installation.send(commands)
                for kill in 0..<kills {
                    try await installation.outcomes.wait(for: (kill + 1) * count / (kills + 3))
                    let victim = workers.remove(at: Int.random(in: workers.indices))
                    victim.signal(SIGKILL)
                    #expect(try await victim.exit() == .signal(SIGKILL))
                    let replacement = try installation.startWorker()
                    workers.append(replacement)
                    // The embedded broker does not survive members that join again before they have been answered.
                    try await replacement.logged("Partitions assigned")
                }
                try await installation.outcomes.wait(for: (kills + 1) * count / (kills + 3))
                workers.append(try installation.startWorker())
                try await installation.outcomes.wait(for: (kills + 2) * count / (kills + 3))
                let leaver = workers.remove(at: Int.random(in: workers.indices))
                leaver.signal(SIGTERM)
                #expect(try await leaver.exit() == .code(0))
                let audit = try await installation.finish(commands)
                audit.expectOneOutcomeEach()
                let underWay = plan.providers.reduce(0) { $0 + $1.concurrency * $1.accounts.count }
                let repeats = try await audit.expectOrder()
                #expect(repeats <= underWay * kills)
                try await audit.expectLimitsKept()
                if Tools.isLong { print("\(kills) kills, \(count) commands, \(repeats) calls repeated") }
            }
        }

        @Test func `workers that come and go again and again lose and repeat nothing`() async throws {
            let rounds = Tools.isLong ? 25 : 2
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["h0", "h1", "h2", "h3"], requests: 10, latencyMilliseconds: 50)
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...300 * (rounds + 1), entities: 100, lanes: plan.lanes)
                _ = try installation.startWorker()
                try await installation.send(commands)
                for round in 0..<rounds {
                    let guest = try installation.startWorker()
                    // It has work of its own before it goes.
                    try await guest.logged("Partitions assigned")
                    let done = installation.outcomes.state.outcomes.count
                    try await installation.outcomes.wait(for: min(commands.count, done + 40 + 10 * round))
                    guest.signal(SIGTERM)
                    #expect(try await guest.exit() == .code(0))
                }
                _ = try installation.startWorker()
                let audit = try await installation.finish(commands)
                audit.expectOneOutcomeEach()
                #expect(try await audit.expectOrder() == 0)
                try await audit.expectLimitsKept()
                #expect(try await installation.simulation.stats().peak > 5)
                // A rebalance takes the session of 4 s less one here; then the members read what was left behind.
                let silence = audit.longestSilence()
                #expect(silence < .seconds(10))
                if Tools.isLong { print("\(2 * rounds) joins and leaves, longest silence \(silence)") }
            }
        }
    }
}
