internal import KafkaClient
internal import Messages
internal import Scheduling

/// One campaign or import that is not over.
struct Job: Sendable {
    let kind: JobStatus.Kind
    let id: String
    let provider: String
    let account: String
    /// The outcome topics' ends when it was first heard of: none of its outcomes stands before.
    let from: [TopicPartition: Int64]
    /// Its end stands in the results topic.
    var isAnnounced = false
    /// Nothing is left to say of it.
    private(set) var isOver = false

    private var command: CommandReference
    private var startedAt: Timestamp
    private var members: Set<UInt128> = []
    private var counts: [Disposition: Int] = [:]
    private var parts: [Int: ImportPart] = [:]
    private var plan: CampaignPlan?
    private var failure: Outcome?
    private var last: JobStatus?
    private var pace = Pace()
    /// When the canary's last outcome came.
    private var canaryDoneAt: Instant?
    /// What the error rate is counted from: where somebody last let the campaign go on.
    private var resumed: (at: Timestamp, done: Int, errors: Int)?
    private var lastDecision: ControlMessage.Action?

    init(
        _ kind: JobStatus.Kind,
        _ id: String,
        _ command: CommandReference,
        provider: String,
        account: String,
        startedAt: Timestamp,
        from: [TopicPartition: Int64]
    ) {
        self.kind = kind
        self.id = id
        self.command = command
        self.provider = provider
        self.account = account
        self.startedAt = startedAt
        self.from = from
    }

    mutating func add(_ part: ImportPart) {
        command = part.command
        startedAt = min(startedAt, part.startedAt)
        parts[part.part.index] = part
    }

    mutating func add(_ plan: CampaignPlan) {
        command = plan.command
        startedAt = min(startedAt, plan.startedAt)
        self.plan = plan
    }

    mutating func count(_ outcome: Outcome) {
        guard members.insert(ReplayGuard.hash(outcome.command)).inserted else { return }
        counts[outcome.disposition, default: 0] += 1
    }

    /// The campaign ended before it had members.
    mutating func fail(_ outcome: Outcome) {
        failure = outcome
    }

    private var done: Int { members.count }

    private var errors: Int { counts.reduce(0) { $0 + ($1.key.isError ? $1.value : 0) } }

    /// Members or cards; `nil` until all are known.
    private var total: Int? {
        switch kind {
        case .campaign: return plan?.total
        case .contactsImport:
            guard let last = parts.values.first(where: \.part.last)?.part.index, parts.count >= last else { return nil }
            return parts.values.reduce(0) { $0 + $1.cards }
        }
    }

    // MARK: Saying

    mutating func entries(now: Instant, granted: GrantedRate?, _ control: ControlMessage?) -> [JobBook.Entry] {
        // A pause is no pace.
        if control?.holds(at: Timestamp(now)) ?? false { pace = Pace() }
        pace.note(done, now: now)
        var entries: [JobBook.Entry] = []
        if failure == nil, let decision = decide(now: now, control) { entries.append(decision) }
        var status = status(now: now, granted: granted, control)
        if status.state.isFinal {
            isOver = true
            if failure == nil, !isAnnounced { entries.append(completion(status, at: Timestamp(now))) }
            for part in parts.values { entries.append(.forget(key: part.key)) }
        }
        guard isOver || status.isNews(after: last) else { return entries }
        if let last { status.at = max(status.at, last.at) }
        last = status
        entries.append(.status(status))
        return entries
    }

    private func status(now: Instant, granted: GrantedRate?, _ control: ControlMessage?) -> JobStatus {
        var status = JobStatus(
            kind,
            id: id,
            command: command,
            provider: provider,
            account: account,
            state: .running,
            startedAt: startedAt,
            at: Timestamp(now)
        )
        status.total = total
        status.counts = counts
        status.dryRun = plan?.options.dryRun ?? false
        status.rate = pace.recent(now: now)
        if let failure {
            status.state = failure.disposition == .cancelled ? .cancelled : .failed
            status.reason = failure.reason ?? failure.response.message ?? failure.disposition.rawValue
        } else if let total, done >= total {
            status.state = control?.isCancelled ?? false ? .cancelled : .completed
            status.reason = kind == .contactsImport ? error : nil
        } else if control?.holds(at: Timestamp(now)) ?? false {
            status.state = .paused
        } else if total == nil {
            status.state = .expanding
        } else if isCanary(control) {
            status.state = .canary
        }
        if let control, status.state == .paused || control.isCancelled {
            status.by = control.by
            status.reason = control.why
        }
        if status.state == .running || status.state == .canary, let total {
            let calls = plan.map { Double($0.calls) / Double(max(1, $0.total)) } ?? 1
            let limit = [granted?.callsPerSecond, plan?.options.maxRate].compactMap(\.self).min()
                .map { $0 / max(1, calls) }
            let lasting = pace.lasting(now: now, over: granted?.window)
            if let rate = lasting ?? limit ?? pace.average(now: now), rate > 0 {
                status.remainingMilliseconds = Int64(Double(total - done) / rate * 1_000)
            }
        }
        return status
    }

    /// Why a file as a whole was not imported.
    private var error: String? { parts.values.sorted { $0.part.index < $1.part.index }.lazy.compactMap(\.error).first }

    private func completion(_ status: JobStatus, at instant: Timestamp) -> JobBook.Entry {
        switch kind {
        case .contactsImport:
            var warnings: [String: Int] = [:]
            for part in parts.values { warnings.merge(part.warnings, uniquingKeysWith: +) }
            return .importCompleted(
                ImportCompleted(
                    command: command,
                    provider: provider,
                    account: account,
                    counts: counts,
                    warnings: warnings,
                    cards: status.total ?? done,
                    startedAt: startedAt,
                    finishedAt: instant,
                    error: error,
                    correlationID: parts.values.lazy.compactMap(\.correlationID).first
                )
            )
        case .campaign:
            let elapsed = max(0.001, Double(instant.nanoseconds - startedAt.nanoseconds) / 1e9)
            return .campaignCompleted(
                CampaignCompleted(
                    command: command,
                    campaign: id,
                    provider: provider,
                    account: account,
                    state: status.state == .cancelled ? .cancelled : .completed,
                    total: status.total ?? done,
                    counts: counts,
                    startedAt: startedAt,
                    finishedAt: instant,
                    rate: Double(done) / elapsed,
                    correlationID: plan?.correlationID
                )
            )
        }
    }

    // MARK: Deciding

    /// Whether members wait behind the first few.
    private func isCanary(_ control: ControlMessage?) -> Bool {
        guard let plan, let canary = plan.options.canary, !plan.options.dryRun else { return false }
        return plan.total > canary.count && !(control.map { $0.action == .resume || $0.isCancelled } ?? false)
    }

    private mutating func decide(now: Instant, _ control: ControlMessage?) -> JobBook.Entry? {
        guard let options = plan?.options, let total, done < total, !(control?.isCancelled ?? false) else { return nil }
        if let control, control.action == .resume, resumed?.at != control.at {
            resumed = (control.at, done, errors)
            lastDecision = nil
        }
        let isPaused = control?.holds(at: Timestamp(now)) ?? false
        if isCanary(control), let canary = options.canary {
            guard !isPaused else { return nil }
            if errors > canary.maxErrors {
                return decision(
                    .pause,
                    "canary: \(errors) of the first \(done) failed, at most \(canary.maxErrors) may"
                )
            }
            guard done >= canary.count else { return nil }
            let since = canaryDoneAt ?? now
            canaryDoneAt = since
            guard now >= since + canary.wait else { return nil }
            return decision(.resume, "canary: \(errors) of \(done) failed, at most \(canary.maxErrors) may")
        }
        guard let maxErrorRate = options.maxErrorRate, !isPaused else { return nil }
        let seen = done - (resumed?.done ?? 0)
        let failed = errors - (resumed?.errors ?? 0)
        guard seen >= Self.smallestSample, Double(failed) > maxErrorRate * Double(seen) else { return nil }
        let percent = Int((maxErrorRate * 100).rounded())
        return decision(.pause, "maxErrorRate: \(failed) of \(seen) failed, at most \(percent) % may")
    }

    /// An error rate is not judged on fewer.
    static let smallestSample = 20

    private mutating func decision(_ action: ControlMessage.Action, _ why: String) -> JobBook.Entry? {
        // Said once; the control topic shows it soon.
        guard lastDecision != action else { return nil }
        lastDecision = action
        return .control(campaign: id, action, why: why)
    }
}

extension Disposition {
    /// Whether it speaks against the campaign, and not only against its timing.
    var isError: Bool {
        switch self {
        case .cancelled, .stale, .expired: false
        default: topic == .failures
        }
    }
}

extension JobStatus {
    /// Whether something is different, time aside.
    fileprivate func isNews(after last: JobStatus?) -> Bool {
        guard let last else { return true }
        var same = self
        same.at = last.at
        same.rate = last.rate
        same.remainingMilliseconds = last.remainingMilliseconds
        return same != last || (rate == 0) != (last.rate == 0)
    }
}

/// How fast outcomes come.
private struct Pace {
    private var samples: [(at: Instant, done: Int)] = []

    /// The longest window of a provider whose calls come in bursts, twice.
    private static let long: Duration = .seconds(120)
    /// Shorter than this, what happens to come is no pace.
    private static let shortest: Duration = .seconds(4)
    /// Longer ago says little of what is to come.
    private static let horizon: Duration = .seconds(30)
    private static let short: Duration = .seconds(10)

    mutating func note(_ done: Int, now: Instant) {
        if let last = samples.last, last.at + .milliseconds(500) > now { return }
        samples.append((now, done))
        // One sample older than the window stays, to measure from.
        while samples.count > 2, samples[1].at + Self.long <= now { samples.removeFirst() }
    }

    /// Outcomes a second in the last 10 seconds.
    func recent(now: Instant) -> Double {
        rate(from: samples.last { $0.at + Self.short <= now } ?? samples.first, now: now)
    }

    /// Outcomes a second over half a minute, or twice the longest window of the limits where that is more.
    ///
    /// `nil` before twice the window has passed since the first outcome.
    func lasting(now: Instant, over window: Duration?) -> Double? {
        let least = min(Self.long, max(Self.shortest, window.map { $0 * 2 } ?? Self.long))
        let past = samples.last { $0.at + max(least, Self.horizon) <= now && $0.done > 0 }
        guard let first = past ?? samples.first(where: { $0.done > 0 }), first.at + least <= now else { return nil }
        return rate(from: first, now: now)
    }

    func average(now: Instant) -> Double? { samples.first.map { rate(from: $0, now: now) } }

    private func rate(from sample: (at: Instant, done: Int)?, now: Instant) -> Double {
        guard let sample, let last = samples.last, now > sample.at else { return 0 }
        return Double(last.done - sample.done) / (Double(sample.at.duration(to: now).nanoseconds) / 1e9)
    }
}
