import DequeModule

/// When the latest live command was applied to each entity, so that older bulk commands are not sent.
///
/// Bounded: beyond the capacity the entities noted first are forgotten.
package struct StaleFence: Sendable {
    private let capacity: Int
    private var times: [UInt128: Instant] = [:]
    private var order: Deque<UInt128> = []

    package init(capacity: Int = 200_000) {
        self.capacity = max(1, capacity)
    }

    package mutating func note(_ entity: UInt128, time: Instant) {
        if let known = times[entity] {
            times[entity] = max(known, time)
            return
        }
        if times.count >= capacity { times[order.removeFirst()] = nil }
        times[entity] = time
        order.append(entity)
    }

    package func isStale(_ entity: UInt128, time: Instant) -> Bool {
        times[entity].map { time < $0 } ?? false
    }
}
