extension AccountLane {
    /// Why a piece of work is not being sent.
    package mutating func waiting(_ id: WorkID, now: Instant) -> Waiting {
        let item = items[Int(id.index)]
        if item.isOut { return .inFlight }
        let entity = entities[Int(item.entity)]
        if entity.head != id.index { return .behind(WorkID(index: entity.head)) }
        if isPaused { return .paused }
        if let wait = item.wait { return wait }
        switch breaker.opening(now: now) {
        case .at(let until): return .breaker(breaker.reason ?? .failures, until: until)
        case .afterAnswer: return .breaker(breaker.reason ?? .failures, until: nil)
        case .now: break
        }
        if let until = budget.accountClosedUntil(now: now) { return .throttled(until: until) }
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
