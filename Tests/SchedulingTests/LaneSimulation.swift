import Scheduling

/// A provider with an exact sliding window over arrivals, a network with delays, and workers that come and go.
///
/// Events happen in order of simulated time; nothing here knows how the lane decides.
struct LaneSimulation {
    struct Command {
        var number: Int
        var entity: Int
        var isLive: Bool
    }

    var lane: AccountLane
    var now = Instant(milliseconds: 1_700_000_000_000)
    var random: SplitMix
    let settings: AccountLane.Settings
    /// The provider's own windows.
    var provider: [RateLimit]
    /// Arrivals that the provider took, per window key.
    private var arrivals: [String: [Int64]] = [:]
    private(set) var accepted = 0
    private(set) var refused = 0
    private(set) var refusedAt: [Int64] = []
    private(set) var acceptedAt: [Int64] = []
    /// Commands by the entity, in order of their accepted calls.
    private(set) var calls: [Int: [Int]] = [:]
    private(set) var done: Set<Int> = []
    private(set) var conclusions: [Conclusion] = []
    private(set) var exhausted = 0
    private(set) var missedWakes = 0
    var failureRate = 0.0
    var delay: ClosedRange<Int64> = 1_000_000...5_000_000
    var refusalWord: (Int64) -> ProviderWord = { _ in .silent }

    private var payload: [WorkID: Command] = [:]
    private var waiting: [Command] = []
    private enum Event {
        case arrives(WorkID, generation: Int)
        case answered(WorkID, generation: Int, CallResult)
    }
    private var events: [(at: Int64, order: Int, event: Event)] = []
    private var order = 0
    private var generation = 0

    init(settings: AccountLane.Settings, provider: [RateLimit]? = nil, seed: UInt64) {
        self.settings = settings
        self.provider = provider ?? settings.limits
        lane = AccountLane(settings)
        random = SplitMix(state: seed)
    }

    mutating func add(_ command: Command) {
        waiting.append(command)
        let id = lane.admit(
            Work(
                entity: UInt128(command.entity),
                class: command.isLive ? .live : .bulk,
                flow: UInt64(command.entity % 3),
                time: now,
                key: key(command)
            )
        )
        payload[id] = command
    }

    private func key(_ command: Command) -> RateBudget.Key {
        RateBudget.Key(endpoint: Int32(command.entity % 2), path: UInt64(command.entity))
    }

    /// Runs until nothing is left to do, or until the instant.
    mutating func run(until end: Instant? = nil) {
        var wake: Instant?
        while true {
            deciding: while true {
                switch lane.next(now: now) {
                case .send(let id):
                    schedule(random.next(in: delay) / 2, .arrives(id, generation: generation))
                case .conclude(let id, let conclusion):
                    conclusions.append(conclusion)
                    finish(id)
                case .wait(let until):
                    if let until, until <= now { missedWakes += 1 }
                    wake = until
                    break deciding
                }
            }
            events.sort { ($0.at, $0.order) < ($1.at, $1.order) }
            var next = events.first.map { Instant(nanoseconds: $0.at) } ?? .distantFuture
            if let wake { next = min(next, wake) }
            guard next != .distantFuture else { return }
            if let end, next > end {
                now = end
                return
            }
            now = max(now, next)
            if let event = events.first, event.at <= now.nanoseconds {
                events.removeFirst()
                handle(event.event)
            }
        }
    }

    private mutating func schedule(_ delay: Int64, _ event: Event) {
        order += 1
        events.append((now.nanoseconds + delay, order, event))
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .arrives(let id, let sender):
            // A request of a worker that was killed arrives all the same.
            let command = payload[id]
            guard let command else { return }
            let result = arrive(command)
            schedule(random.next(in: delay) / 2, .answered(id, generation: sender, result))
        case .answered(let id, let sender, let result):
            guard sender == generation else { return }
            switch lane.settle(id, result, now: now, random: random.unit()) {
            case .continues: break
            case .over: finish(id)
            case .exhausted:
                exhausted += 1
                finish(id)
            }
        }
    }

    private mutating func arrive(_ command: Command) -> CallResult {
        let instant = now.nanoseconds
        let key = key(command)
        let keys = provider.map { limit in
            switch limit.scope {
            case .account: "\(limit)"
            case .endpoint: "\(limit) \(key.endpoint)"
            case .path: "\(limit) \(key.path)"
            }
        }
        for (limit, key) in zip(provider, keys) {
            let start = instant - limit.per.nanoseconds
            arrivals[key, default: []].removeAll { $0 <= start }
            if arrivals[key, default: []].count >= limit.requests {
                refused += 1
                refusedAt.append(instant)
                return .throttled(refusalWord(instant))
            }
        }
        for key in keys { arrivals[key, default: []].append(instant) }
        accepted += 1
        acceptedAt.append(instant)
        calls[command.entity, default: []].append(command.number)
        if random.unit() < failureRate { return .failed(key, .silent) }
        return .finished(success: true, .silent)
    }

    private mutating func finish(_ id: WorkID) {
        guard let command = payload.removeValue(forKey: id) else { return }
        done.insert(command.number)
        waiting.removeAll { $0.number == command.number }
    }

    /// Another worker takes over what is left, told what the commit's metadata would say.
    mutating func handOver(isClean: Bool) {
        if isClean {
            lane.isPaused = true
            run(until: now + .seconds(1))
        }
        let state = lane.budget.handOver(now: now)
        generation += 1
        lane = AccountLane(settings)
        lane.budget.takeOver(state, usedUntil: isClean ? nil : now, now: now)
        // Requests on their way keep their place in the provider's count, answers have nobody to read them.
        for (_, _, event) in events {
            if case .arrives(let id, _) = event, let command = payload[id] { _ = arrive(command) }
        }
        events = []
        payload = [:]
        let left = waiting
        waiting = []
        for command in left { add(command) }
    }
}

/// SplitMix64, so that a failing schedule can be run again from its seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func unit() -> Double { Double.random(in: 0..<1, using: &self) }
    mutating func next(in range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }
}
