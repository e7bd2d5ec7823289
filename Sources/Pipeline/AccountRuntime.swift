internal import Messages
internal import ProviderKit
internal import Scheduling

/// One account in one lane of this worker; belongs to the lane's actor.
final class AccountRuntime {
    let entry: AccountEntry
    let partition: Int32
    let epoch: Int
    let credentials: Credentials
    var lane: AccountLane
    /// The commands of the lane's work, by its number.
    private var commands: [LaneWork?] = []
    /// Who paused it and why, if somebody did.
    var pause: ControlMessage?
    /// The limits in force by settings or by order.
    var limits: [RateLimit]
    /// When the lane wants to be asked again.
    var wake: Instant?
    /// Campaigns that are being expanded, and what started them.
    var expanding: [String: CommandReference] = [:]
    /// Entities whose first command a worker before us may have sent before it vanished: as many as it had calls out,
    /// in the order of their records.
    ///
    /// Those commands are looked up before being sent.
    private var checksLeft: Int
    private var checked: Set<UInt128> = []

    init(entry: AccountEntry, partition: Int32, epoch: Int, credentials: Credentials, checksLeft: Int) {
        self.entry = entry
        self.partition = partition
        self.epoch = epoch
        self.credentials = credentials
        self.checksLeft = checksLeft
        lane = AccountLane(entry.lane)
        limits = entry.lane.limits
    }

    /// Whether a command that was just read has to be looked up first.
    func takesCheck(_ entity: UInt128) -> Bool {
        guard checksLeft > 0, checked.insert(entity).inserted else { return false }
        checksLeft -= 1
        if checksLeft == 0 { checked = [] }
        return true
    }

    subscript(id: WorkID) -> LaneWork? {
        get { Int(id.index) < commands.count ? commands[Int(id.index)] : nil }
        set {
            while Int(id.index) >= commands.count { commands.append(nil) }
            commands[Int(id.index)] = newValue
        }
    }

    /// Works on a command in place.
    func update<Value>(_ id: WorkID, _ body: (inout LaneWork) -> Value) -> Value? {
        guard Int(id.index) < commands.count, var command = commands[Int(id.index)] else { return nil }
        commands[Int(id.index)] = nil
        defer { commands[Int(id.index)] = command }
        return body(&command)
    }

    /// The commands with an id that are here: several of different sources may have the same.
    func find(_ id: String) -> [(WorkID, LaneWork)] {
        commands.enumerated().compactMap { index, work in
            guard let work, work.task.isNamed(id) else { return nil }
            return (WorkID(index: Int32(index)), work)
        }
    }

    /// All work that is here.
    var all: [(WorkID, LaneWork)] {
        commands.enumerated().compactMap { index, work in work.map { (WorkID(index: Int32(index)), $0) } }
    }

    /// How long the oldest command has been waiting, in milliseconds.
    func oldest(now: Instant) -> Int64 {
        let oldest = commands.lazy.compactMap { $0?.accepted }.min()
        return oldest.map { max(0, $0.duration(to: now).nanoseconds / 1_000_000) } ?? 0
    }

    func remove(_ id: WorkID) -> LaneWork? {
        guard Int(id.index) < commands.count else { return nil }
        defer { commands[Int(id.index)] = nil }
        return commands[Int(id.index)]
    }
}
