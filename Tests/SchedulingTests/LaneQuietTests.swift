import Scheduling
import Testing

/// A lane that waits has nothing to do, and what it waits for does come.
@Suite struct LaneQuietTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `no lane is asked in vain, sends early, or forgets to wake up`(block: UInt64) {
        for seed in block * 25..<block * 25 + 8 { RandomLane(seed: seed).run() }
    }
}

/// Random settings, commands, answers and moments, with the rules that hold at every step.
private struct RandomLane {
    let seed: UInt64
    var random: SplitMix
    var lane: AccountLane
    var now = start
    var out: [WorkID] = []
    var open = 0

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix(state: seed &* 31 &+ 5)
        var settings = AccountLane.Settings()
        settings.limits = RateLimit.Scope.allCases.shuffled(using: &random)
            .prefix(Int.random(in: 0...3, using: &random))
            .map { scope in
                RateLimit(
                    requests: Int.random(in: 1...12, using: &random),
                    per: .milliseconds(Int.random(in: 20...5_000, using: &random)),
                    burst: Bool.random(using: &random) ? Int.random(in: 1...4, using: &random) : nil,
                    scope: scope
                )
            }
        settings.concurrency = Int.random(in: 1...8, using: &random)
        settings.breaker.minimumCalls = Int.random(in: 3...10, using: &random)
        settings.retry.maxAttempts = Int.random(in: 1...4, using: &random)
        settings.deadLetters.free = Int.random(in: 0...3, using: &random)
        lane = AccountLane(settings)
        self.random = random
    }

    consuming func run() {
        for _ in 0..<150 {
            for _ in 0..<Int.random(in: 0...4, using: &random) { admit() }
            decide()
            if !out.isEmpty, random.unit() < 0.8 {
                now = now + .milliseconds(Int.random(in: 0...300, using: &random))
                answer(result())
            }
        }
        // At last everything works, and everything comes to an end.
        for _ in 0..<20_000 where open > 0 {
            if let until = decide(), out.isEmpty { now = until }
            while !out.isEmpty {
                now = now + .milliseconds(1)
                answer(.finished(success: true, .silent))
            }
        }
        #expect(open == 0, "seed \(seed)")
        #expect(lane.isIdle, "seed \(seed)")
        #expect(lane.inFlight == 0, "seed \(seed)")
    }

    private mutating func admit() {
        open += 1
        _ = lane.admit(
            Work(
                entity: UInt128.random(in: 0..<6, using: &random),
                class: Bool.random(using: &random) ? .live : .bulk,
                flow: UInt64.random(in: 0..<3, using: &random),
                time: now + .milliseconds(Int.random(in: -500...500, using: &random)),
                expiry: random.unit() < 0.1 ? now + .milliseconds(Int.random(in: 0...900, using: &random)) : nil,
                key: key(),
                coalesces: random.unit() < 0.3
            )
        )
    }

    private mutating func key() -> RateBudget.Key {
        RateBudget.Key(
            endpoint: Int32.random(in: 0..<3, using: &random),
            path: UInt64.random(in: 0..<4, using: &random)
        )
    }

    /// Asks until the lane waits, and holds it to its word.
    @discardableResult
    private mutating func decide() -> Instant? {
        var steps = 0
        while steps < 10_000 {
            steps += 1
            switch lane.next(now: now) {
            case .send(let id): out.append(id)
            case .conclude: open -= 1
            case .wait(let until):
                check(until)
                return until
            }
        }
        Issue.record("seed \(seed): asked for ever")
        return nil
    }

    private mutating func check(_ until: Instant?) {
        #expect(lane.inFlight == out.count, "seed \(seed)")
        #expect(lane.backlog.live + lane.backlog.bulk == open, "seed \(seed)")
        guard let until else {
            #expect(!out.isEmpty || open == 0, "seed \(seed): waits for nothing")
            return
        }
        #expect(until > now, "seed \(seed): waits for the past")
        // While a call is out its answer may be what is waited for, and that is no instant.
        for part in out.isEmpty ? [0, 0.3, 0.999] : [0] {
            var asked = lane
            let moment = now + .nanoseconds(Int64(Double(now.duration(to: until).nanoseconds - 1) * part))
            let decision = asked.next(now: moment)
            guard case .wait(let again?) = decision, again > moment else {
                Issue.record("seed \(seed): \(decision) at \(part) of the wait")
                return
            }
        }
        var woken = lane
        if case .wait(let later?) = woken.next(now: until) { #expect(later > until, "seed \(seed)") }
    }

    private mutating func answer(_ result: CallResult) {
        let id = out.remove(at: Int.random(in: 0..<out.count, using: &random))
        switch lane.settle(id, result, now: now, random: random.unit()) {
        case .continues: break
        case .over, .exhausted: open -= 1
        }
    }

    private mutating func result() -> CallResult {
        var word = ProviderWord()
        if random.unit() < 0.2 { word.retryAt = now + .milliseconds(Int.random(in: -100...2_000, using: &random)) }
        if random.unit() < 0.2 { word.limit = Int.random(in: 0...15, using: &random) }
        if random.unit() < 0.2 { word.remaining = Int.random(in: -1...10, using: &random) }
        if random.unit() < 0.2 { word.resetAt = now + .milliseconds(Int.random(in: -100...2_000, using: &random)) }
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return .failed(key(), word)
        case 1: return .unreachable
        case 2: return .throttled(word)
        case 3: return .queued(word)
        case 4: return .reauthorize
        case 5: return .unauthorized
        case 6: return .withdrawn
        case 7, 8: return .proceed(key(), isCommitted: Bool.random(using: &random), word)
        case 9: return .finished(success: false, word)
        default: return .finished(success: true, word)
        }
    }
}
