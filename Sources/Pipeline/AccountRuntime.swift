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
    private var commands = WorkTable()
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
        get { commands[Int(id.index)] }
        set { commands[Int(id.index)] = newValue }
    }

    /// Works on a command in place.
    func update<Value>(_ id: WorkID, _ body: (inout LaneWork) -> Value) -> Value? {
        guard var command = remove(id) else { return nil }
        defer { commands[Int(id.index)] = command }
        return body(&command)
    }

    /// The commands with an id that are here: several of different sources may have the same.
    func find(_ id: String) -> [(WorkID, LaneWork)] {
        all.filter { $0.1.task.isNamed(id) }
    }

    /// All work that is here.
    var all: [(WorkID, LaneWork)] {
        commands.indices.compactMap { index in commands[index].map { (WorkID(index: Int32(index)), $0) } }
    }

    /// How long the oldest command has been waiting, in milliseconds.
    func oldest(now: Instant) -> Int64 {
        let oldest = commands.indices.lazy.compactMap { self.commands[$0]?.accepted }.min()
        return oldest.map { max(0, $0.duration(to: now).nanoseconds / 1_000_000) } ?? 0
    }

    func remove(_ id: WorkID) -> LaneWork? {
        defer { commands[Int(id.index)] = nil }
        return commands[Int(id.index)]
    }
}

/// Work by number, in pages: one array of tens of thousands would be copied as it grows, and both copies stay in memory.
private struct WorkTable {
    private var pages: [[LaneWork?]] = []
    private static let pageSize = 128

    /// The numbers that there may be work at.
    var indices: Range<Int> { 0..<pages.count * Self.pageSize }

    subscript(index: Int) -> LaneWork? {
        get {
            let (page, place) = index.quotientAndRemainder(dividingBy: Self.pageSize)
            return page < pages.count ? pages[page][place] : nil
        }
        set {
            let (page, place) = index.quotientAndRemainder(dividingBy: Self.pageSize)
            if newValue == nil, page >= pages.count { return }
            while page >= pages.count { pages.append(Array(repeating: nil, count: Self.pageSize)) }
            pages[page][place] = newValue
        }
    }
}
