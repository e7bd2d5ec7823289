/// One provider's limits: counts every call, refuses where the policy says so.
struct LimitDesk: Sendable {
    struct Admission: Sendable {
        /// Whether one of the audited limits would have refused the call.
        var violation = false
        /// Whether the call is refused, with the nanoseconds until it would pass.
        var refusedFor: Int64?
        /// The tightest enforced limit and what is left of it.
        var count: (limit: Int, remaining: Int)?
    }

    private(set) var policy: LimitPolicy
    private(set) var audits: [LimitAudit]
    private var gates: [LimitGate]
    private(set) var violations = 0

    init(_ policy: LimitPolicy) {
        self.policy = policy
        audits = policy.limits.map(LimitAudit.init)
        gates = policy.enforced.map { LimitGate($0, policy.algorithm) }
    }

    /// Changes the policy; a limit of the same scope and length keeps its counts.
    mutating func change(to new: LimitPolicy) {
        audits = new.limits.map { limit in
            guard var old = audits.first(where: { $0.limit.scope == limit.scope && $0.limit.per == limit.per }) else {
                return LimitAudit(limit)
            }
            old.change(requests: limit.requests)
            return old
        }
        gates = new.enforced.map { limit in
            let same = gates.first {
                $0.limit.scope == limit.scope && $0.limit.per == limit.per && $0.algorithm == new.algorithm
            }
            guard var old = same else { return LimitGate(limit, new.algorithm) }
            old.change(requests: limit.requests)
            return old
        }
        policy = new
    }

    mutating func admit(account: UInt32, endpoint: String, path: String, at time: Int64) -> Admission {
        var admission = Admission()
        func key(_ scope: SimulatedLimit.Scope) -> ScopeKey {
            switch scope {
            case .account: ScopeKey(account: account, path: "")
            case .endpoint: ScopeKey(account: account, path: endpoint)
            case .path: ScopeKey(account: account, path: path)
            }
        }
        for index in audits.indices where audits[index].arrival(key(audits[index].limit.scope), at: time) {
            admission.violation = true
        }
        if admission.violation { violations += 1 }

        // From all or from none: a call that one limit refuses takes no place in another.
        for index in gates.indices where gates.count > 1 {
            note(
                gates[index].decide(key(gates[index].limit.scope), at: time, take: false),
                gates[index].limit,
                &admission
            )
        }
        for index in gates.indices where admission.refusedFor == nil {
            note(
                gates[index].decide(key(gates[index].limit.scope), at: time, take: true),
                gates[index].limit,
                &admission
            )
        }
        return admission
    }

    private func note(_ decision: LimitGate.Decision, _ limit: SimulatedLimit, _ admission: inout Admission) {
        if !decision.allowed {
            admission.refusedFor = max(admission.refusedFor ?? 0, decision.wait)
        }
        if admission.count.map({ decision.remaining <= $0.remaining }) ?? true {
            admission.count = (limit.requests, decision.remaining)
        }
    }
}
