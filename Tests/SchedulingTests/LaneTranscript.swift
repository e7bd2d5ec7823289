import Scheduling
import Testing

let start = Instant(milliseconds: 1_700_000_000_000)

/// One account's lane with named commands, driven by hand.
struct LaneTranscript {
    /// A ``Decision`` in words.
    enum Event: Equatable {
        case send(String)
        case stale(String)
        case expired(String)
        case superseded(String, by: String)
        case wait(Instant?)
    }

    var lane: AccountLane
    var now = start
    /// Handed to every settlement: waits with full jitter then last half of their bound.
    var random = 0.5
    private var wake: Instant?
    private var ids: [String: WorkID] = [:]
    /// Numbers are used again; the name that came last holds.
    private var names: [WorkID: String] = [:]

    init(_ limits: [RateLimit] = [], _ change: (inout AccountLane.Settings) -> Void = { _ in }) {
        var settings = AccountLane.Settings()
        settings.limits = limits
        change(&settings)
        lane = AccountLane(settings)
    }

    /// Admits a command; by default it is live, of an entity of its own, and decided now.
    mutating func add(
        _ name: String,
        entity: UInt128? = nil,
        _ kind: Work.Class = .live,
        flow: UInt64 = 0,
        time: Instant? = nil,
        expiry: Instant? = nil,
        endpoint: Int32 = 0,
        path: UInt64 = 0,
        coalesces: Bool = false
    ) {
        let id = lane.admit(
            Work(
                entity: entity ?? UInt128(1_000 + ids.count),
                class: kind,
                flow: flow,
                time: time ?? now,
                expiry: expiry,
                key: RateBudget.Key(endpoint: endpoint, path: path),
                coalesces: coalesces
            )
        )
        ids[name] = id
        names[id] = name
    }

    mutating func next() -> Event {
        switch lane.next(now: now) {
        case .send(let id): .send(name(id))
        case .conclude(let id, .stale): .stale(name(id))
        case .conclude(let id, .expired): .expired(name(id))
        case .conclude(let id, .superseded(let winner)): .superseded(name(id), by: name(winner))
        case .wait(let until): .wait(until)
        }
    }

    /// Everything up to the next wait.
    mutating func all() -> [Event] {
        var events: [Event] = []
        while true {
            let event = next()
            if case .wait(let until) = event {
                wake = until
                return events
            }
            events.append(event)
        }
    }

    /// Lets time pass up to what the lane waited for last; `false` when that is no instant.
    mutating func sleep() -> Bool {
        guard let wake, wake > now else { return false }
        now = wake
        return true
    }

    /// Lets time pass up to an instant, or to what the lane waited for last if that is sooner.
    ///
    /// - Returns: `false` when the instant has come.
    mutating func sleep(atMost limit: Instant) -> Bool {
        if let wake, wake > now, wake < limit {
            now = wake
            return true
        }
        now = limit
        return false
    }

    @discardableResult
    mutating func settle(_ name: String, _ result: CallResult) -> Settlement {
        lane.settle(id(name), result, now: now, random: random)
    }

    mutating func succeed(_ name: String) { settle(name, .finished(success: true, .silent)) }

    @discardableResult
    mutating func fail(_ name: String) -> Settlement { settle(name, .failed(.init(endpoint: 0, path: 0), .silent)) }

    mutating func waiting(_ name: String) -> Waiting { lane.waiting(id(name), now: now) }
    func tally(_ name: String) -> [Int] { [lane.tally(id(name)).attempts, lane.tally(id(name)).deferrals] }

    func id(_ name: String) -> WorkID { ids[name] ?? WorkID(index: -1) }
    private func name(_ id: WorkID) -> String { names[id] ?? "?" }
}
