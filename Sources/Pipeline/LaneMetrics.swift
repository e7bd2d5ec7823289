internal import Messages
internal import Metrics
internal import ProviderKit
internal import Scheduling

/// The metrics of one lane, under their documented names.
///
/// Metric objects are kept, since making one looks its series up.
final class LaneMetrics {
    private let provider: String
    private var counters: [String: Counter] = [:]
    private var waits: [String: Metrics.Timer] = [:]
    private var gauges: [String: Gauge] = [:]
    private let seconds: Metrics.Timer

    init(provider: String) {
        self.provider = provider
        seconds = Metrics.Timer(label: "bulkhead_call_seconds", dimensions: [("provider", provider)])
    }

    func finished(_ type: String, _ disposition: Disposition) {
        count("bulkhead_commands_total", [("type", type), ("disposition", disposition.rawValue)])
    }

    func called(_ report: CallReport) {
        let status: String
        switch report.end {
        case .answered(let reply, _): status = reply.detail.status.map(String.init) ?? "none"
        case .tokenRefused(let detail, _, _, _): status = detail.status.map(String.init) ?? "none"
        case .broken(let failure): status = failure.kind.rawValue
        case .noToken: status = "no_token"
        case .withdrawn: return
        }
        seconds.recordNanoseconds(report.started.duration(to: report.finished).nanoseconds)
        count("bulkhead_calls_total", [("status", status)])
    }

    /// How long a command waited in all before its outcome, by what it waited for last.
    func waited(_ duration: Duration, _ reason: String) {
        let timer =
            waits[reason]
            ?? Metrics.Timer(label: "bulkhead_wait_seconds", dimensions: [("provider", provider), ("reason", reason)])
        waits[reason] = timer
        timer.recordNanoseconds(max(0, duration.nanoseconds))
    }

    func deadLettered(_ disposition: Disposition) {
        count("bulkhead_dead_letters_total", [("disposition", disposition.rawValue)])
    }

    func duplicate() {
        count("bulkhead_duplicates_total", [])
    }

    func stuck() {
        count("bulkhead_lane_stuck_total", [])
    }

    func metadata(bytes: Int) {
        set("bulkhead_offset_metadata_bytes", [], Double(bytes))
    }

    /// Takes a reading of every account.
    func observe(_ accounts: [(name: String, reading: LaneReading)]) {
        var useful = 0
        for (name, reading) in accounts {
            set("bulkhead_lane_backlog", [("account", name), ("class", "live")], Double(reading.live))
            set("bulkhead_lane_backlog", [("account", name), ("class", "bulk")], Double(reading.bulk))
            set("bulkhead_lane_oldest_seconds", [("account", name)], reading.oldestSeconds)
            set("bulkhead_lane_utilization", [("account", name)], reading.utilization)
            for reason in LaneReading.reasons {
                set(
                    "bulkhead_lane_closed",
                    [("account", name), ("reason", reason)],
                    reading.closed == reason ? 1 : 0
                )
            }
            useful += reading.useful
        }
        set("bulkhead_lane_useful_backlog", [], Double(useful))
    }

    private func count(_ name: String, _ labels: [(String, String)]) {
        let key = labels.reduce(name) { "\($0)/\($1.1)" }
        if let counter = counters[key] { return counter.increment() }
        let counter = Counter(label: name, dimensions: [("provider", provider)] + labels)
        counters[key] = counter
        counter.increment()
    }

    private func set(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let key = labels.reduce(name) { "\($0)/\($1.1)" }
        let gauge = gauges[key] ?? Gauge(label: name, dimensions: [("provider", provider)] + labels)
        gauges[key] = gauge
        gauge.record(value)
    }

    /// Ends the gauges of accounts that are no longer this member's.
    func forget(account: String) {
        for key in gauges.keys where key.split(separator: "/").dropFirst().first.map(String.init) == account {
            gauges.removeValue(forKey: key)?.destroy()
        }
    }
}

/// What metrics tell of one account.
struct LaneReading {
    var live: Int
    var bulk: Int
    /// Commands that could go if there were more workers: not blocked by limit, breaker or pause.
    var useful: Int
    var oldestSeconds: Double
    var utilization: Double
    /// Why nothing goes out, if nothing does.
    var closed: String?

    static let reasons = ["failures", "unauthorized", "dead_letter_budget", "throttled", "paused"]

    init(_ account: AccountRuntime, now: Instant) {
        live = account.lane.backlog.live
        bulk = account.lane.backlog.bulk
        oldestSeconds = Double(account.oldest(now: now)) / 1_000
        let limits = account.lane.budget.limitsInForce().filter { $0.configured.scope == .account }
        utilization = limits.map { min(1, Double($0.used) / Double(max(1, $0.effective))) }.max() ?? 0
        if account.pause != nil {
            closed = "paused"
        } else if !account.lane.breaker.isClosed {
            closed = account.lane.breaker.reason?.rawValue
        } else if account.lane.budget.accountClosedUntil(now: now) != nil {
            closed = "throttled"
        }
        // A limit may also depend on calls in flight, with no instant to wake at.
        let isOpen = account.wake == nil && account.lane.budget.accountOpening(now: now) == .now
        useful = closed == nil && isOpen ? live + bulk - account.lane.inFlight : 0
    }
}
