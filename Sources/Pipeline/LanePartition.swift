internal import Scheduling

/// One partition of a lane: its live and its bulk topic, which always have the same owner.
struct LanePartition: Sendable {
    /// One of the two topics.
    struct Side: Sendable {
        var ledger: OffsetLedger
        /// Bytes of records read and not finished.
        var bytes = 0
        var isPaused = false
        /// Records before this offset may have been read by the last owner.
        var rereadEnd: Int64 = 0
        /// The text last committed, so that nothing is written twice.
        var committed: (offset: Int64, metadata: String)?
    }

    let number: Int32
    /// Tells this holding of the partition from earlier and later ones.
    let epoch: Int
    var live: Side?
    var bulk: Side?
    var memory: FinishedCommands
    var open = OpenCommands()
    /// What succeeded, for replays.
    var replays: ReplayGuard
    var isDraining = false
    /// Live commands that were applied before this holding: what the stale fences of its accounts begin with.
    var applied: [Applied] = []
    /// Commands that outcomes show as done although no commit does, until they are read again; and whether they were
    /// applied.
    var recovered: [UInt128: Bool] = [:]
    /// How far commands that are yet to be read had come with the last owner.
    var retries: [RecordSource: CommitMetadata.Retry] = [:]
    /// Campaigns of which members wait in the parked topic.
    var parked: Set<String> = []
    /// How far the outcome topics held our outcomes, by topic and partition.
    private(set) var positions: [OutcomePartition: Int64] = [:]
    /// As the last owner left them.
    private(set) var inherited: [OutcomePartition: Int64] = [:]

    struct Applied: Sendable {
        var account: String
        var entity: UInt128
        var time: Instant
    }

    struct OutcomePartition: Hashable, Sendable {
        var topic: UInt8
        var partition: Int32
    }

    subscript(class: Work.Class) -> Side? {
        get {
            switch `class` {
            case .live: live
            case .bulk: bulk
            }
        }
        set {
            switch `class` {
            case .live: live = newValue
            case .bulk: bulk = newValue
            }
        }
    }

    /// From where on a later owner has to read outcomes that are not part of a commit.
    ///
    /// What only outcomes show is in no commit before it was read again.
    var committedPositions: [OutcomePartition: Int64] {
        let isAhead = [live, bulk].allSatisfy { side in side.map { $0.ledger.end >= $0.rereadEnd } ?? true }
        return recovered.isEmpty || isAhead ? positions : inherited
    }

    mutating func inherit(_ place: OutcomePartition, _ offset: Int64) {
        inherited[place] = offset
        note(place, offset)
    }

    mutating func note(_ place: OutcomePartition, _ offset: Int64) {
        positions[place] = max(positions[place] ?? 0, offset)
    }

    var isIdle: Bool { (live?.ledger.open ?? 0) + (bulk?.ledger.open ?? 0) == 0 }
}
