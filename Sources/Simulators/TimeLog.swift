/// Instants in order, oldest dropped first.
struct TimeLog: Sendable {
    private var times: [Int64] = []
    private var head = 0

    var count: Int { times.count - head }
    var first: Int64? { count > 0 ? times[head] : nil }

    /// The instant `offset` places after the oldest.
    func instant(at offset: Int) -> Int64? {
        offset >= 0 && offset < count ? times[head + offset] : nil
    }

    mutating func append(_ time: Int64) {
        times.append(time)
    }

    /// Drops what lies at or before `limit`.
    mutating func drop(through limit: Int64) {
        while head < times.count, times[head] <= limit {
            head += 1
        }
        if head == times.count {
            times.removeAll(keepingCapacity: times.capacity <= 64)
            head = 0
        } else if head > 1_024, head > times.count / 2 {
            times.removeFirst(head)
            head = 0
        }
    }
}

/// What one limit counts separately.
struct ScopeKey: Hashable, Sendable {
    var account: UInt32
    /// Empty for the scope `account`; else method and path or template.
    var path: String
}
