package import KafkaClient
package import Messages
package import Pipeline
package import Scheduling

/// How an installation stands: members, lanes, campaigns and imports, and what is left to do.
///
/// Pure: made of what was read, and turned into tables, sentences and JSON.
package struct FleetReport: Sendable {
    /// One account's lane, whether a worker has it or none.
    package struct Lane: Sendable {
        package var provider: String
        package var account: String
        /// The latest word of the worker that has it, or had it last.
        package var holding: FleetSnapshot.Holding?
        /// That worker has written lately.
        package var isHeld: Bool
        /// Records of its partitions that are not finished; `nil` when the topics do not exist.
        package var live: Int64?
        package var bulk: Int64?
        /// Other accounts' records are counted with them.
        package var isShared: Bool
    }

    package let now: Instant
    package let members: [MemberStatus]
    package let jobs: [JobStatus]
    package let lanes: [Lane]
    /// Commands and imports that intake has not finished.
    package let commands: Int64
    package let imports: Int64

    /// - Parameter backlog: how far the groups of intake and lanes are in each partition of their topics.
    package init(
        _ fleet: FleetSnapshot,
        _ backlog: [TopicPartition: GroupProgress],
        _ catalog: ProviderCatalog,
        topics: TopicNames,
        now: Instant
    ) {
        self.now = now
        members = fleet.members
        jobs = fleet.jobs
        func left(_ topic: String) -> Int64 {
            backlog.filter { $0.key.topic == topic }.reduce(0) { $0 + $1.value.left }
        }
        commands = left(topics.commands)
        imports = left(topics.imports)
        var lanes: [Lane] = []
        for provider in catalog.providers.values.sorted(by: { $0.name < $1.name }) {
            let count = backlog.keys.count { $0.topic == topics.live(provider.name) }
            let homes = Dictionary(grouping: provider.accounts.values) { $0.partition(of: count) }
            for account in provider.accounts.values.sorted(by: { $0.name < $1.name }) {
                let holding = fleet.owner(provider: provider.name, account: account.name)
                let home = account.partition(of: count)
                func left(_ topic: String) -> Int64? {
                    backlog[TopicPartition(topic: topic, partition: home)]?.left
                }
                lanes.append(
                    Lane(
                        provider: provider.name,
                        account: account.name,
                        holding: holding,
                        isHeld: holding?.member.isAlive(at: now) ?? false,
                        live: left(topics.live(provider.name)),
                        bulk: left(topics.bulk(provider.name)),
                        isShared: (homes[home]?.count ?? 0) > 1
                    )
                )
            }
        }
        self.lanes = lanes
    }
}

extension FleetReport.Lane {
    package var name: String { "\(provider)/\(account)" }

    /// `no worker`, or the state that its worker reports.
    package var state: String { isHeld ? holding?.lane.state.rawValue ?? "" : "no worker" }

    /// What is not as it should be, as a sentence; `nil` when nothing is.
    package func note(now: Instant) -> String? {
        guard isHeld, let lane = holding?.lane else {
            guard let member = holding?.member else { return "\(name): no worker has it; is one running?" }
            return "\(name): no worker has it; \(member.member) had it and has been silent for "
                + member.age(at: now).ageText
        }
        var notes: [String] = []
        // A lane that waits for its limit now and then is what a limit is for; a reason makes it worth a line.
        if lane.state == .paused || lane.state == .closed || lane.reason != nil {
            notes.append(lane.sentence + (lane.since.map { " (\(Instant($0).duration(to: now).ageText))" } ?? ""))
        }
        if let reason = lane.limitsReason {
            notes.append("limit \(lane.limits.map(\.text).joined(separator: ", ")): \(reason)")
        }
        guard !notes.isEmpty else { return nil }
        let text = notes.joined(separator: "; ")
        return text.hasPrefix(name) ? text : "\(name): \(text)"
    }

    package var json: JSON {
        func number(_ value: Int64?) -> JSON { value.map { .integer($0) } ?? .null }
        var members: [JSON.Member] = [
            .init("provider", .string(provider)), .init("account", .string(account)),
            .init("state", .string(isHeld ? state : "no_worker")),
            .init("member", holding.map { .string($0.member.member) } ?? .null),
            .init("liveLeft", number(live)), .init("bulkLeft", number(bulk)), .init("sharedPartition", .bool(isShared)),
        ]
        // What the worker says beyond that, as the status topic has it.
        let told = holding.flatMap { try? JSON(parsing: $0.member.encoded()) }?["lanes"]?.elements?
            .first { $0["provider"]?.text == provider && $0["account"]?.text == account }
        for member in told?.members ?? [] where !members.contains(where: { $0.key == member.key }) {
            members.append(member)
        }
        return .object(members)
    }
}
