extension AccountLane {
    /// Why a piece of work is not being sent.
    package mutating func waiting(_ id: WorkID, now: Instant) -> Waiting {
        let item = items[Int(id.index)]
        if item.isOut, let reservation = item.reservation {
            return .inFlight(since: Instant(nanoseconds: reservation.sentAt))
        }
        let entity = entities[Int(item.entity)]
        if entity.isOut {
            // A bulk command that is out goes before a live one that came meanwhile.
            let heads = [entity.current, entity.liveHead, entity.bulkHead]
            let out = heads.first { $0 != Self.none && items[Int($0)].isOut }
            return .behind(WorkID(index: out ?? entity.head))
        }
        if entity.head != id.index { return .behind(WorkID(index: entity.head)) }
        if isPaused { return .paused }
        let opening = breaker.opening(now: now)
        if let wait = item.wait {
            // What opens later is what it waits for.
            if let at = item.notBefore, case .at(let until) = opening, until > at {
                return .breaker(breaker.reason ?? .failures, until: until)
            }
            return wait
        }
        switch opening {
        case .at(let until): return .breaker(breaker.reason ?? .failures, until: until)
        case .afterAnswer: return .breaker(breaker.reason ?? .failures, until: nil)
        case .now: break
        }
        if let closure = budget.closure(item.work.key, now: now) { return .throttled(closure) }
        switch Opening.later(
            budget.accountOpening(now: now),
            budget.endpointOpening(item.work.key.endpoint, now: now)
        ) {
        case .at(let until): return .limit(until: until)
        case .afterAnswer: return .limit(until: nil)
        case .now: return inFlight >= concurrency.limit ? .concurrency : .turn
        }
    }
}
