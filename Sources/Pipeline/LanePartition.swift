internal import Scheduling

/// One partition of a lane: its live and its bulk topic, which always have the same owner.
struct LanePartition: Sendable {
    /// One of the two topics.
    struct Side: Sendable {
        var ledger: OffsetLedger
        /// Bytes of records read and not finished.
        var bytes = 0
        var isPaused = false
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
    /// Commands of the live topic that outcomes show as applied although the commit does not.
    var recovered: Set<UInt128> = []
    /// How far commands that are yet to be read had come with the last owner.
    var retries: [RecordSource: CommitMetadata.Retry] = [:]
    /// Campaigns of which members wait in the parked topic.
    var parked: Set<String> = []
    /// How far the outcome topics held our outcomes, by topic and partition.
    var positions: [OutcomePartition: Int64] = [:]

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

    mutating func note(_ place: OutcomePartition, _ offset: Int64) {
        positions[place] = max(positions[place] ?? 0, offset)
    }

    var isIdle: Bool { (live?.ledger.open ?? 0) + (bulk?.ledger.open ?? 0) == 0 }
}
