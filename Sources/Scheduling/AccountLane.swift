import DequeModule
import HeapModule

/// Decides what one account's lane does next.
///
/// Time and chance come in as arguments and work leaves as a ``Decision``: no clock, socket or task. One call per entity
/// is out at a time, the entity's commands go in order, live before bulk, and a command that waits holds its own
/// entity only.
package struct AccountLane: Sendable {
    package struct Settings: Hashable, Sendable {
        package var limits: [RateLimit] = []
        package var concurrency = 16
        package var retry = RetryPolicy()
        package var queued = QueuedPolicy()
        package var breaker = Breaker.Settings()
        package var deadLetters = DeadLetterBudget.Settings()
        /// The part of the calls promised to bulk work while live work waits, 0...0.9.
        package var bulkShare = 0.1
        package var fenceCapacity = 200_000

        package init() {}
    }

    /// Work waiting or out.
    struct Item: Sendable {
        var work: Work
        var entity: Int32
        var next = none
        var sequence: UInt64
        var attempts: Int32 = 0
        var deferrals: Int32 = 0
        var queuedAnswers: Int32 = 0
        /// The change is made and only looking at it is left, so that nothing can take its place any more.
        var isCommitted = false
        /// Not before this instant, for a retry.
        var notBefore: Instant?
        /// It failed while others succeeded, so its failures say nothing about the provider.
        var isSuspect = false
        var isOut = false
        var isBreakerProbe = false
        var firstFailure: Instant?
        var wait: Waiting?
        var reservation: RateBudget.Reservation?
    }

    struct Entity: Sendable {
        var key: UInt128
        var liveHead = none
        var liveTail = none
        var bulkHead = none
        var bulkTail = none
        var isOut = false
        /// A command between two of its steps, which nothing of the entity comes between.
        var current = none
        /// Changes whenever the entity is put into a queue or takes a timer, which voids earlier entries.
        var ticket: UInt32 = 0

        var isEmpty: Bool { liveHead == none && bulkHead == none }
        /// The item whose turn it is.
        var head: Int32 { current != none ? current : liveHead != none ? liveHead : bulkHead }
    }

    struct Timer: Comparable, Sendable {
        var at: Instant
        var entity: Int32
        var ticket: UInt32

        static func < (left: Timer, right: Timer) -> Bool { left.at < right.at }
    }

    struct RestEnd: Comparable, Sendable {
        var at: Instant
        var entity: UInt128

        static func < (left: RestEnd, right: RestEnd) -> Bool { left.at < right.at }
    }

    /// Calls of one campaign, at even distances.
    struct FlowRate: Sendable {
        var interval: Duration
        /// When the next call may go.
        var next: Instant
    }

    static let none: Int32 = -1

    package let settings: Settings
    package var budget: RateBudget
    package internal(set) var breaker: Breaker
    package var fence: StaleFence
    /// Set by people (`lane pause`) or while the lane drains.
    package var isPaused = false
    var deadLetters: DeadLetterBudget
    var concurrency: AdaptiveConcurrency

    var items: [Item] = []
    var freeItems: [Int32] = []
    var entities: [Entity] = []
    var freeEntities: [Int32] = []
    var entityIndex: [UInt128: Int32] = [:]
    var live = ReadyQueue()
    var bulk = BulkQueue()
    var timers = Heap<Timer>()
    /// Entities whose path waits for an answer of another entity's call.
    var pathBlocked: [Int32] = []
    var sequence: UInt64 = 0
    /// Entities that are left alone for a while, until when, and in the order in which that ends.
    var resting: [UInt128: Instant] = [:]
    var restEnds = Heap<RestEnd>()
    /// Campaigns that may make fewer calls than the account.
    var flowRates: [UInt64: FlowRate] = [:]
    /// Campaigns of which no call may go.
    var heldFlows: Set<UInt64> = []
    /// What bulk work has saved up of its share while live work went first.
    var bulkCredit = 0.0
    package internal(set) var inFlight = 0
    /// Work that is waiting or out.
    package internal(set) var backlog = (live: 0, bulk: 0)
    /// Work that spent an attempt since the account's last success: given back if it was an outage.
    var failedSinceSuccess: [Int32] = []
    var lastSuccess: Instant?
    /// Work whose failures are held against it.
    var suspects: Set<Int32> = []
    /// What ``tally(_:)`` said of the work that was over last.
    package internal(set) var lastTally = (attempts: 0, deferrals: 0)

    package init(_ settings: Settings) {
        self.settings = settings
        budget = RateBudget(settings.limits)
        breaker = Breaker(settings.breaker)
        fence = StaleFence(capacity: settings.fenceCapacity)
        deadLetters = DeadLetterBudget(settings.deadLetters)
        concurrency = AdaptiveConcurrency(ceiling: settings.concurrency)
    }

    package var isIdle: Bool { backlog.live + backlog.bulk == 0 }
    /// Calls that may be out at once now.
    package var concurrencyInForce: Int { concurrency.limit }

    /// Takes in work behind what its entity has waiting.
    package mutating func admit(_ work: Work) -> WorkID {
        let entity = entityIndex[work.entity] ?? makeEntity(work.entity)
        let index = freeItems.popLast() ?? Int32(items.count)
        sequence += 1
        let item = Item(work: work, entity: entity, sequence: sequence)
        if index == items.count { items.append(item) } else { items[Int(index)] = item }

        let headBefore = entities[Int(entity)].head
        switch work.class {
        case .live:
            backlog.live += 1
            let tail = entities[Int(entity)].liveTail
            if tail == Self.none { entities[Int(entity)].liveHead = index } else { items[Int(tail)].next = index }
            entities[Int(entity)].liveTail = index
        case .bulk:
            backlog.bulk += 1
            let tail = entities[Int(entity)].bulkTail
            if tail == Self.none { entities[Int(entity)].bulkHead = index } else { items[Int(tail)].next = index }
            entities[Int(entity)].bulkTail = index
        }
        // A new head means an idle entity, or a live command that goes before the bulk work waiting there.
        if entities[Int(entity)].head != headBefore, !entities[Int(entity)].isOut { enqueue(entity) }
        return WorkID(index: index)
    }

    /// Attempts that failed, and waits that did not count as attempts.
    package func tally(_ id: WorkID) -> (attempts: Int, deferrals: Int) {
        let item = items[Int(id.index)]
        return (Int(item.attempts), Int(item.deferrals))
    }

    /// Work whose attempts are held against it, with the instant of the next one.
    package var retries: [(id: WorkID, attempts: Int, at: Instant?)] {
        suspects.sorted().compactMap { index in
            let item = items[Int(index)]
            return item.attempts > 0 ? (WorkID(index: index), Int(item.attempts), item.notBefore) : nil
        }
    }

    /// Lets work that was just admitted go on where another owner stopped.
    package mutating func resume(_ id: WorkID, attempts: Int, at instant: Instant, now: Instant) {
        let index = Int(id.index)
        // One attempt is left, or a smaller `retry.maxAttempts` would end it without a call.
        items[index].attempts = Int32(clamping: max(0, min(attempts, settings.retry.maxAttempts - 1)))
        items[index].firstFailure = now
        suspect(id.index)
        guard instant > now else { return }
        let wait = Waiting.retry(attempts: Int(items[index].attempts), at: instant)
        if entities[Int(items[index].entity)].head == id.index {
            hold(id.index, until: instant, wait)
        } else {
            items[index].notBefore = instant
            items[index].wait = wait
        }
    }

    /// Holds a command's failures against it.
    mutating func suspect(_ index: Int32) {
        items[Int(index)].isSuspect = true
        suspects.insert(index)
    }

    /// Leaves an entity alone until an instant, as a provider asks for contacts that it has just made.
    package mutating func rest(_ entity: UInt128, until instant: Instant) {
        resting[entity] = max(instant, resting[entity] ?? instant)
        restEnds.insert(RestEnd(at: instant, entity: entity))
    }

    /// Spaces a campaign's calls out.
    ///
    /// - Parameter rate: calls per second, above 0; `nil` for as many as the account may make.
    package mutating func limitFlow(_ flow: UInt64, to rate: Double?, now: Instant) {
        guard let rate, rate > 0 else {
            flowRates[flow] = nil
            return
        }
        let interval = Duration.nanoseconds(Int64(min(1e18, 1e9 / rate)))
        guard flowRates[flow]?.interval != interval else { return }
        flowRates[flow] = FlowRate(interval: interval, next: now)
    }

    /// Keeps a campaign's calls back until ``release(flow:)``.
    package mutating func hold(flow: UInt64) {
        heldFlows.insert(flow)
    }

    package mutating func release(flow: UInt64) {
        heldFlows.remove(flow)
    }

    // MARK: Entities

    private mutating func makeEntity(_ key: UInt128) -> Int32 {
        let index = freeEntities.popLast() ?? Int32(entities.count)
        if index == entities.count {
            entities.append(Entity(key: key))
        } else {
            // The ticket goes on counting, since entries of the former entity may still lie in a queue.
            let ticket = entities[Int(index)].ticket
            entities[Int(index)] = Entity(key: key)
            entities[Int(index)].ticket = ticket
        }
        entityIndex[key] = index
        return index
    }

    /// Puts an entity in line for its head, or lets it wait for its head's retry.
    mutating func enqueue(_ entity: Int32, atFront: Bool = false) {
        let head = entities[Int(entity)].head
        guard head != Self.none else { return }
        entities[Int(entity)].ticket &+= 1
        if !resting.isEmpty, let until = resting[entities[Int(entity)].key] {
            items[Int(head)].notBefore = max(until, items[Int(head)].notBefore ?? until)
            items[Int(head)].wait = .resting(until: until)
        }
        if let instant = items[Int(head)].notBefore {
            timers.insert(Timer(at: instant, entity: entity, ticket: entities[Int(entity)].ticket))
            return
        }
        items[Int(head)].wait = nil
        let item = items[Int(head)]
        let entry = ReadyQueue.Entry(
            entity: entity,
            ticket: entities[Int(entity)].ticket,
            sequence: atFront ? 0 : item.sequence
        )
        switch item.work.class {
        case .live: live.append(entry, endpoint: item.work.key.endpoint, atFront: atFront)
        case .bulk:
            bulk.append(entry, flow: item.work.flow, endpoint: item.work.key.endpoint, atFront: atFront)
        }
    }

    /// Lets a command wait, and with it what comes behind it in its entity.
    mutating func hold(_ index: Int32, until instant: Instant, _ reason: Waiting) {
        items[Int(index)].notBefore = instant
        items[Int(index)].wait = reason
        enqueue(items[Int(index)].entity)
    }

    /// Takes an item, which must be the head of its class, out of its entity.
    mutating func remove(_ index: Int32) {
        let item = items[Int(index)]
        lastTally = (Int(item.attempts), Int(item.deferrals))
        let entity = Int(item.entity)
        if entities[entity].current == index { entities[entity].current = Self.none }
        switch item.work.class {
        case .live:
            backlog.live -= 1
            entities[entity].liveHead = item.next
            if item.next == Self.none { entities[entity].liveTail = Self.none }
        case .bulk:
            backlog.bulk -= 1
            entities[entity].bulkHead = item.next
            if item.next == Self.none { entities[entity].bulkTail = Self.none }
        }
        freeItems.append(index)
        if item.isSuspect { suspects.remove(index) }
        if entities[entity].isEmpty {
            entityIndex[entities[entity].key] = nil
            entities[entity].ticket &+= 1
            freeEntities.append(item.entity)
        } else if !entities[entity].isOut {
            enqueue(item.entity)
        }
    }
}
