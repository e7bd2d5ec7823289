internal import KafkaClient
internal import Messages
internal import Scheduling

/// What the limits in force let an account do.
struct GrantedRate: Hashable, Sendable {
    var callsPerSecond: Double
    /// The longest of the windows: over shorter times calls come as bursts and pauses.
    var window: Duration
}

/// Counts what became of the members of campaigns and imports: values in, values out.
///
/// Every outcome counts once, however often it is read, so that reading again from an earlier place changes nothing.
struct JobBook: Sendable {
    /// What the book wants written.
    enum Entry: Sendable {
        case status(JobStatus)
        case importCompleted(ImportCompleted)
        case campaignCompleted(CampaignCompleted)
        /// The campaign's own limits decide about it.
        case control(campaign: String, ControlMessage.Action, why: String)
        /// A fact that is no longer needed.
        case forget(key: String)
    }

    private(set) var jobs: [String: Job] = [:]
    /// The offset after the last record read, of each partition of the outcome topics.
    private(set) var positions: [TopicPartition: Int64]
    /// Calls per second that the accounts may make, by `provider/account`.
    private var rates: [String: GrantedRate] = [:]
    /// Jobs that were over when they were read.
    private var closed: Set<String> = []
    private let openedAt: [String: [TopicPartition: Int64]]

    /// - Parameters:
    ///   - positions: where reading begins.
    ///   - openedAt: where jobs began that were not over, as the last checkpoint has it.
    init(positions: [TopicPartition: Int64], openedAt: [String: [TopicPartition: Int64]] = [:]) {
        self.positions = positions
        self.openedAt = openedAt
    }

    /// Where each open job's first outcome can stand.
    var openPositions: [String: [TopicPartition: Int64]] { jobs.mapValues(\.from) }

    // MARK: Reading

    /// Takes in a record of the status topic.
    mutating func add(status record: KafkaRecord, now: Instant) {
        guard let value = record.value, let message = try? StatusMessage(decoding: value) else { return }
        switch message {
        case .member(let member): note(member)
        case .job(let status): note(status)
        case .importPart(let part):
            let key = "import/\(part.command.id)"
            guard !closed.contains(key) else { return }
            open(key, .contactsImport, part.command.id, part.command, part.provider, part.account, part.startedAt)
            jobs[key]?.add(part)
        case .campaignPlan(let plan):
            let key = "campaign/\(plan.campaign)"
            guard !closed.contains(key) else { return }
            open(key, .campaign, plan.campaign, plan.command, plan.provider, plan.account, plan.startedAt)
            jobs[key]?.add(plan)
        }
    }

    private mutating func note(_ status: JobStatus) {
        if status.state.isFinal {
            closed.insert(status.key)
            jobs[status.key] = nil
        } else if status.state == .expanding, !closed.contains(status.key) {
            open(
                status.key,
                status.kind,
                status.id,
                status.command,
                status.provider,
                status.account,
                status.startedAt
            )
        }
    }

    private mutating func note(_ member: MemberStatus) {
        for lane in member.lanes {
            let limits = lane.limits.map { Double($0.requests) / (Double($0.per.nanoseconds) / 1e9) }
            rates["\(lane.provider)/\(lane.account)"] = limits.min().map { rate in
                GrantedRate(callsPerSecond: rate, window: lane.limits.map(\.per).max() ?? .zero)
            }
        }
    }

    /// Takes in a record of an outcome topic.
    mutating func add(outcome record: KafkaRecord) {
        // Only afterwards: a job that this very record opens begins with it.
        defer { positions[record.topicPartition] = record.offset + 1 }
        guard let value = record.value else { return }
        if let outcome = try? Outcome(decoding: value) {
            add(outcome)
        } else if let completed = try? ImportCompleted(decoding: value) {
            close(completed.key)
        } else if let completed = try? CampaignCompleted(decoding: value) {
            close(completed.key)
        }
    }

    private mutating func close(_ key: String) {
        closed.insert(key)
        jobs[key]?.isAnnounced = true
    }

    private mutating func add(_ outcome: Outcome) {
        // Replays are runs of their own, after the job.
        guard outcome.replay == 0 else { return }
        let key: String
        if let member = outcome.importMember {
            key = "import/\(member.id)"
            guard !closed.contains(key) else { return }
            let command = CommandReference(id: member.id, source: outcome.command.source, type: outcome.command.type)
            open(key, .contactsImport, member.id, command, outcome.provider, outcome.account, outcome.times.accepted)
        } else if let campaign = outcome.campaign {
            key = "campaign/\(campaign)"
            guard !closed.contains(key) else { return }
            let isStart = outcome.command.type == MessageType.campaignStart.rawValue
            let command = CommandReference(
                id: isStart ? outcome.command.id : campaign,
                source: outcome.command.source,
                type: MessageType.campaignStart.rawValue
            )
            open(key, .campaign, campaign, command, outcome.provider, outcome.account, outcome.times.accepted)
            if isStart {
                jobs[key]?.fail(outcome)
                return
            }
        } else {
            return
        }
        jobs[key]?.count(outcome)
    }

    private mutating func open(
        _ key: String,
        _ kind: JobStatus.Kind,
        _ id: String,
        _ command: CommandReference,
        _ provider: String?,
        _ account: String?,
        _ startedAt: Timestamp
    ) {
        guard jobs[key] == nil else { return }
        jobs[key] = Job(
            kind,
            id,
            command,
            provider: provider ?? "",
            account: account ?? "",
            startedAt: startedAt,
            from: openedAt[key] ?? positions
        )
    }

    // MARK: Writing

    /// What is to be written now: snapshots of what changed, ends, and what campaigns decide about themselves.
    mutating func entries(now: Instant, control: (String) -> ControlMessage?) -> [Entry] {
        var entries: [Entry] = []
        for key in jobs.keys.sorted() {
            guard var job = jobs[key] else { continue }
            entries += job.entries(now: now, granted: rates["\(job.provider)/\(job.account)"], control(job.id))
            jobs[key] = job
            if job.isOver {
                jobs[key] = nil
                closed.insert(key)
            }
        }
        return entries
    }
}

extension JobStatus.State {
    package var isFinal: Bool {
        switch self {
        case .completed, .cancelled, .failed: true
        case .expanding, .canary, .running, .paused: false
        }
    }
}
