/// One configured window over all keys of its scope: one rule, one log a key.
struct Window<Key: Hashable & Sendable>: Sendable {
    var rule: RateRule
    var logs: [Key: CallLog] = [:]
    /// What is known of no key: every log is full until then, since an owner before us may have filled it.
    private var fullUntil = Int64.min
    private var refusedAt = Int64.min

    init(_ limit: RateLimit) {
        rule = RateRule(limit)
    }

    mutating func opening(_ key: Key, _ now: Int64) -> Opening {
        guard now >= fullUntil else { return .at(Instant(nanoseconds: fullUntil)) }
        guard let place = logs.index(forKey: key) else { return .now }
        logs.values[place].expire(now)
        let grant = rule.grant(for: logs.values[place], now: now)
        let opening = logs.values[place].opening(limit: grant, proven: rule.proven, now: now)
        if opening != .now, logs.values[place].used >= grant, !logs.values[place].isSaturated {
            logs.values[place].pace(from: now)
        }
        // While the limit is reduced, the instant at which more is tried is a reason to wake up, too.
        if case .at(let instant) = opening, rule.isReduced, rule.told == nil, rule.probeAt > now {
            return .at(min(instant, Instant(nanoseconds: rule.probeAt)))
        }
        return opening
    }

    /// - Returns: whether the call goes beyond the limit in force, to find out whether there is more.
    mutating func take(_ key: Key, _ now: Int64) -> Bool {
        let rule = rule
        return change(key) { log in
            log.expire(now)
            let isProbe = log.used >= rule.effective
            if isProbe { log.isProbing = true }
            log.take(interval: rule.interval(now: now), now: now)
            return isProbe
        }
    }

    mutating func counted(_ key: Key, _ call: RateBudget.Reservation, _ now: Int64) {
        guard let place = logs.index(forKey: key) else { return }
        let probed = call.isProbe && logs.values[place].isProbing
        if probed { logs.values[place].isProbing = false }
        logs.values[place].expire(now)
        logs.values[place].answered(releaseAt: now.clampedAdding(rule.per))
        rule.accepted(used: logs.values[place].releases.count, isProbe: probed, sentAt: call.sentAt)
    }

    mutating func refund(_ key: Key, _ isProbe: Bool) {
        guard let place = logs.index(forKey: key) else { return }
        if isProbe { logs.values[place].isProbing = false }
        logs.values[place].refund()
    }

    mutating func refused(_ key: Key, _ call: RateBudget.Reservation, _ reopens: Int64, _ now: Int64) {
        // One lowering for one change of the provider's: answers of calls that were out together say the same.
        guard call.sentAt >= refusedAt else { return }
        refusedAt = now
        let (answered, out, isProbe) = change(key) { log in
            log.expire(now)
            // While a probe is out, the refusal of any call is the probe's doing, whose own success then proves nothing.
            let isProbe = call.isProbe || log.isProbing
            log.isProbing = false
            log.pace(from: max(now, reopens))
            return (log.releases.count, log.inFlight, isProbe)
        }
        rule.refused(answered: answered, out: out, isProbe: isProbe, reopensAt: reopens, now: now)
    }

    mutating func heed(_ word: ProviderWord, _ key: Key, _ now: Int64) {
        if let limit = word.limit { rule.tell(limit) }
        // What is left by the provider's count but not by ours was used by somebody else.
        guard let remaining = word.remaining, remaining >= 0 else { return }
        let rule = rule
        change(key) { log in
            log.expire(now)
            let foreign = min(rule.effective, word.limit ?? rule.effective) - remaining - log.used
            let latest = now.clampedAdding(rule.per)
            log.hold(foreign, until: min(latest, max(now, word.resetAt?.nanoseconds ?? latest)))
        }
    }

    /// Changes a key's log in place: one that is taken out, changed and put back is copied with all its slots.
    private mutating func change<Value>(_ key: Key, _ body: (inout CallLog) -> Value) -> Value {
        body(&logs[key, default: CallLog()])
    }

    /// Whether more is being tried than the provider is known to grant.
    func isTrying(_ key: Key, _ now: Int64) -> Bool {
        rule.isClimbing(now) || logs[key]?.isProbing ?? false
    }

    /// The share of the limit in use, in thousandths.
    func fullness(_ key: Key) -> Int {
        (logs[key]?.used ?? 0) * 1_000 / rule.effective
    }

    mutating func forgetIdle(_ now: Int64) {
        var place = logs.startIndex
        while place != logs.endIndex {
            logs.values[place].expire(now)
            logs.formIndex(after: &place)
        }
        logs = logs.filter { !$0.value.isIdle }
    }

    func inForce() -> LimitInForce {
        LimitInForce(
            configured: rule.limit,
            effective: rule.effective,
            used: logs.values.reduce(0) { $0 + $1.used }
        )
    }

    // MARK: Changing owners

    /// The one log of an account in full, or only when the last of many logs is empty.
    func state(_ now: Int64, closedUntil: Int64?) -> WindowState {
        var held: [WindowState.Held] = []
        var unlisted = max(fullUntil, closedUntil ?? .min)
        if Key.self != Int32.self, Key.self != UInt64.self, let log = logs.values.first {
            held = WindowState.Held.summary(of: log.releases, now: now)
            if log.inFlight > 0 { held.append(.init(count: log.inFlight, until: now.clampedAdding(rule.per))) }
        } else {
            for log in logs.values {
                unlisted = max(unlisted, log.inFlight > 0 ? now.clampedAdding(rule.per) : log.lastRelease ?? .min)
            }
        }
        return WindowState(
            effective: rule.isReduced ? rule.effective : 0,
            proven: rule.proven,
            held: held,
            fullUntil: unlisted > now ? unlisted : 0
        )
    }

    mutating func takeOver(_ state: WindowState?, _ only: Key?, _ usedUntil: Int64?, _ now: Int64) {
        let unknown = usedUntil.map { $0.clampedAdding(rule.per) }
        if let state {
            rule.restore(effective: state.effective, proven: state.proven, now: now)
            fullUntil = max(fullUntil, state.fullUntil)
        }
        guard let only else {
            if let unknown { fullUntil = max(fullUntil, unknown) }
            return
        }
        var log = CallLog()
        for held in state?.held ?? [] where held.until > now { log.hold(held.count, until: held.until) }
        if let unknown, unknown > now { log.hold(rule.ceiling - log.used, until: unknown) }
        logs[only] = log
    }
}
