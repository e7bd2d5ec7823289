/// Holds every call against one limit, whether or not the limit is enforced.
///
/// Two questions are answered apart. *Violations*: would an exact sliding log have refused the call, a refused call taking
/// no place? *Peak*: how many calls arrived in any one window, refused ones included?
struct LimitAudit: Sendable {
    struct Record: Sendable {
        var calls = 0
        var violations = 0
        /// The most arrivals in any window of the limit's length.
        var peak = 0
        var first: Int64 = 0
        var last: Int64 = 0
        /// Arrivals of consecutive windows since the first call; at most ``LimitAudit/windowsKept``.
        var windows: [UInt32] = []
        fileprivate var arrivals = TimeLog()
        fileprivate var accepted = TimeLog()
    }

    static let windowsKept = 4_096

    private(set) var limit: SimulatedLimit
    private(set) var records: [ScopeKey: Record] = [:]

    init(_ limit: SimulatedLimit) {
        self.limit = limit
    }

    /// Changes the number of requests and keeps what was counted, as a provider that changes a limit does.
    mutating func change(requests: Int) {
        limit.requests = max(1, requests)
    }

    /// Counts an arrival and says whether it was one too many.
    mutating func arrival(_ key: ScopeKey, at time: Int64) -> Bool {
        records[key, default: Record()].count(time, limit)
    }

    /// The share of possible calls that were made, over whole windows since the first call; `nil` before the first
    /// window has passed.
    func utilization(of record: Record) -> Double? {
        let whole = record.windows.dropLast()
        guard !whole.isEmpty else { return nil }
        let used = whole.reduce(0.0) { $0 + Double($1) }
        return used / (Double(whole.count) * Double(limit.requests))
    }
}

extension LimitAudit.Record {
    fileprivate mutating func count(_ time: Int64, _ limit: SimulatedLimit) -> Bool {
        // Handlers run side by side: one that arrived first may be counted second, microseconds apart.
        let time = calls == 0 ? time : max(time, last)
        if calls == 0 { first = time }
        last = time
        calls += 1

        let begin = time.subtractingReportingOverflow(limit.length).partialValue
        arrivals.drop(through: begin)
        arrivals.append(time)
        peak = max(peak, arrivals.count)

        let window = Int(clamping: (time - first) / limit.length)
        if window < LimitAudit.windowsKept {
            while windows.count <= window { windows.append(0) }
            windows[window] += 1
        }

        accepted.drop(through: begin)
        guard accepted.count < limit.requests else {
            violations += 1
            return true
        }
        accepted.append(time)
        return false
    }
}
