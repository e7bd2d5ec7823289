import Messages
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension LimitScenarios {
    @Suite struct QuotaTests {
        struct Window: Sendable {
            var requests: Int
            var milliseconds: Int
        }

        /// What Hatif is known to grant, and what it may; the short form has windows of its own.
        static let windows =
            Tools.isLong
            ? [Window(requests: 100, milliseconds: 60_000), Window(requests: 50, milliseconds: 1_000)]
            : [Window(requests: 60, milliseconds: 3_000)]

        @Test(arguments: windows)
        func `a long queue uses its limit and is never refused`(window: Window) async throws {
            let plan = Plan(
                Plan.Provider(
                    name: "hatif",
                    accounts: ["h0"],
                    requests: window.requests,
                    perMilliseconds: window.milliseconds,
                    concurrency: 16
                )
            )
            let count = Tools.isLong ? 2_000 : window.requests * 5
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...count, entities: count, lanes: plan.lanes)
                try await installation.takeIn(commands)
                _ = try installation.startWorker("--roles", "lanes")
                try await installation.outcomes.wait(for: count)
                try await installation.stopWorkers()

                let audit = Audit(installation, commands)
                audit.expectOneOutcomeEach()
                try await audit.expectUse(of: plan.providers[0], windows: count / window.requests)
                try await audit.expectLimitsKept()
            }
        }

        /// The short form is among the scenarios of the fleet.
        @Test(.enabled(if: Tools.isLong), arguments: windows, [2, 3])
        func `no window is exceeded while one worker is killed and one joins`(
            window: Window,
            workers: Int
        ) async throws {
            let plan = Plan(
                Plan.Provider(
                    name: "hatif",
                    accounts: ["h0", "h1", "h2"],
                    requests: window.requests,
                    perMilliseconds: window.milliseconds,
                    concurrency: 16
                )
            )
            let count = window.milliseconds > 1_000 ? 3 * window.requests * 4 : 6_000
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...count, entities: count, lanes: plan.lanes)
                try await installation.takeIn(commands)
                var running: [Program] = []
                for _ in 0..<workers { running.append(try installation.startWorker("--roles", "lanes")) }
                try await installation.outcomes.wait(for: count / 4)
                let victim = running.remove(at: Int.random(in: running.indices))
                victim.signal(SIGKILL)
                _ = try await victim.exit()
                try await installation.outcomes.wait(for: count / 2)
                _ = try installation.startWorker("--roles", "lanes")
                let audit = try await installation.finish(commands)
                audit.expectOneOutcomeEach()
                try await audit.expectLimitsKept()
                for use in try await installation.simulation.uses(of: "hatif") {
                    Tools.tell("\(workers) workers, \(use.account): peak \(use.peak), windows \(use.windows)")
                    #expect(use.peak <= window.requests)
                }
            }
        }

        @Test(arguments: windows)
        func `a limit halved without notice is found after three refusals at most, which cost no attempt`(
            window: Window
        ) async throws {
            let provider = Plan.Provider(
                name: "hatif",
                accounts: ["h0"],
                requests: window.requests,
                perMilliseconds: window.milliseconds,
                concurrency: 16
            )
            let plan = Plan(provider)
            let half = window.requests / 2
            // Windows of a second say little each.
            let measured = window.milliseconds > 1_000 ? 2 : 8
            // Two windows of the whole limit and some of the half; in the long form then two minutes in which the whole
            // one comes back, and a little more.
            let whole = Tools.isLong ? 120_000 / window.milliseconds + 4 : 0
            try await Installation.run(plan) { installation in
                let count = window.requests * 2 + half * (5 + measured)
                let total = count + window.requests * whole
                let commands = SampleCommand.series(1...total, entities: total, lanes: plan.lanes)
                try await installation.takeIn(commands)
                _ = try installation.startWorker("--roles", "lanes")
                try await installation.outcomes.wait(for: window.requests * 2)
                try await installation.simulation.limit(provider, to: half)
                let halved = try await installation.simulation.stats().arrived
                try await installation.outcomes.wait(for: count)

                let calls = try await installation.simulation.calls()
                let start = try #require(calls[..<halved].last).time
                let answers = calls[halved...].filter { $0.status != 0 }
                let length = Int64(window.milliseconds) * 1_000_000
                // Later ones are what looking for more costs.
                let refusals = answers.count { $0.status == 429 && $0.time < start + 2 * length }
                let settled = start + 4 * length..<start + Int64(4 + measured) * length
                let used = answers.count { $0.status == 200 && settled.contains($0.time) }
                Tools.tell("halved to \(half): \(refusals) refusals, then \(used) calls in \(measured) windows")
                // On a machine that stood still, all calls that were out then are refused together.
                #expect((1...(Tools.isLong ? 3 : 2 * provider.concurrency)).contains(refusals))
                #expect(Double(used) >= (Tools.isLong ? 0.95 : 0.4) * Double(measured * half))
                let outcomes = installation.outcomes.state.outcomes.values.joined()
                #expect(outcomes.allSatisfy { $0.disposition == .applied && $0.attempts == 1 })
                #expect(installation.outcomes.state.deadLetters.isEmpty)
                if Tools.isLong { try await expectReturn(of: provider, installation) }
            }
        }

        /// The limit is what it was, and is used again within two minutes.
        private func expectReturn(of provider: Plan.Provider, _ installation: Installation) async throws {
            try await installation.simulation.limit(provider, to: provider.requests)
            let returned = try await installation.simulation.stats().arrived
            let length = Int64(provider.perMilliseconds) * 1_000_000
            var calls = try await installation.simulation.calls()
            let start = calls[returned - 1].time
            let end = start + 120_000_000_000 + length
            while let last = calls.last, last.time < end {
                let done = installation.outcomes.state.outcomes.count
                try await installation.outcomes.wait(for: done + provider.requests / 2)
                calls += try await installation.simulation.calls(since: calls.count)
            }
            let accepted = calls.filter { $0.status == 200 && $0.time >= end - length && $0.time < end }
            let refused = calls[returned...].count { $0.status == 429 }
            Tools.tell("back: \(accepted.count) calls in the window after two minutes, \(refused) refused meanwhile")
            #expect(Double(accepted.count) >= 0.95 * Double(provider.requests))
        }

        @Test func `nineteen accounts have their full rate beside one with nine tenths of the work`() async throws {
            let each = Tools.isLong ? 400 : 32
            let provider = Plan.Provider(
                name: "hatif",
                accounts: (0..<20).map { "h\($0)" },
                requests: Tools.isLong ? 40 : 8,
                perMilliseconds: 4_000,
                concurrency: 4
            )
            var plan = Plan(provider)
            plan.partitions = 20
            // What the embedded broker keeps of a partition are compressed batches.
            plan.kafka = ["compression.type: zstd", "linger.ms: 50"]
            try await Installation.run(plan) { installation in
                let count = each * 19
                let others = SampleCommand.series(1...count, entities: count, lanes: Array(plan.lanes.dropFirst()))
                let heavy = SampleCommand.series(
                    count + 1...count * 10,
                    entities: count * 9,
                    lanes: [plan.lanes[0]]
                )
                var commands = others + heavy
                commands.shuffle()
                try await installation.takeIn(commands)
                _ = try installation.startWorker("--roles", "lanes")
                let wanted = Set(others.map(OutcomeLog.Key.init))
                try await installation.outcomes.wait(until: { wanted.isSubset(of: $0.outcomes.keys) })

                let audit = Audit(installation, commands)
                // The start, with everything to be read, is a good part of it.
                let share = Tools.isLong ? 0.95 : 0.4
                try await audit.expectUse(of: provider, atLeast: share, windows: each / provider.requests)
                try await audit.expectLimitsKept()
                let rates = try await installation.simulation.uses(of: "hatif")
                    .map { Double($0.windows.prefix(each / provider.requests).reduce(0, +)) }
                let square = rates.reduce(0, +) * rates.reduce(0, +)
                let jain = square / (Double(rates.count) * rates.reduce(0) { $0 + $1 * $1 })
                Tools.tell("Jain index of \(rates.count) accounts: \(jain)")
                #expect(rates.count == 20)
                #expect(jain >= 0.99)
            }
        }
    }
}
