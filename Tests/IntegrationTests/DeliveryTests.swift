import Testing

/// Scenarios of the built worker.
///
/// Each has its own broker, simulator and workers; one at a time, since each keeps all cores busy. Every wait ends by itself
/// when nothing happens for ``Patience/limit``; the limit of a test only catches what no wait can. The groups run beside one
/// another and take about the same time, four minutes.
@Suite(.serialized, .timeLimit(.minutes(Tools.isLong ? 60 : 10))) struct Scenarios {}

/// Scenarios in which workers die or providers fail: beside the others, since most of their time is the groups' waiting.
@Suite(.serialized, .timeLimit(.minutes(Tools.isLong ? 60 : 10))) struct TakeoverScenarios {}

/// Scenarios of limits, also through kills and joins: beside the others, since most of their time is waiting for the next window.
@Suite(.serialized, .timeLimit(.minutes(Tools.isLong ? 60 : 10))) struct LimitScenarios {}

extension Scenarios {
    @Suite struct DeliveryTests {
        @Test
        func `every command of two producers has one outcome through two workers`() async throws {
            let count = Tools.isLong ? 20_000 : 2_000
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["h0", "h1", "h2", "h3"], requests: 60),
                Plan.Provider(name: "aelyst", accounts: ["a0", "a1"], requests: 5, scope: "path"),
                Plan.Provider(name: "convor", accounts: ["c0"], requests: 50)
            )
            try await Installation.run(plan) { installation in
                let first = SampleCommand.series(1...count / 2, entities: count / 20, lanes: plan.lanes)
                let second = SampleCommand.series(count / 2 + 1...count, entities: count / 20, lanes: plan.lanes)
                _ = try installation.startWorker()
                _ = try installation.startWorker()
                let sending = try installation.startSending(first.lines)
                let other =
                    try Tools.kcat.map { try installation.startKcat($0, second) }
                    ?? installation.startSending(second.lines)
                #expect(try await sending.exit() == .code(0))
                #expect(try await other.exit() == .code(0))

                let audit = try await installation.finish(first + second)
                audit.expectOneOutcomeEach()
                #expect(try await audit.expectOrder() == 0)
                try await audit.expectLimitsKept()
                #expect(installation.workerTroubles == [])
            }
        }
    }
}
