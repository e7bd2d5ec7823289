internal import KafkaClient
internal import Messages
internal import Scheduling

/// Keeps a replayed command from running again once any of its runs has succeeded, whichever number it had.
///
/// What succeeded before is learned from the results topic when the first replay comes, and never where none does;
/// replays wait for it meanwhile. The exact same run is told by ``FinishedCommands`` alone.
struct ReplayGuard: Sendable {
    enum Verdict: Hashable {
        case run, drop
        /// Kept here until ``learned(_:)``; `isFirst` asks for the reading.
        case wait(isFirst: Bool)
    }

    private enum Knowledge {
        /// Moves to `reading` with the first replay.
        case none
        /// Moves to `complete` when the results have been read.
        case reading
        /// Final.
        case complete
    }

    private var knowledge = Knowledge.none
    private var succeeded: FinishedCommands
    private var waiting: [KafkaRecord] = []

    /// - Parameter capacity: commands remembered; beyond it the oldest are forgotten.
    init(capacity: Int) {
        succeeded = FinishedCommands(capacity: capacity)
    }

    var isReading: Bool { knowledge == .reading }

    /// Decides about a replayed command.
    mutating func judge(_ command: UInt128, _ record: KafkaRecord) -> Verdict {
        switch knowledge {
        case .complete:
            return succeeded.contains(command) ? .drop : .run
        case .none, .reading:
            let isFirst = knowledge == .none
            knowledge = .reading
            waiting.append(record)
            return .wait(isFirst: isFirst)
        }
    }

    /// Notes an outcome of ours in the results topic.
    ///
    /// Before the reading it is not needed: the outcome stands where the reading will find it.
    mutating func note(_ command: UInt128) {
        if knowledge != .none { _ = succeeded.insert(command) }
    }

    /// Takes in what the results topic holds.
    ///
    /// - Returns: the replays that have waited for it, in order.
    mutating func learned(_ commands: [UInt128]) -> [KafkaRecord] {
        for command in commands { _ = succeeded.insert(command) }
        knowledge = .complete
        defer { waiting = [] }
        return waiting
    }

    /// A command whichever run of it: the hash of its source and id.
    static func hash(_ command: CommandReference) -> UInt128 {
        var hash = Hash128()
        hash.combine(command.source ?? "")
        hash.combine(command.id)
        return hash.value
    }
}
