import Messages
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension TakeoverScenarios {
    @Suite struct CrashTests {
        @Test
        func `a worker that is told to stop finishes its calls, and the next one does the rest`() async throws {
            let plan = Plan(
                Plan.Provider(
                    name: "hatif",
                    accounts: ["h0", "h1"],
                    requests: 40,
                    latencyMilliseconds: 250,
                    concurrency: 16
                )
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...400, entities: 100, lanes: plan.lanes)
                let first = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: 80)
                first.signal(SIGTERM)
                #expect(try await first.exit() == .code(0))
                #expect(first.troubles == [])
                try await installation.outcomes.catchUp()
                let done = installation.outcomes.state.outcomes.count
                #expect(done < commands.count)
                #expect(try await installation.simulation.changes().count == done)

                _ = try installation.startWorker()
                let audit = try await installation.finish(commands)
                audit.expectOneOutcomeEach()
                #expect(try await audit.expectOrder() == 0)
                try await audit.expectLimitsKept()
                let calls = try await installation.simulation.calls()
                #expect(calls.count { $0.endpoint.hasSuffix("/assign") } == commands.count)
            }
        }

        @Test
        func `a worker that was asleep while others took its place adds nothing to what was under way`() async throws {
            let plan = Plan(
                Plan.Provider(
                    name: "hatif",
                    accounts: ["h0", "h1"],
                    requests: 30,
                    latencyMilliseconds: 50,
                    concurrency: 4
                )
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...600, entities: 60, lanes: plan.lanes)
                let first = try installation.startWorker()
                _ = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: 100)
                first.signal(SIGSTOP)
                try await installation.outcomes.wait(for: 450)
                first.signal(SIGCONT)
                let audit = try await installation.finish(commands)
                // Requests and outcomes that had been handed over when the worker fell asleep are written when it wakes, which
                // nothing can stop; on a busy machine there are some.
                let underWay = 8
                audit.expectOneOutcomeEach(repeats: underWay)
                #expect(try await audit.expectOrder(late: underWay) <= underWay)
                try await audit.expectLimitsKept(late: underWay)
            }
        }

        @Test func `a broker that is silent for longer than a session costs nothing but time`() async throws {
            let plan = Plan(
                Plan.Provider(
                    name: "hatif",
                    accounts: ["h0", "h1"],
                    requests: 30,
                    latencyMilliseconds: 50,
                    concurrency: 4
                )
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...600, entities: 60, lanes: plan.lanes)
                let worker = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: 100)
                installation.broker.signal(SIGSTOP)
                try await worker.logged("session timed out")
                installation.broker.signal(SIGCONT)
                let audit = try await installation.finish(commands)
                audit.expectOneOutcomeEach()
                let underWay = 8
                #expect(try await audit.expectOrder() <= underWay)
                try await audit.expectLimitsKept()
            }
        }

        @Test(arguments: [false, true])
        func `a worker that is told to stop ends although the broker is gone`(isNoticed: Bool) async throws {
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["h0"], requests: 40, latencyMilliseconds: 50),
                extra: ["shutdown: { grace: 2s }", "lanes: { drain: 2s }"]
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...400, entities: 100, lanes: plan.lanes)
                let worker = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: 40)
                await installation.outcomes.stop()
                installation.broker.signal(SIGKILL)
                _ = try await installation.broker.exit()
                if isNoticed { try await worker.logged("session timed out") }
                worker.signal(SIGTERM)
                #expect(try await worker.exit() == .code(0))
            }
        }

        @Test func `a worker that never found a broker ends when it is told to`() async throws {
            let workspace = try Workspace()
            defer { workspace.remove() }
            let plan = Plan(Plan.Provider(name: "hatif", accounts: ["h0"]), extra: ["shutdown: { grace: 10s }"])
            // Nobody listens there.
            let settings = plan.settings(bootstrapServers: "127.0.0.1:1", simulator: "http://127.0.0.1:1")
            let file = try workspace.write("bulkhead.yaml", settings)
            let worker = try workspace.bulkhead("run", "--config", file)
            try await worker.logged("Admin server listens")
            worker.signal(SIGTERM)
            #expect(try await worker.exit() == .code(0))
        }

        @Test(arguments: [SIGTERM, SIGKILL])
        func `commands that came twice outlive the worker that had read both`(signal: Int32) async throws {
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["h0"], requests: 40, latencyMilliseconds: 50, concurrency: 4)
            )
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...300, entities: 100, lanes: plan.lanes)
                let first = try installation.startWorker()
                try await installation.send(commands + commands)
                try await installation.outcomes.wait(for: 100)
                first.signal(signal)
                _ = try await first.exit()
                _ = try installation.startWorker()
                let audit = try await installation.finish(commands)
                audit.expectOneOutcomeEach()
                // Calls that were out at the kill, and calls whose outcome was still on its way to a busy broker.
                #expect(try await audit.expectOrder() <= 12)
                try await audit.expectLimitsKept()
            }
        }
    }
}
