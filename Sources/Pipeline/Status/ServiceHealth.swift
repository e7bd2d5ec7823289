/// What probes want to know of a service that reads Kafka.
package struct ServiceHealth: Hashable, Sendable {
    /// `intake`, or the lane's provider.
    package var name: String
    /// Since the reading loop turned last; nothing while it waits for brokers, which no restart would bring back.
    package var idle: Duration
    /// The group has given it its share, which may be nothing.
    package var isAssigned: Bool
    /// Work and budget exist, but nothing moves.
    package var isStuck: Bool

    package init(name: String, idle: Duration, isAssigned: Bool, isStuck: Bool = false) {
        self.name = name
        self.idle = idle
        self.isAssigned = isAssigned
        self.isStuck = isStuck
    }
}

/// What the probes of a process say: pure, of what its services report.
package struct WorkerHealth: Hashable, Sendable {
    /// One reason why a probe does not pass.
    package struct Problem: Hashable, Sendable {
        package var code: String
        package var message: String
    }

    package var isControlRead: Bool
    package var services: [ServiceHealth]

    package init(isControlRead: Bool, services: [ServiceHealth]) {
        self.isControlRead = isControlRead
        self.services = services
    }

    /// Problems that a restart would cure.
    package func liveProblems(patience: Duration = .seconds(30)) -> [Problem] {
        services.filter { $0.idle > patience }.map {
            Problem(code: "poll_loop", message: "\($0.name) has not polled for \($0.idle.components.seconds) s")
        }
    }

    /// Problems that say that this process has no share in the work yet.
    package var readyProblems: [Problem] {
        var problems: [Problem] = []
        if !isControlRead {
            problems.append(Problem(code: "control", message: "the control topic has not been read"))
        }
        for service in services {
            if !service.isAssigned {
                problems.append(Problem(code: "assignment", message: "\(service.name) has no assignment yet"))
            }
            if service.isStuck {
                problems.append(Problem(code: "stuck", message: "\(service.name) does not move although it could"))
            }
        }
        return problems
    }
}

extension LaneService {
    package func health() -> ServiceHealth {
        ServiceHealth(
            name: provider.name,
            idle: awaitsBrokers ? .zero : lastTurn.duration(to: .now),
            isAssigned: isAssigned,
            isStuck: isStuck || isBlocked
        )
    }
}
