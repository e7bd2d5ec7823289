import DequeModule

/// The commands of a partition that are finished or being worked on, by a hash of source, id and number of replays.
///
/// Bounded: beyond the capacity the oldest are forgotten.
package struct FinishedCommands: Sendable {
    private let capacity: Int
    private var known: Set<UInt128> = []
    private var order: Deque<UInt128> = []

    /// - Parameter capacity: commands remembered, setting `lanes.dedupMemory`.
    package init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    package var count: Int { known.count }

    /// Remembers a command.
    ///
    /// - Returns: `false` when it was known already.
    package mutating func insert(_ command: UInt128) -> Bool {
        guard known.insert(command).inserted else { return false }
        if order.count >= capacity { known.remove(order.removeFirst()) }
        order.append(command)
        return true
    }

    /// Forgets a command that was put aside and will come again.
    package mutating func remove(_ command: UInt128) {
        known.remove(command)
    }

    package func contains(_ command: UInt128) -> Bool {
        known.contains(command)
    }
}
