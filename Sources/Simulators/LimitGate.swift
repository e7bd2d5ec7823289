/// Refuses calls beyond one limit, the way the provider counts.
struct LimitGate: Sendable {
    struct Decision: Sendable {
        var allowed: Bool
        /// Calls left in the window, this one taken off when it is allowed.
        var remaining: Int
        /// How long until a refused call would pass; nanoseconds.
        var wait: Int64
    }

    private enum Count: Sendable {
        case log(TimeLog)
        case window(start: Int64, used: Int)
        case bucket(tokens: Double, filled: Int64)
    }

    private(set) var limit: SimulatedLimit
    let algorithm: LimitAlgorithm
    private var counts: [ScopeKey: Count] = [:]

    init(_ limit: SimulatedLimit, _ algorithm: LimitAlgorithm) {
        self.limit = limit
        self.algorithm = algorithm
    }

    /// Changes the number of requests and keeps what was counted.
    mutating func change(requests: Int) {
        limit.requests = max(1, requests)
    }

    /// Looks at a call; with `take` an allowed call takes its place.
    mutating func decide(_ key: ScopeKey, at time: Int64, take: Bool) -> Decision {
        let length = limit.length
        switch counts.removeValue(forKey: key) ?? fresh(time) {
        case .log(var log):
            log.drop(through: time.subtractingReportingOverflow(length).partialValue)
            let allowed = log.count < limit.requests
            // After a limit was lowered more than one old call has to leave the window.
            let leaving = log.instant(at: log.count - limit.requests) ?? time
            if allowed, take { log.append(time) }
            counts[key] = .log(log)
            let remaining = max(0, limit.requests - log.count)
            return Decision(allowed: allowed, remaining: remaining, wait: leaving + length - time)
        case .window(var start, var used):
            if time - start >= length {
                start = time - time % length
                used = 0
            }
            let allowed = used < limit.requests
            if allowed, take { used += 1 }
            counts[key] = .window(start: start, used: used)
            return Decision(allowed: allowed, remaining: max(0, limit.requests - used), wait: start + length - time)
        case .bucket(var tokens, let filled):
            let rate = Double(limit.requests) / Double(length)
            tokens = min(Double(limit.requests), tokens + Double(max(0, time - filled)) * rate)
            let allowed = tokens >= 1
            let wait = allowed ? 0 : Int64(((1 - tokens) / rate).rounded(.up))
            if allowed, take { tokens -= 1 }
            counts[key] = .bucket(tokens: tokens, filled: max(time, filled))
            return Decision(allowed: allowed, remaining: Int(tokens), wait: wait)
        }
    }

    private func fresh(_ time: Int64) -> Count {
        switch algorithm {
        case .slidingLog: .log(TimeLog())
        case .fixedWindow: .window(start: time - time % limit.length, used: 0)
        case .tokenBucket: .bucket(tokens: Double(limit.requests), filled: time)
        }
    }
}
