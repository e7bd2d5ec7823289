/// What the simulator counted since it started or was reset.
package struct SimulatorStatistics: Hashable, Sendable {
    package struct Calls: Hashable, Sendable {
        package var provider: SimulatedProvider
        /// Empty for calls without a known account.
        package var account: String
        /// 0 for calls that got no answer.
        package var status: Int
        package var count: Int
    }

    /// One audited limit over all accounts.
    package struct Limit: Hashable, Sendable {
        package var provider: SimulatedProvider
        package var limit: SimulatedLimit
        /// How many accounts, endpoints or paths are counted apart.
        package var scopes: Int
        /// Calls that an exact sliding log would have refused.
        package var violations: Int
        /// The most calls in any window of any scope.
        package var peak: Int
        /// The busiest scopes, most calls first.
        package var busiest: [Scope]
    }

    /// One account, endpoint or path below a limit.
    package struct Scope: Hashable, Sendable {
        package var account: String
        /// Empty for the scope `account`; else method and template or path.
        package var path: String
        package var calls: Int
        package var violations: Int
        /// The most arrivals in any one window, refused ones included.
        package var peak: Int
        /// Arrival of the first and the last call, nanoseconds since 1970.
        package var first: Int64
        package var last: Int64
        /// Calls made of calls possible, over whole windows since the first call; `nil` within the first window.
        package var utilization: Double?
        /// Calls of consecutive windows since the first call, the last one incomplete; at most 4,096.
        package var windows: [Int]
    }

    /// Calls that arrived, answered or not.
    package var arrived: Int
    package var calls: [Calls]
    package var limits: [Limit]
    /// Calls that broke at least one audited limit, per provider.
    package var violations: [SimulatedProvider: Int]
    /// Calls that a fault struck.
    package var faulted: Int
    package var changes: Int
    package var tokensIssued: Int

    package var throttled: Int { calls.reduce(0) { $0 + ($1.status == 429 ? $1.count : 0) } }

    /// The calls that ended with a status, of one provider or all.
    package func count(_ status: Int, of provider: SimulatedProvider? = nil) -> Int {
        calls.reduce(0) { sum, entry in
            entry.status == status && (provider == nil || provider == entry.provider) ? sum + entry.count : sum
        }
    }
}

extension World {
    func statistics(scopes: Int) -> SimulatorStatistics {
        let calls = statuses.map { key, count in
            SimulatorStatistics.Calls(
                provider: key.provider,
                account: texts.text(of: key.account),
                status: key.status,
                count: count
            )
        }
        return SimulatorStatistics(
            arrived: journal.end,
            calls: calls.sorted {
                ($0.provider.rawValue, $0.account, $0.status) < ($1.provider.rawValue, $1.account, $1.status)
            },
            limits: SimulatedProvider.allCases.flatMap { provider in
                (desks[provider]?.audits ?? []).map { statistics(of: $0, provider, scopes: scopes) }
            },
            violations: desks.mapValues(\.violations),
            faulted: faulted,
            changes: changes.end,
            tokensIssued: credentials.issued
        )
    }

    private func statistics(
        of audit: LimitAudit,
        _ provider: SimulatedProvider,
        scopes: Int
    ) -> SimulatorStatistics.Limit {
        let busiest = audit.records.sorted {
            ($1.value.calls, $0.key.path, $0.key.account) < ($0.value.calls, $1.key.path, $1.key.account)
        }
        return SimulatorStatistics.Limit(
            provider: provider,
            limit: audit.limit,
            scopes: audit.records.count,
            violations: audit.records.values.reduce(0) { $0 + $1.violations },
            peak: audit.records.values.reduce(0) { max($0, $1.peak) },
            busiest: busiest.prefix(max(0, scopes)).map { key, record in
                SimulatorStatistics.Scope(
                    account: texts.text(of: key.account),
                    path: key.path,
                    calls: record.calls,
                    violations: record.violations,
                    peak: record.peak,
                    first: record.first,
                    last: record.last,
                    utilization: audit.utilization(of: record),
                    windows: record.windows.map(Int.init)
                )
            }
        )
    }
}
