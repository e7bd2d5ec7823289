import Synchronization

/// How the control API writes what the simulator counted.
extension Simulator {
    func report(scopes: Int) -> Reply {
        let statistics = statistics(scopes: scopes)
        let policies = world.withLock { world in world.desks.mapValues(\.policy) }
        return Reply { writer in
            writer.count("arrived", statistics.arrived)
            writer.count("throttled", statistics.throttled)
            writer.count("violations", statistics.violations.values.reduce(0, +))
            writer.count("faulted", statistics.faulted)
            writer.count("changes", statistics.changes)
            writer.count("tokensIssued", statistics.tokensIssued)
            writer.key("calls")
            writer.array { writer in
                for entry in statistics.calls {
                    writer.object { writer in
                        writer.field("provider", entry.provider.rawValue)
                        writer.field("account", entry.account)
                        writer.count("status", entry.status)
                        writer.count("count", entry.count)
                    }
                }
            }
            writer.key("policies")
            writer.array { writer in
                for provider in SimulatedProvider.allCases {
                    guard let policy = policies[provider] else { continue }
                    writer.object { Self.write(policy, of: provider, statistics, &$0) }
                }
            }
            writer.key("limits")
            writer.array { writer in
                for limit in statistics.limits { writer.object { Self.write(limit, &$0) } }
            }
        }
    }

    private static func write(
        _ policy: LimitPolicy,
        of provider: SimulatedProvider,
        _ statistics: SimulatorStatistics,
        _ writer: inout JSONWriter
    ) {
        writer.field("provider", provider.rawValue)
        writer.field("algorithm", policy.algorithm.rawValue)
        writer.count("violations", statistics.violations[provider] ?? 0)
        writer.key("enforced")
        writer.array { writer in
            for limit in policy.enforced { writer.object { write(limit, &$0) } }
        }
    }

    private static func write(_ limit: SimulatedLimit, _ writer: inout JSONWriter) {
        writer.count("requests", limit.requests)
        writer.key("perMs")
        writer.int(limit.length / 1_000_000)
        writer.field("scope", limit.scope.rawValue)
    }

    private static func write(_ limit: SimulatorStatistics.Limit, _ writer: inout JSONWriter) {
        writer.field("provider", limit.provider.rawValue)
        write(limit.limit, &writer)
        writer.count("scopes", limit.scopes)
        writer.count("violations", limit.violations)
        writer.count("peak", limit.peak)
        writer.key("busiest")
        writer.array { writer in
            for scope in limit.busiest {
                writer.object { writer in
                    writer.field("account", scope.account)
                    writer.field("path", scope.path)
                    writer.count("calls", scope.calls)
                    writer.count("violations", scope.violations)
                    writer.count("peak", scope.peak)
                    writer.key("firstNs")
                    writer.int(scope.first)
                    writer.key("lastNs")
                    writer.int(scope.last)
                    writer.key("utilization")
                    if let utilization = scope.utilization { writer.number(utilization) } else { writer.null() }
                    writer.key("windows")
                    writer.array { writer in for count in scope.windows { writer.int(count) } }
                }
            }
        }
    }
}

extension JSONWriter {
    mutating func field(_ name: String, _ text: String?) {
        key(name)
        string(text)
    }

    mutating func count(_ name: String, _ number: Int) {
        key(name)
        int(number)
    }

    mutating func value(_ view: ConversationView) {
        object { writer in
            writer.field("provider", view.provider.rawValue)
            writer.field("account", view.account)
            writer.field("id", view.id)
            writer.field("assignee", view.assignee)
            writer.key("closed")
            writer.bool(view.isClosed)
            writer.key("history")
            writer.array { writer in for change in view.history { writer.value(change) } }
        }
    }

    mutating func value(_ change: AssignmentView) {
        object { writer in
            writer.count("sequence", change.sequence)
            writer.count("call", change.call)
            writer.key("timeNs")
            writer.int(change.time)
            writer.field("provider", change.provider.rawValue)
            writer.field("account", change.account)
            writer.field("entity", change.entity)
            writer.field("from", change.from)
            writer.field("to", change.to)
            if !change.traceparent.isEmpty { writer.field("traceparent", change.traceparent) }
            if !change.requestID.isEmpty { writer.field("requestId", change.requestID) }
        }
    }
}
