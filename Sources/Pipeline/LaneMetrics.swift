internal import Messages
internal import Metrics
internal import ProviderKit
internal import Scheduling

/// The metrics of one lane, under their documented names.
final class LaneMetrics {
    private let provider: String
    private var commands: [String: Counter] = [:]
    private var calls: [String: Counter] = [:]
    private var letters: [Disposition: Counter] = [:]
    private let seconds: Metrics.Timer
    private let duplicates: Counter
    private let metadataBytes: Gauge
    private var backlog: [String: Gauge] = [:]

    init(provider: String) {
        self.provider = provider
        seconds = Metrics.Timer(label: "bulkhead_call_seconds", dimensions: [("provider", provider)])
        duplicates = Counter(label: "bulkhead_duplicates_total", dimensions: [("provider", provider)])
        metadataBytes = Gauge(label: "bulkhead_offset_metadata_bytes", dimensions: [("provider", provider)])
    }

    func finished(_ type: String, _ disposition: Disposition) {
        let key = "\(type)\(disposition.rawValue)"
        if let counter = commands[key] { return counter.increment() }
        let counter = Counter(
            label: "bulkhead_commands_total",
            dimensions: [("provider", provider), ("type", type), ("disposition", disposition.rawValue)]
        )
        commands[key] = counter
        counter.increment()
    }

    func called(_ report: CallReport) {
        let status: String
        switch report.end {
        case .answered(let answer, _): status = answer.detail.status.map(String.init) ?? "none"
        case .tokenRefused(let detail, _, _, _): status = detail.status.map(String.init) ?? "none"
        case .broken(let failure): status = failure.kind.rawValue
        case .noToken: status = "no_token"
        case .withdrawn: return
        }
        seconds.recordNanoseconds(report.started.duration(to: report.finished).nanoseconds)
        if let counter = calls[status] { return counter.increment() }
        let counter = Counter(
            label: "bulkhead_calls_total",
            dimensions: [("provider", provider), ("status", status)]
        )
        calls[status] = counter
        counter.increment()
    }

    func deadLettered(_ disposition: Disposition) {
        if let counter = letters[disposition] { return counter.increment() }
        let counter = Counter(
            label: "bulkhead_dead_letters_total",
            dimensions: [("provider", provider), ("disposition", disposition.rawValue)]
        )
        letters[disposition] = counter
        counter.increment()
    }

    func duplicate() {
        duplicates.increment()
    }

    func stuck() {
        Counter(label: "bulkhead_lane_stuck_total", dimensions: [("provider", provider)]).increment()
    }

    func metadata(bytes: Int) {
        metadataBytes.record(bytes)
    }

    func observe(_ accounts: [AccountRuntime], partitions: [LanePartition], now: Instant) {
        for account in accounts {
            record("\(account.entry.name)/live", account.entry.name, "live", account.lane.backlog.live)
            record("\(account.entry.name)/bulk", account.entry.name, "bulk", account.lane.backlog.bulk)
        }
    }

    private func record(_ key: String, _ account: String, _ kind: String, _ value: Int) {
        let gauge =
            backlog[key]
            ?? Gauge(
                label: "bulkhead_lane_backlog",
                dimensions: [("provider", provider), ("account", account), ("class", kind)]
            )
        backlog[key] = gauge
        gauge.record(value)
    }
}
