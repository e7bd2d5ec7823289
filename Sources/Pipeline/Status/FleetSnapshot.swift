package import KafkaClient
package import Logging
package import Messages
package import Scheduling

/// The latest snapshots of all members, campaigns and imports.
package struct FleetSnapshot: Hashable, Sendable {
    private var latest: [[UInt8]: StatusMessage] = [:]

    package init() {}

    /// Members write at least every 10 s; after three of those one counts as gone.
    package static let patience: Duration = .seconds(30)

    package mutating func take(_ record: KafkaRecord) {
        guard let key = record.key else { return }
        latest[key] = record.value.flatMap { try? StatusMessage(decoding: $0) }
    }

    /// Reads the status topic as it stands.
    package static func read(
        _ kafka: KafkaSettings,
        topics: TopicNames,
        logger: Logger
    ) async throws -> FleetSnapshot {
        var fleet = FleetSnapshot()
        try await TopicScan.read(kafka, logger: logger, topics: [topics.status]) { records in
            for record in records { fleet.take(record) }
            return true
        }
        return fleet
    }

    package var members: [MemberStatus] {
        latest.values.compactMap { if case .member(let member) = $0 { member } else { nil } }
            .sorted { $0.member < $1.member }
    }

    /// Campaigns and imports, the latest first.
    package var jobs: [JobStatus] {
        latest.values.compactMap { if case .job(let job) = $0 { job } else { nil } }
            .sorted { ($1.startedAt, $0.key) < ($0.startedAt, $1.key) }
    }

    /// The member that has an account's lane, by the newest snapshot that says so; it may be gone.
    package func owner(provider: String, account: String) -> Holding? {
        members.compactMap { member in
            member.lanes.first { $0.provider == provider && $0.account == account }.map {
                Holding(member: member, lane: $0)
            }
        }.max { $0.member.at < $1.member.at }
    }

    package struct Holding: Hashable, Sendable {
        package var member: MemberStatus
        package var lane: MemberStatus.Lane
    }
}

extension MemberStatus {
    /// Since its last snapshot.
    package func age(at now: Instant) -> Duration { max(.zero, Instant(at).duration(to: now)) }

    /// It has written a snapshot lately; one that leaves in order takes its own away.
    package func isAlive(at now: Instant) -> Bool { age(at: now) <= FleetSnapshot.patience }
}
