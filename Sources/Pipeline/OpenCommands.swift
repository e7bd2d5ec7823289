/// A partition's commands that are not finished, each with the records that came again meanwhile.
///
/// A repeat is finished with its command and not before: where a later owner finds it finished, it takes the command
/// for done.
struct OpenCommands: Sendable {
    /// A record that is over once others of its commands are.
    struct Repeat: Hashable, Sendable {
        var source: RecordSource
        var weight: Int
        /// Commands, or cards, that other records do.
        var commands: [UInt128] = []
    }

    private var repeats: [UInt128: [Repeat]] = [:]

    mutating func open(_ command: UInt128) {
        repeats[command] = []
    }

    /// Lets a repeat wait for one of its commands that is not finished.
    ///
    /// - Returns: `false` when all are finished, and so the repeat with them.
    mutating func wait(_ record: Repeat) -> Bool {
        guard let command = record.commands.first(where: { repeats[$0] != nil }) else { return false }
        repeats[command]?.append(record)
        return true
    }

    /// - Returns: the repeats that waited.
    mutating func finish(_ command: UInt128) -> [Repeat] {
        repeats.removeValue(forKey: command) ?? []
    }
}
