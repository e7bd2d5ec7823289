import Scheduling
import Testing

@Suite struct LanePropertyTests {
    /// Random limits in all scopes, arrivals, delays, failures, restarts and hand-overs.
    @Test(arguments: 0..<40)
    func `no schedule exceeds a window, overtakes within an entity, misses a wake-up or loses a command`(block: Int) {
        for seed in UInt64(block * 50)..<UInt64(block * 50 + 50) {
            var random = SplitMix(state: seed &* 7_919 &+ 13)
            var settings = AccountLane.Settings()
            let scopes = RateLimit.Scope.allCases.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
            settings.limits = scopes.map { scope in
                RateLimit(
                    requests: Int.random(in: 1...30, using: &random),
                    per: .milliseconds(Int.random(in: 50...3_000, using: &random)),
                    burst: Bool.random(using: &random) ? Int.random(in: 1...5, using: &random) : nil,
                    scope: scope
                )
            }
            settings.concurrency = Int.random(in: 1...20, using: &random)
            settings.retry = RetryPolicy(maxAttempts: 50, base: .milliseconds(20), cap: .milliseconds(500))
            settings.deadLetters.isEnabled = false
            var world = LaneSimulation(settings: settings, seed: seed)
            world.failureRate = Bool.random(using: &random) ? 0.1 : 0
            world.delay = 1_000_000...Int64.random(in: 2_000_000...400_000_000, using: &random)

            var number = 0
            let commands = 60
            while number < commands {
                for _ in 0..<Int.random(in: 1...25, using: &random) where number < commands {
                    world.add(.init(number: number, entity: Int.random(in: 0..<8, using: &random), isLive: true))
                    number += 1
                }
                world.run(until: world.now + .milliseconds(Int.random(in: 1...800, using: &random)))
                switch Int.random(in: 0..<6, using: &random) {
                case 0: world.handOver(isClean: true)
                case 1: world.handOver(isClean: false)
                default: break
                }
            }
            world.run()

            #expect(world.refused == 0, "seed \(seed) \(settings.limits)")
            #expect(world.missedWakes == 0, "seed \(seed)")
            #expect(world.done.count == commands, "seed \(seed)")
            for (entity, calls) in world.calls {
                #expect(calls == calls.sorted(), "seed \(seed), entity \(entity)")
            }
        }
    }

    @Test(arguments: [
        (RateLimit(requests: 100, per: .seconds(60)), 1_500), (RateLimit(requests: 50, per: .seconds(1)), 2_000),
    ])
    func `a full queue uses at least 99 % of the quota from the second window on`(limit: RateLimit, commands: Int) {
        var settings = AccountLane.Settings()
        settings.limits = [limit]
        var world = LaneSimulation(settings: settings, seed: 1)
        for number in 0..<commands { world.add(.init(number: number, entity: number, isLive: true)) }
        let start = world.now
        world.run()

        #expect(world.refused == 0)
        let windows = commands / limit.requests - 1
        let from = (start + limit.per).nanoseconds
        let to = (start + limit.per * windows).nanoseconds
        let used = world.acceptedAt.count { $0 >= from && $0 < to }
        #expect(Double(used) >= 0.99 * Double((windows - 1) * limit.requests))
    }

    @Test func `a limit halved without notice costs at most 3 refusals, and its return is found within two minutes`() {
        for (limit, phase) in [
            (RateLimit(requests: 50, per: .seconds(1)), 10), (RateLimit(requests: 100, per: .seconds(60)), 300),
        ] {
            var settings = AccountLane.Settings()
            settings.limits = [limit]
            var world = LaneSimulation(settings: settings, seed: 3)
            for number in 0..<8_000 { world.add(.init(number: number, entity: number, isLive: false)) }
            world.run(until: world.now + .seconds(phase))
            #expect(world.refused == 0)

            let half = RateLimit(requests: limit.requests / 2, per: limit.per)
            world.provider = [half]
            world.run(until: world.now + limit.per * 4)
            #expect(world.refused <= 3, "\(limit)")
            let from = world.now
            world.run(until: from + limit.per * 4)
            let used = world.acceptedAt.count { $0 >= from.nanoseconds }
            #expect(Double(used) >= 0.95 * Double(4 * half.requests), "\(limit): \(used)")

            world.provider = [limit]
            world.run(until: world.now + .seconds(120))
            let back = world.now
            world.run(until: back + limit.per)
            let again = world.acceptedAt.count { $0 >= back.nanoseconds }
            #expect(Double(again) >= 0.95 * Double(limit.requests), "\(limit): \(again)")
        }
    }

    @Test func `a limit configured too high settles at the real one and stays there`() {
        var settings = AccountLane.Settings()
        settings.limits = [RateLimit(requests: 100, per: .seconds(60))]
        var world = LaneSimulation(settings: settings, provider: [RateLimit(requests: 60, per: .seconds(60))], seed: 5)
        for number in 0..<2_000 { world.add(.init(number: number, entity: number, isLive: true)) }
        world.run(until: world.now + .seconds(65))
        #expect(world.refused <= 6)
        // The burst of the first window comes back once; after two windows the calls are spread.
        world.run(until: world.now + .seconds(60))
        let before = world.refused
        let from = world.now
        world.run(until: from + .seconds(600))
        // One look a minute for a limit that came back is all that is refused from then on.
        #expect(world.refused - before <= 14)
        let used = world.acceptedAt.count { $0 >= from.nanoseconds }
        #expect(used >= 570)
    }
}
