/// What probes want to know of a service that reads Kafka.
package struct ServiceHealth: Sendable {
    /// `intake`, or the lane's provider.
    package var name: String
    /// Since the reading loop turned last.
    package var idle: Duration
    /// The group has given it its share, which may be nothing.
    package var isAssigned: Bool
    /// Work and budget exist, but nothing moves.
    package var isStuck: Bool
}

extension LaneService {
    package func health() -> ServiceHealth {
        ServiceHealth(
            name: provider.name,
            idle: lastTurn.duration(to: .now),
            isAssigned: isAssigned,
            isStuck: isStuck
        )
    }
}
