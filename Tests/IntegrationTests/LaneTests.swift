import Messages
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Scenarios {
    @Suite struct LaneTests {
        @Test func `a provider that is silent for a while costs no command, and no other provider's time`() async throws
        {
            let silent = Plan.Provider(
                name: "hatif",
                accounts: ["h0", "h1"],
                requests: 50,
                concurrency: 4,
                timeout: "500ms",
                extra: ["breaker: { pause: 500ms, longestPause: 1s }"]
            )
            let others = ["aelyst", "convor"].map { name in
                Plan.Provider(name: name, accounts: [name], requests: 80, perMilliseconds: 4_000)
            }
            var plan = Plan(silent, extra: ["retry: { base: 20ms, cap: 50ms }"])
            plan.providers += others
            // Ten minutes of silence, or as long as four windows of the others.
            let windows = Tools.isLong ? 150 : 4
            try await Installation.run(plan) { installation in
                let held = SampleCommand.series(
                    1...600,
                    entities: 250,
                    lanes: plan.lanes.filter { $0.provider == "hatif" }
                )
                let free = SampleCommand.series(
                    1_001...1_000 + windows * 160,
                    entities: 100,
                    lanes: plan.lanes.filter { $0.provider != "hatif" }
                )
                try await installation.simulation.fault(#"{"provider":"hatif","action":"hang","method":"POST"}"#)
                try await installation.takeIn(held + free)
                let view = try await WorkerView(try installation.startWorker("--roles", "lanes"))
                try await installation.outcomes.wait(for: free.count / 3)
                let early = try await view.residentBytes()
                try await installation.outcomes.wait(for: free.count)
                let late = try await view.residentBytes()
                Tools.tell("resident memory: \(early >> 20) MiB, then \(late >> 20) MiB")
                #expect(late < early + 16 << 20)
                let state = installation.outcomes.state
                #expect(Set(state.outcomes.keys) == Set(free.map(OutcomeLog.Key.init)))

                let audit = Audit(installation, held + free)
                for provider in others { try await audit.expectUse(of: provider, windows: windows) }
                try await installation.simulation.endFaults()
                try await installation.outcomes.wait(for: held.count + free.count)
                try await installation.waitUntilCommitted()
                try await installation.stopWorkers()

                audit.expectOneOutcomeEach()
                #expect(installation.outcomes.state.deadLetters.isEmpty)
                #expect(try await audit.expectOrder() == 0)
                try await audit.expectLimitsKept()
            }
        }

        @Test func `a pause stops calls within a second and outlives the worker; of what waited, the latest is sent`()
            async throws
        {
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["h0"], requests: 20, extra: ["coalesce: latest"])
            )
            let lane = plan.lanes[0]
            try await Installation.run(plan) { installation in
                let before = SampleCommand.series(1...200, entities: 200, lanes: plan.lanes)
                let first = try installation.startWorker()
                try await installation.send(before)
                try await installation.outcomes.wait(for: 40)
                try await installation.bulkhead("lane", "pause", "hatif/h0", "--by", "test", "--why", "scenario")
                // What is promised: in force within a second.
                try await Task.sleep(for: .seconds(1))
                let arrived = try await installation.simulation.stats().arrived
                first.signal(SIGTERM)
                #expect(try await first.exit() == .code(0))
                try await installation.outcomes.catchUp()
                let done = installation.outcomes.state.outcomes.count

                let waiting = SampleCommand.series(201...210, entities: 1, lanes: plan.lanes)
                let view = try await WorkerView(try installation.startWorker())
                try await installation.send(waiting)
                try await view.waitForBacklog(before.count - done + waiting.count, of: lane)
                #expect(try await installation.simulation.stats().arrived == arrived)

                try await installation.bulkhead("lane", "resume", "hatif/h0", "--by", "test")
                try await installation.outcomes.wait(for: before.count + waiting.count)
                try await installation.waitUntilCommitted()
                try await installation.stopWorkers()

                Audit(installation, before + waiting).expectOneOutcomeEach()
                let outcomes = installation.outcomes.state.outcomes
                let ends = waiting.map { outcomes[OutcomeLog.Key($0)]?.first }
                #expect(ends.map { $0?.disposition } == Array(repeating: .superseded, count: 9) + [.applied])
                #expect(ends.dropLast().allSatisfy { $0?.supersededBy?.id == waiting.last?.id })
                let calls = try await installation.simulation.calls()
                #expect(calls.count { $0.entity == waiting.last?.targetName } == 1)
            }
        }

        @Test(arguments: [false, true])
        func `a live command overtakes an older member of a campaign, which ends as stale`(isKilledBetween: Bool)
            async throws
        {
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["h0"], requests: 5, latencyMilliseconds: 20, concurrency: 4)
            )
            try await Installation.run(plan) { installation in
                let members = SampleCommand.series(1...40, entities: 40, lanes: plan.lanes)
                let last = members[members.count - 1]
                let live = SampleCommand(number: 100, lane: last.lane, target: last.target)
                let targets = try installation.workspace.write("targets", members.map { $0.target + "\n" }.joined())
                let first = try installation.startWorker()
                try await installation.startCampaign("autumn", last.lane, "--assign", "user:u", "--targets", targets)
                try await installation.outcomes.wait(for: 3)
                try await installation.send([live])
                try await installation.outcomes.wait(until: { $0.outcomes[OutcomeLog.Key(live)] != nil })
                if isKilledBetween {
                    first.signal(SIGKILL)
                    _ = try await first.exit()
                    _ = try installation.startWorker()
                }
                try await installation.outcomes.wait(for: members.count + 1)
                try await installation.stopWorkers()

                let outcomes = installation.outcomes.state.outcomes.filter { $0.value.first?.entity == live.entity }
                #expect(outcomes.count == 2)
                #expect(outcomes[OutcomeLog.Key(live)]?.map(\.disposition) == [.applied])
                let member = try #require(outcomes.first { $0.key != OutcomeLog.Key(live) })
                #expect(member.value.map(\.disposition) == [.stale])
                #expect(member.value.first?.campaign == "autumn")
                let changes = try await installation.simulation.changes().filter { $0.entity.hasSuffix(last.target) }
                #expect(changes.allSatisfy { $0.command == live.number })
                #expect(try await installation.simulation.stats().violations == 0)
            }
        }
    }
}
