/// How far a replay has come in one partition of the dead letters.
struct ReplayCursor {
    /// The next letter to look at.
    var next: Int64
    /// Where the round ends.
    let end: Int64
    var committed: Int64?
    /// Letters that an earlier run wrote and could not commit.
    var replayed: Set<LetterPlace> = []
    /// What the earlier run's bookmark says; it holds until all letters of that run have been passed.
    var earlierTargets: [String: [Int64]] = [:]

    init(next: Int64, end: Int64, committed: Int64?) {
        self.next = next
        self.end = end
        self.committed = committed
    }

    var isAtEnd: Bool { next >= end }

    /// Where letters of this partition may stand that a commit at `handled` does not cover.
    func targets(at handled: Int64, now: [String: [Int64]]) -> [String: [Int64]] {
        replayed.contains { $0.offset >= handled } ? earlierTargets : now
    }
}
