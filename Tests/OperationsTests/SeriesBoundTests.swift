import Metrics
import Testing

@testable import Operations

/// Ten thousand accounts do not make ten thousand series.
struct SeriesBoundTests {
    private let accounts = (0..<10_000).map { "account-\($0)" }

    @Test func `counters beyond the bound share one series and stay complete`() throws {
        let metrics = PrometheusMetrics(catalog: [], seriesLimit: 50)
        for account in accounts {
            metrics.makeCounter(label: "n_total", dimensions: [("account", account), ("class", "live")])
                .increment(by: 1)
        }
        let page = try ExpositionReader(metrics.exposition())
        let series = page.series(of: "n_total")
        #expect(series.count == 51)
        #expect(series.reduce(0) { $0 + $1.value } == 10_000)
        #expect(page.value("n_total", ["account": "other", "class": "other"]) == 9_950)
    }

    @Test func `labels with a closed list of values keep them`() throws {
        let metrics = PrometheusMetrics(seriesLimit: 50)
        var gauges: [any RecorderHandler] = []
        for account in accounts {
            for kind in ["live", "bulk"] {
                let labels = [("provider", "hatif"), ("account", account), ("class", kind)]
                let gauge = metrics.makeRecorder(label: "bulkhead_lane_backlog", dimensions: labels, aggregate: false)
                gauge.record(Int64(kind == "live" ? 1 : 10))
                gauges.append(gauge)
            }
        }
        let page = try ExpositionReader(metrics.exposition())
        #expect(page.series(of: "bulkhead_lane_backlog").count == 52)
        let other = ["provider": "hatif", "account": "other"]
        #expect(page.value("bulkhead_lane_backlog", other.merging(["class": "live"]) { $1 }) == 9_975)
        #expect(page.value("bulkhead_lane_backlog", other.merging(["class": "bulk"]) { $1 }) == 99_750)
        #expect(page.value(MetricsCatalog.foldedName, ["metric": "bulkhead_lane_backlog"]) == 19_950)
        #expect(metrics.deviations().isEmpty)
    }

    @Test func `a folded gauge follows its own value and takes it back when it goes`() throws {
        let metrics = PrometheusMetrics(seriesLimit: 1)
        func gauge(_ account: String) -> any RecorderHandler {
            let labels = [("provider", "p"), ("account", account), ("class", "live")]
            return metrics.makeRecorder(label: "bulkhead_lane_backlog", dimensions: labels, aggregate: false)
        }
        func other() throws -> Double? {
            try ExpositionReader(metrics.exposition())
                .value("bulkhead_lane_backlog", ["provider": "p", "account": "other", "class": "live"])
        }
        gauge("first").record(Int64(5))
        let second = gauge("second")
        var third: (any RecorderHandler)? = gauge("third")
        second.record(Int64(10))
        third?.record(Int64(7))
        second.record(Int64(4))
        third?.record(Double.nan)
        third?.record(Int64(2))
        #expect(try other() == 6)
        third = nil
        #expect(try other() == 4)
    }

    @Test func `what does not add up is left out beyond the bound`() throws {
        let metrics = PrometheusMetrics(seriesLimit: 3)
        for account in accounts.prefix(10) {
            let labels = [("provider", "p"), ("account", account)]
            metrics.makeRecorder(label: "bulkhead_lane_utilization", dimensions: labels, aggregate: false).record(0.5)
        }
        let page = try ExpositionReader(metrics.exposition())
        #expect(
            page.series(of: "bulkhead_lane_utilization").map { $0.labels["account"] } == [
                "account-0", "account-1", "account-2",
            ]
        )
        #expect(page.value(MetricsCatalog.foldedName, ["metric": "bulkhead_lane_utilization"]) == 7)
    }

    @Test func `labels that were thought closed are bounded, too`() throws {
        let metrics = PrometheusMetrics(seriesLimit: 20)
        for status in 0..<10_000 {
            let labels = [("provider", "p"), ("status", "\(status)")]
            metrics.makeCounter(label: "bulkhead_calls_total", dimensions: labels).increment(by: 1)
        }
        let series = try ExpositionReader(metrics.exposition()).series(of: "bulkhead_calls_total")
        #expect(series.count == 41)
        #expect(series.reduce(0) { $0 + $1.value } == 10_000)
    }

    @Test func `a destroyed series makes room`() throws {
        let metrics = PrometheusMetrics(catalog: [], seriesLimit: 1)
        let first = metrics.makeCounter(label: "n_total", dimensions: [("a", "1")])
        metrics.destroyCounter(first)
        metrics.makeCounter(label: "n_total", dimensions: [("a", "2")]).increment(by: 3)
        #expect(try ExpositionReader(metrics.exposition()).value("n_total", ["a": "2"]) == 3)
    }
}
