import HeapModule

extension AccountLane {
    /// What to do now; to be asked again until it says to wait.
    package mutating func next(now: Instant) -> Decision {
        while let end = restEnds.min, end.at <= now {
            restEnds.removeMin()
            if let until = resting[end.entity], until <= now { resting[end.entity] = nil }
        }
        while let timer = timers.min, timer.at <= now {
            timers.removeMin()
            guard entities[Int(timer.entity)].ticket == timer.ticket else { continue }
            items[Int(entities[Int(timer.entity)].head)].notBefore = nil
            enqueue(timer.entity)
        }
        guard !live.isEmpty || !bulk.isEmpty else { return .wait(until: timers.min?.at) }
        guard !isPaused else { return .wait(until: nil) }

        while true {
            switch gate(now: now) {
            case .now: break
            case .at(let instant): return .wait(until: earliest(instant))
            case .afterAnswer: return .wait(until: timers.min?.at)
            }
            var endpointWake: Instant?
            guard let entry = pop(now: now, &endpointWake) else {
                return .wait(until: endpointWake.map { earliest($0) } ?? timers.min?.at)
            }
            if let decision = decide(entry, now: now) { return decision }
        }
    }

    /// Whether the account may send at all: breaker, calls out at once, its own windows.
    private mutating func gate(now: Instant) -> Opening {
        let opening = breaker.opening(now: now)
        guard opening == .now else { return opening }
        guard inFlight < concurrency.limit else { return .afterAnswer }
        return budget.accountOpening(now: now)
    }

    private func earliest(_ instant: Instant) -> Instant {
        timers.min.map { min($0.at, instant) } ?? instant
    }

    /// Takes the entity whose turn it is: live first, but for the share of bulk work.
    private mutating func pop(now: Instant, _ wake: inout Instant?) -> ReadyQueue.Entry? {
        var openings: [(endpoint: Int32, isOpen: Bool)] = []
        var soonest: Instant?
        func isOpen(_ endpoint: Int32) -> Bool {
            if let known = openings.first(where: { $0.endpoint == endpoint }) { return known.isOpen }
            let opening = budget.endpointOpening(endpoint, now: now)
            if case .at(let instant) = opening { soonest = soonest.map { min($0, instant) } ?? instant }
            openings.append((endpoint, opening == .now))
            return opening == .now
        }
        func isFlowOpen(_ flow: UInt64) -> Bool {
            guard !heldFlows.contains(flow) else { return false }
            guard let rate = flowRates[flow], rate.next > now else { return true }
            soonest = soonest.map { min($0, rate.next) } ?? rate.next
            return false
        }
        defer { wake = soonest }
        let bulkIsDue = bulkCredit >= 1 && bulk.hasOpen(isOpen, isFlowOpen: isFlowOpen)
        if !bulkIsDue, let entry = live.pop(isOpen: isOpen) { return entry }
        if let entry = bulk.pop(isOpen: isOpen, isFlowOpen: isFlowOpen) { return entry }
        return bulkIsDue ? live.pop(isOpen: isOpen) : nil
    }

    /// Sends the entity's head, ends it without a call, or puts it aside; `nil` when another entity is to be tried.
    private mutating func decide(_ entry: ReadyQueue.Entry, now: Instant) -> Decision? {
        let entity = entities[Int(entry.entity)]
        guard entity.ticket == entry.ticket, !entity.isOut else { return nil }
        let index = entity.head
        let item = items[Int(index)]
        if !item.isCommitted, let conclusion = conclusion(item, now: now) {
            remove(index)
            return .conclude(WorkID(index: index), conclusion)
        }
        if budget.hasPathWindows || !budget.isUnlimited {
            switch budget.pathOpening(item.work.key.path, now: now) {
            case .now: break
            case .at(let instant):
                let closure = budget.closure(item.work.key, now: now)
                hold(index, until: instant, closure.map(Waiting.throttled) ?? .limit(until: instant))
                return nil
            case .afterAnswer:
                entities[Int(entry.entity)].ticket &+= 1
                items[Int(index)].wait = .limit(until: nil)
                pathBlocked.append(entry.entity)
                return nil
            }
        }
        share(item.work.class)
        if !flowRates.isEmpty, item.work.class == .bulk, let rate = flowRates[item.work.flow] {
            flowRates[item.work.flow]?.next = max(rate.next, now) + rate.interval
        }
        entities[Int(entry.entity)].isOut = true
        inFlight += 1
        items[Int(index)].isOut = true
        items[Int(index)].isBreakerProbe = breaker.send()
        items[Int(index)].reservation = budget.take(item.work.key, now: now)
        return .send(WorkID(index: index))
    }

    private func conclusion(_ item: Item, now: Instant) -> Conclusion? {
        if let expiry = item.work.expiry, expiry <= now { return .expired }
        if item.work.class == .bulk, fence.isStale(item.work.entity, time: item.work.time) { return .stale }
        guard item.work.coalesces, item.next != Self.none else { return nil }
        var winner: Int32?
        var following = item.next
        while following != Self.none, items[Int(following)].work.coalesces {
            winner = following
            following = items[Int(following)].next
        }
        return winner.map { .superseded(by: WorkID(index: $0)) }
    }

    /// Keeps the account of bulk work's share, while both kinds wait.
    private mutating func share(_ sent: Work.Class) {
        switch sent {
        case .live where !bulk.isEmpty: bulkCredit = min(bulkCredit + settings.bulkShare / (1 - settings.bulkShare), 2)
        case .live: bulkCredit = 0
        case .bulk where !live.isEmpty: bulkCredit = max(0, bulkCredit - 1)
        case .bulk: break
        }
    }
}
