import NIOCore

/// All state of the simulator; its owner holds a lock around every call.
struct World: Sendable {
    /// What is known of a call before its body is read.
    struct Admission: Sendable {
        var visit: Visit
        /// Set when the call ends here.
        var reply: Reply?
        var fault: Fault.Action?
        var headers: [(name: String, value: String)] = []
        /// How long the answer waits; nanoseconds.
        var latency: Int64 = 0
    }

    struct StatusKey: Hashable, Sendable {
        var provider: SimulatedProvider
        var account: UInt32
        var status: Int
    }

    let configuration: SimulatorConfiguration
    var texts = Interner()
    var desks: [SimulatedProvider: LimitDesk] = [:]
    var credentials: Credentials
    var faults = FaultBook()
    var journal: Ring<JournalEntry>
    var changes: Ring<Change>
    var statuses: [StatusKey: Int] = [:]
    var faulted = 0
    var latency: [SimulatedProvider: ClosedRange<Int64>] = [:]
    var hatif: [UInt32: HatifWorkspace] = [:]
    var aelyst: [UInt32: AelystWorkspace] = [:]
    var convor: [UInt32: ConvorWorkspace] = [:]
    private var generator: SeededGenerator

    init(_ configuration: SimulatorConfiguration) {
        self.configuration = configuration
        journal = Ring(capacity: configuration.journalCapacity)
        changes = Ring(capacity: configuration.journalCapacity)
        generator = SeededGenerator(seed: configuration.randomSeed)
        credentials = Credentials(configuration.accounts, lifetime: configuration.tokenLifetime.simulatedNanoseconds)
        for provider in SimulatedProvider.allCases {
            desks[provider] = LimitDesk(configuration.limits[provider] ?? .standard(of: provider))
            if let range = configuration.latency[provider] {
                latency[provider] = range.lowerBound.simulatedNanoseconds...range.upperBound.simulatedNanoseconds
            }
        }
        for seed in configuration.seeds {
            self.seed(seed, now: configuration.now())
        }
    }

    /// Counts an arrival, names its account and decides whether it goes further.
    ///
    /// The order is the providers': limit, then faults, then credentials. Calls without a known account, and those that
    /// ask for a token, belong to no limit.
    mutating func admit(_ call: Call, at time: Int64) -> Admission {
        let name = credentials.account(of: call, at: time)
        let account = name.map { texts.number(of: $0) }
        let entry = JournalEntry(
            time: time,
            account: account ?? 0,
            entity: texts.number(of: call.entity),
            provider: call.provider,
            endpoint: call.endpoint
        )
        let place = journal.append(entry)
        var admission = Admission(visit: Visit(call: call, place: place, account: account ?? 0, time: time))
        admission.latency = latency[call.provider].map { Int64.random(in: $0, using: &generator) } ?? 0

        if let account, call.endpoint != .hatifToken {
            count(&admission, account: account)
            guard admission.reply == nil else { return admission }
        }
        if let action = faults.strike(call, account: name ?? "", using: &generator) {
            admission.fault = action
            journal[place]?.faulted = true
            faulted += 1
        }
        if account == nil, call.endpoint != .hatifToken {
            admission.reply = refuse(.unauthorized, admission.visit)
        }
        return admission
    }

    private mutating func count(_ admission: inout Admission, account: UInt32) {
        let call = admission.visit.call
        guard
            let counted = desks[call.provider]?.admit(
                account: account,
                endpoint: call.endpoint.rawValue,
                path: call.pathScope,
                at: admission.visit.time
            ), let policy = desks[call.provider]?.policy
        else { return }
        if counted.violation { journal[admission.visit.place]?.violation = true }
        if policy.counts, let count = counted.count {
            admission.headers.append(("X-RateLimit-Limit", String(count.limit)))
            admission.headers.append(("X-RateLimit-Remaining", String(count.remaining)))
        }
        guard let wait = counted.refusedFor else { return }
        if policy.retryAfter {
            admission.headers.append(("Retry-After", String(max(1, (wait + 999_999_999) / 1_000_000_000))))
        }
        admission.reply = refuse(.throttled, admission.visit)
    }

    /// Lets a call have its effect and writes its answer.
    mutating func handle(_ visit: Visit, body: ByteBuffer) -> Reply {
        switch visit.call.provider {
        case .hatif: handleHatif(visit, body)
        case .aelyst: handleAelyst(visit, body)
        case .convor: handleConvor(visit, body)
        }
    }

    /// Notes how a call ended; status 0 is without an answer.
    mutating func finish(_ visit: Visit, status: Int) {
        journal[visit.place]?.status = UInt16(clamping: status)
        statuses[StatusKey(provider: visit.call.provider, account: visit.account, status: status), default: 0] += 1
    }

    func refuse(_ refusal: Refusal, _ visit: Visit) -> Reply {
        refusal.reply(of: visit.call.provider, correlation: visit.place)
    }

    /// Notes an assignment that took effect.
    mutating func change(_ assignment: inout Assignment, to assignee: String, entity: String, _ visit: Visit) {
        let to = texts.number(of: assignee)
        assignment.lastChange = changes.append(
            Change(
                time: visit.time,
                call: visit.place,
                account: visit.account,
                entity: texts.number(of: entity),
                from: assignment.assignee,
                to: to,
                provider: visit.call.provider,
                previous: assignment.lastChange,
                traceparent: visit.call.traceparent,
                requestID: visit.call.requestID
            )
        )
        assignment.assignee = to
        assignment.changes += 1
    }
}
