/// One window's limit as it is in force: at most the configured one, less where the provider grants less.
struct RateRule: Sendable {
    let limit: RateLimit
    /// The window's length in nanoseconds.
    let per: Int64
    /// Calls per window now granted, 1...limit.requests.
    private(set) var effective: Int
    /// The most calls that a window is known to have held without a refusal.
    private(set) var proven: Int
    /// When a call beyond `effective` is tried, while `effective` is below the configured limit.
    private(set) var probeAt: Int64
    /// When a refusal showed the limit exactly, but for the calls that were out then.
    private var measuredAt = Int64.min
    /// The limit named by the provider's own headers, if any: then nothing needs to be tried out.
    private(set) var told: Int?

    init(_ limit: RateLimit) {
        self.limit = limit
        per = max(1, limit.per.nanoseconds)
        effective = max(1, limit.requests)
        proven = 0
        probeAt = .max
    }

    var ceiling: Int { max(1, limit.requests) }
    var isReduced: Bool { effective < ceiling }

    /// The distance of paced calls.
    ///
    /// While the limit is being found again it is half of the regular one, since calls that find more room come on top
    /// of those that use what is known.
    func interval(now: Int64) -> Int64 {
        isClimbing(now) ? per / Int64(2 * ceiling) : per / Int64(effective)
    }

    func isClimbing(_ now: Int64) -> Bool {
        isReduced && told == nil && probeAt <= now
    }

    /// The limit for the next call of a log, one more than in force when it is time to try.
    func grant(for log: CallLog, now: Int64) -> Int {
        isClimbing(now) && !log.isProbing ? effective + 1 : effective
    }

    mutating func accepted(used: Int, isProbe: Bool, sentAt: Int64) {
        // What was out when a refusal measured the limit and was accepted belongs to what the provider grants.
        if isProbe || sentAt < measuredAt, effective < ceiling { effective += 1 }
        proven = max(proven, min(used, effective))
    }

    /// Takes in a refusal, `answered` being the calls of the last window that the provider took and `out` those that it
    /// may have taken.
    ///
    /// While more was being tried, one less than tried is what the provider grants. Otherwise fewer accepted calls than
    /// granted show its limit exactly; and if there were as many, it was lowered since, nobody knows how far, and half
    /// is the guess from which ``grant(for:now:)`` climbs.
    mutating func refused(answered: Int, out: Int, isProbe: Bool, reopensAt: Int64, now: Int64) {
        measuredAt = .min
        let before = effective
        if isProbe || isClimbing(now) {
            effective = max(1, min(isProbe ? effective : effective - 1, answered + out))
            probeAt = reopensAt.clampedAdding(probeInterval)
        } else if answered * 10 < effective * 9 {
            effective = max(1, answered)
            measuredAt = now
            probeAt = reopensAt.clampedAdding(probeInterval)
        } else {
            effective = max(1, effective / 2)
            probeAt = reopensAt.clampedAdding(per)
        }
        proven = min(proven, effective)
        if told != nil, effective < before { told = nil }
    }

    /// Takes the limit from the provider's headers, never above the configured one.
    mutating func tell(_ requests: Int) {
        guard requests >= 1 else { return }
        told = requests
        effective = min(ceiling, requests)
    }

    mutating func restore(effective: Int, proven: Int, now: Int64) {
        self.effective = effective <= 0 ? ceiling : min(ceiling, effective)
        self.proven = max(0, min(self.effective, proven))
        if isReduced { probeAt = now.clampedAdding(probeInterval) }
    }

    /// 45 s, or three quarters of a longer window: a limit that comes back is found within two minutes, and
    /// one refusal a minute is what looking for it costs.
    private var probeInterval: Int64 { max(45_000_000_000, per / 4 * 3) }
}

extension Int64 {
    func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
