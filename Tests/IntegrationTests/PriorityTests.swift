import Messages
import Testing

extension LimitScenarios {
    @Suite struct PriorityTests {
        @Test func `live commands go at once though a large campaign waits, and the campaign keeps its share`()
            async throws
        {
            let provider = Plan.Provider(
                name: "hatif",
                accounts: ["h0"],
                requests: Tools.isLong ? 50 : 25,
                latencyMilliseconds: 20,
                concurrency: 16
            )
            var plan = Plan(provider)
            // What the embedded broker keeps of a partition are compressed batches.
            plan.kafka = ["compression.type: zstd", "linger.ms: 50", "batch.num.messages: 10000"]
            let lane = plan.lanes[0]
            let commands = SampleCommand.series(1...(Tools.isLong ? 300 : 110), entities: 300, lanes: [lane])
            let crowd = 100
            try await Installation.run(plan) { installation in
                try await installation.simulation.seed(lane, count: Tools.isLong ? 100_000 : 1_500)
                _ = try installation.startWorker()
                try await installation.startCampaign("all", lane, "--unassigned", "--assign", "user:somebody")
                // Once a member is done, all of them stand in the lane.
                try await installation.outcomes.wait(for: 1)
                try await expectHaste(commands.dropLast(crowd), provider, installation)
                try await expectShare(commands.suffix(crowd), installation)
                try await Audit(installation, commands).expectLimitsKept()
            }
        }

        /// Commands that come one by one are overtaken by no more calls than a second has.
        private func expectHaste(
            _ commands: ArraySlice<SampleCommand>,
            _ provider: Plan.Provider,
            _ installation: Installation
        ) async throws {
            var waits: [Int64] = []
            var overtakers: [Int] = []
            for command in commands {
                let before = try await installation.simulation.stats().arrived
                try await installation.produce([command])
                try await installation.outcomes.wait(until: { $0.outcomes[OutcomeLog.Key(command)] != nil })
                let calls = try await installation.simulation.calls(since: before)
                overtakers.append(calls.firstIndex { $0.entity == command.targetName } ?? calls.count)
                if let outcome = installation.outcomes.state.outcomes[OutcomeLog.Key(command)]?.first {
                    waits.append(outcome.times.finished.milliseconds - outcome.times.accepted.milliseconds)
                }
                // What is promised: one a second.
                if Tools.isLong { try await Task.sleep(for: .seconds(1)) }
            }
            overtakers.sort()
            waits.sort()
            Tools.tell("calls before a live one: \(overtakers), waits in ms: \(waits)")
            #expect(overtakers[overtakers.count * 99 / 100] <= provider.requests)
        }

        /// While many of them wait at once, the campaign has its tenth.
        private func expectShare(_ commands: ArraySlice<SampleCommand>, _ installation: Installation) async throws {
            let before = try await installation.simulation.stats().arrived
            try await installation.produce(Array(commands))
            let wanted = Set(commands.map(OutcomeLog.Key.init))
            try await installation.outcomes.wait(until: { wanted.isSubset(of: $0.outcomes.keys) })
            let calls = try await installation.simulation.calls(since: before)
            let targets = Set(commands.map(\.targetName))
            let first = try #require(calls.firstIndex { targets.contains($0.entity) })
            let last = try #require(calls.lastIndex { targets.contains($0.entity) })
            let bulk = calls[first...last].count { !targets.contains($0.entity) }
            Tools.tell("\(bulk) calls for the campaign among \(commands.count) live ones")
            #expect(bulk >= commands.count / 10)
        }
    }
}
