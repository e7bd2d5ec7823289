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

    /// What is known of a campaign; `nil` when that is nothing.
    package func campaign(_ id: String) -> Campaign? {
        var status: JobStatus?
        var plan: CampaignPlan?
        if case .job(let found)? = latest[Array("campaign/\(id)".utf8)] { status = found }
        if case .campaignPlan(let found)? = latest[Array("campaign/\(id)/plan".utf8)] { plan = found }
        return Campaign(status: status, plan: plan)
    }

    /// All campaigns, the latest first.
    package var campaigns: [Campaign] {
        var ids: Set<String> = []
        for message in latest.values {
            switch message {
            case .job(let job) where job.kind == .campaign: ids.insert(job.id)
            case .campaignPlan(let plan): ids.insert(plan.campaign)
            case .job, .member, .importPart: break
            }
        }
        return ids.compactMap { campaign($0) }
            .sorted { ($1.status.startedAt, $0.status.id) < ($0.status.startedAt, $1.status.id) }
    }

    /// How far a campaign is, and what its expansion came to once that is done.
    package struct Campaign: Hashable, Sendable {
        package var status: JobStatus
        package var plan: CampaignPlan?

        /// - Parameter status: `nil` while no worker has counted it.
        init?(status: JobStatus?, plan: CampaignPlan?) {
            self.plan = plan
            if let status {
                self.status = status
                return
            }
            guard let plan else { return nil }
            self.status = JobStatus(
                .campaign,
                id: plan.campaign,
                command: plan.command,
                provider: plan.provider,
                account: plan.account,
                state: .running,
                startedAt: plan.startedAt,
                at: plan.at
            )
            self.status.total = plan.total
            self.status.dryRun = plan.options.dryRun
        }
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
