import Scheduling
import Testing

/// A budget's way from one owner to the next.
@Suite struct BudgetHandoverTests {
    private let key = RateBudget.Key(endpoint: 0, path: 0)
    private let limit = RateLimit(requests: 3, per: .seconds(60))

    /// A budget of which `calls` were answered at `start`.
    private func used(_ calls: Int, _ limits: [RateLimit]? = nil) -> RateBudget {
        var budget = RateBudget(limits ?? [limit])
        for _ in 0..<calls {
            let reservation = budget.take(key, now: start)
            budget.settle(reservation, .counted(.silent), now: start)
        }
        return budget
    }

    private func free(_ budget: inout RateBudget, at now: Instant) -> Int {
        var count = 0
        while budget.opening(key, now: now) == .now, count < 1_000 {
            let reservation = budget.take(key, now: now)
            budget.settle(reservation, .counted(.silent), now: now)
            count += 1
        }
        return count
    }

    @Test func `a clean hand-over continues where the last owner stopped`() {
        let state = used(2).handOver(now: start + .seconds(1))
        var budget = RateBudget([limit])
        budget.takeOver(state, usedUntil: nil, now: start + .seconds(1))
        #expect(free(&budget, at: start + .seconds(1)) == 1)
        #expect(budget.opening(key, now: start + .seconds(1)) == .at(start + .seconds(60)))
    }

    @Test func `a call that is out at the hand-over is counted until it must have been forgotten`() {
        var before = RateBudget([limit])
        _ = before.take(key, now: start)
        var budget = RateBudget([limit])
        budget.takeOver(before.handOver(now: start + .seconds(2)), usedUntil: nil, now: start + .seconds(2))
        #expect(free(&budget, at: start + .seconds(2)) == 2)
        #expect(budget.opening(key, now: start + .seconds(2)) == .at(start + .seconds(62)))
    }

    @Test func `after a crash everything counts as used until the last instant at which it can have been`() {
        var budget = RateBudget([limit])
        budget.takeOver(used(1).handOver(now: start), usedUntil: start + .seconds(12), now: start + .seconds(20))
        #expect(budget.opening(key, now: start + .seconds(20)) == .at(start + .seconds(60)))
        #expect(free(&budget, at: start + .seconds(60)) == 1)
        #expect(budget.opening(key, now: start + .seconds(61)) == .at(start + .seconds(72)))
        #expect(free(&budget, at: start + .seconds(72)) == 2)
    }

    @Test func `a crash long ago costs nothing`() {
        var budget = RateBudget([limit])
        budget.takeOver(nil, usedUntil: start, now: start + .seconds(61))
        #expect(free(&budget, at: start + .seconds(61)) == 3)
    }

    @Test(arguments: RateLimit.Scope.allCases)
    func `what the provider closed stays closed for the next owner`(scope: RateLimit.Scope) {
        var budget = RateBudget([RateLimit(requests: 3, per: .seconds(1), scope: scope)])
        let reservation = budget.take(key, now: start)
        budget.settle(reservation, .throttled(ProviderWord(retryAt: start + .seconds(30))), now: start)
        #expect(budget.opening(key, now: start + .seconds(2)) == .at(start + .seconds(30)))

        var next = RateBudget([RateLimit(requests: 3, per: .seconds(1), scope: scope)])
        next.takeOver(budget.handOver(now: start + .seconds(2)), usedUntil: nil, now: start + .seconds(2))
        #expect(next.opening(key, now: start + .seconds(2)) == .at(start + .seconds(30)))

        budget.replaceLimits([RateLimit(requests: 2, per: .seconds(1), scope: scope)], now: start + .seconds(2))
        #expect(budget.opening(key, now: start + .seconds(2)) == .at(start + .seconds(30)))
    }

    @Test(arguments: [RateLimit.Scope.endpoint, .path])
    func `windows by endpoint and path are full for the next owner until the last of them is empty`(
        scope: RateLimit.Scope
    ) {
        let limits = [RateLimit(requests: 3, per: .seconds(60), scope: scope)]
        var budget = RateBudget(limits)
        budget.takeOver(used(1, limits).handOver(now: start + .seconds(5)), usedUntil: nil, now: start + .seconds(5))
        #expect(budget.opening(key, now: start + .seconds(5)) == .at(start + .seconds(60)))
        #expect(free(&budget, at: start + .seconds(60)) == 3)
    }

    @Test func `limits that were changed meanwhile count as used up`() {
        var budget = RateBudget([limit, RateLimit(requests: 1, per: .seconds(10))])
        budget.takeOver(used(1).handOver(now: start), usedUntil: start, now: start)
        #expect(budget.opening(key, now: start) == .at(start + .seconds(60)))
    }

    @Test func `a limit changed while it runs counts the calls made before`() {
        var budget = used(3, [RateLimit(requests: 10, per: .seconds(60))])
        budget.replaceLimits([RateLimit(requests: 5, per: .seconds(60))], now: start + .seconds(1))
        #expect(free(&budget, at: start + .seconds(1)) == 2)
        budget.replaceLimits([RateLimit(requests: 8, per: .seconds(60))], now: start + .seconds(1))
        #expect(free(&budget, at: start + .seconds(2)) == 3)
        budget.replaceLimits([], now: start + .seconds(3))
        #expect(budget.opening(key, now: start + .seconds(3)) == .now)
    }

    @Test func `a call that was out while limits changed is not forgotten`() {
        var budget = RateBudget([limit])
        let reservation = budget.take(key, now: start)
        budget.replaceLimits([RateLimit(requests: 2, per: .seconds(60))], now: start + .seconds(1))
        budget.settle(reservation, .counted(.silent), now: start + .seconds(2))
        #expect(budget.opening(key, now: start + .seconds(2)) == .at(start + .seconds(61)))
        #expect(free(&budget, at: start + .seconds(62)) == 2)
    }

    @Test func `windows that hold nothing are forgotten`() {
        var budget = RateBudget([RateLimit(requests: 3, per: .seconds(1), scope: .path)])
        for path in 0..<1_000 as Range<UInt64> {
            let reservation = budget.take(.init(endpoint: 0, path: path), now: start)
            budget.settle(reservation, .counted(.silent), now: start)
        }
        #expect(budget.forgetIdle(now: start) == 1_000)
        #expect(budget.forgetIdle(now: start + .seconds(1)) == 0)
    }
}
