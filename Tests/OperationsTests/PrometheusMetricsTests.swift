import Metrics
import Testing

@testable import Operations

struct PrometheusMetricsTests {
    private func page(_ metrics: PrometheusMetrics) throws -> ExpositionReader {
        try ExpositionReader(metrics.exposition())
    }

    @Test func `counters add whole and fractional amounts under one name`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        let whole = Counter(label: "jobs_total", dimensions: [("kind", "a")], factory: metrics)
        whole.increment(by: 41)
        whole.increment()
        let fraction = FloatingPointCounter(label: "jobs_total", dimensions: [("kind", "b")], factory: metrics)
        fraction.increment(by: 0.75)

        let page = try page(metrics)
        #expect(page.types["jobs_total"] == "counter")
        #expect(page.value("jobs_total", ["kind": "a"]) == 42)
        #expect(page.value("jobs_total", ["kind": "b"]) == 0.75)
    }

    @Test func `a counter never goes down`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        let handler = metrics.makeCounter(label: "jobs_total", dimensions: [])
        handler.increment(by: 5)
        handler.increment(by: Int64(-3))
        metrics.makeFloatingPointCounter(label: "jobs_total", dimensions: []).increment(by: .nan)
        #expect(try page(metrics).value("jobs_total") == 5)
    }

    @Test func `a counter beyond 2^53 stays exact`() {
        let metrics = PrometheusMetrics(catalog: [])
        metrics.makeCounter(label: "bytes_total", dimensions: []).increment(by: 9_007_199_254_740_993)
        #expect(metrics.exposition().contains("bytes_total 9007199254740993\n"))
    }

    @Test func `gauges keep the last value and meters move it`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        Gauge(label: "depth", dimensions: [("lane", "x")], factory: metrics).record(7)
        let meter = Meter(label: "depth", dimensions: [("lane", "x")], factory: metrics)
        meter.increment(by: 2.5)
        meter.decrement(by: 1)
        #expect(try page(metrics).value("depth", ["lane": "x"]) == 8.5)
        #expect(try page(metrics).types["depth"] == "gauge")
    }

    @Test func `a timer becomes a histogram of seconds`() throws {
        let metrics = PrometheusMetrics()
        let timer = Metrics.Timer(
            label: "bulkhead_call_seconds",
            dimensions: [("provider", "hatif")],
            factory: metrics
        )
        timer.recordNanoseconds(5_000_000)
        timer.recordNanoseconds(200_000_000)
        timer.recordNanoseconds(400_000_000_000)
        timer.recordNanoseconds(-1)

        let page = try page(metrics)
        #expect(page.types["bulkhead_call_seconds"] == "histogram")
        func bucket(_ bound: String) -> Double? {
            page.value("bulkhead_call_seconds_bucket", ["provider": "hatif", "le": bound])
        }
        // A bound is part of its bucket.
        #expect(bucket("0.005") == 2)
        #expect(bucket("0.1") == 2)
        #expect(bucket("0.25") == 3)
        #expect(bucket("300") == 3)
        #expect(bucket("+Inf") == 4)
        #expect(page.value("bulkhead_call_seconds_count", ["provider": "hatif"]) == 4)
        #expect(page.value("bulkhead_call_seconds_sum", ["provider": "hatif"]) == 400.205)
        #expect(page.series(of: "bulkhead_call_seconds_bucket").count == MetricDescription.callBuckets.count + 1)
    }

    @Test(arguments: [
        ("jobs", "jobs_total"), ("jobs_total", "jobs_total"), ("my.jobs-done", "my_jobs_done_total"),
        ("1st", "_st_total"), ("", "__total"), ("ä:b", "_:b_total"),
    ])
    func `a counter's name is made one that the format allows`(label: String, name: String) throws {
        let metrics = PrometheusMetrics(catalog: [])
        metrics.makeCounter(label: label, dimensions: []).increment(by: 1)
        #expect(try page(metrics).value(name) == 1)
    }

    @Test func `a timer without a unit in its name gets one`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        metrics.makeTimer(label: "http.request.duration", dimensions: []).recordNanoseconds(1)
        #expect(try page(metrics).types["http_request_duration_seconds"] == "histogram")
    }

    @Test func `any label value survives the way through the page`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        let values = ["a\"b", "a\\b", "line\nbreak", "\\n", "}{,=", "ß 😀 \r\t\u{0}", "\"}\nfake_total 9\n#"]
        for value in values {
            metrics.makeCounter(label: "odd_total", dimensions: [("value", value)]).increment(by: 1)
        }
        let page = try page(metrics)
        #expect(Set(page.series(of: "odd_total").compactMap { $0.labels["value"] }) == Set(values))
        #expect(page.value("fake_total") == nil)
    }

    @Test func `the same labels are one series in any order, and an empty label is no label`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        metrics.makeCounter(label: "n_total", dimensions: [("a", "1"), ("b", "2")]).increment(by: 1)
        metrics.makeCounter(label: "n_total", dimensions: [("b", "2"), ("a", "1"), ("c", "")]).increment(by: 1)
        metrics.makeCounter(label: "n_total", dimensions: [("a", "1"), ("a", "9"), ("b", "2")]).increment(by: 1)
        let page = try page(metrics)
        #expect(page.series(of: "n_total").count == 1)
        #expect(page.value("n_total", ["a": "1", "b": "2"]) == 3)
    }

    @Test func `labels that the format keeps for itself are renamed`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        let labels = [("le", "5"), ("__name__", "x"), ("my-label", "y")]
        metrics.makeRecorder(label: "size", dimensions: labels, aggregate: true).record(Int64(3))
        let expected = ["le_": "5", "_name__": "x", "my_label": "y"]
        #expect(try page(metrics).value("size_count", expected) == 1)
    }

    @Test func `one name with two types gives two names, and the page stays valid`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        metrics.makeCounter(label: "work_total", dimensions: []).increment(by: 1)
        metrics.makeMeter(label: "work_total", dimensions: []).set(Int64(2))
        let page = try page(metrics)
        #expect(page.value("work_total") == 1)
        #expect(page.value("work_total_gauge") == 2)
    }

    @Test func `the order of the page does not depend on the order of events`() {
        let labels = ["b", "a", "c", "aa"].map { [("account", $0)] }
        func page(_ labels: [[(String, String)]]) -> String {
            let metrics = PrometheusMetrics(catalog: [])
            for label in labels {
                metrics.makeCounter(label: "z_total", dimensions: label).increment(by: 1)
                metrics.makeMeter(label: "a", dimensions: label).set(Int64(1))
            }
            return metrics.exposition().split(separator: "\n").filter { !$0.contains("process_") }
                .joined(separator: "\n")
        }
        #expect(page(labels) == page(labels.reversed()))
    }

    @Test func `not a number and infinity have their words`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        metrics.makeMeter(label: "a", dimensions: []).set(Double.nan)
        metrics.makeMeter(label: "b", dimensions: []).set(-Double.infinity)
        metrics.makeMeter(label: "c", dimensions: []).set(1e300)
        let page = try page(metrics)
        #expect(page.value("a")?.isNaN == true)
        #expect(page.value("b") == -.infinity)
        #expect(page.value("c") == 1e300)
    }

    @Test func `a series goes when its last user destroys it, and not before`() throws {
        let metrics = PrometheusMetrics(catalog: [])
        let first = Counter(label: "n_total", dimensions: [("a", "1")], factory: metrics)
        let second = Counter(label: "n_total", dimensions: [("a", "1")], factory: metrics)
        first.increment()
        second.increment()
        first.destroy()
        #expect(try page(metrics).value("n_total", ["a": "1"]) == 2)
        second.destroy()
        #expect(try page(metrics).series(of: "n_total").isEmpty)
    }

    @Test func `counting from many threads loses nothing`() async throws {
        let metrics = PrometheusMetrics(catalog: [])
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = metrics.makeCounter(label: "n_total", dimensions: [])
                    let fractions = metrics.makeFloatingPointCounter(label: "f_total", dimensions: [])
                    let timer = metrics.makeTimer(label: "t_seconds", dimensions: [])
                    for _ in 0..<2_000 {
                        counter.increment(by: 1)
                        fractions.increment(by: 0.5)
                        timer.recordNanoseconds(1_000_000_000)
                    }
                }
            }
        }
        let page = try page(metrics)
        #expect(page.value("n_total") == 16_000)
        #expect(page.value("f_total") == 8_000)
        #expect(page.value("t_seconds_count") == 16_000)
        #expect(page.value("t_seconds_sum") == 16_000)
    }

    @Test func `this process is measured`() throws {
        let page = try page(PrometheusMetrics())
        #if os(Linux)
        #expect(try #require(page.value("process_resident_memory_bytes")) > 1_000_000)
        #expect(try #require(page.value("process_open_fds")) >= 3)
        #expect(try #require(page.value("process_max_fds")) >= 3)
        #expect(try #require(page.value("process_cpu_seconds_total")) >= 0)
        #expect(try #require(page.value("process_start_time_seconds")) > 1_600_000_000)
        #expect(page.types["process_cpu_seconds_total"] == "counter")
        #else
        #expect(page.series(of: "process_open_fds").isEmpty)
        #endif
    }

    @Test func `a program name with blanks and parentheses does not shift the fields`() {
        let stat =
            "7 (a) b (c) S 1 7 7 0 -1 4194304 500 0 0 0 250 50 0 0 20 0 4 0 1200 4096000 300 18446744073709551615"
        let samples = Dictionary(
            uniqueKeysWithValues: ProcessSample.status(stat, pageSize: 4_096, ticks: 100).map { ($0.name, $0.value) }
        )
        #expect(samples["process_cpu_seconds_total"] == 3)
        #expect(samples["process_start_time_seconds"] == 12)
        #expect(samples["process_virtual_memory_bytes"] == 4_096_000)
        #expect(samples["process_resident_memory_bytes"] == 1_228_800)
        #expect(ProcessSample.status("7 (a) S 1", pageSize: 4_096, ticks: 100).isEmpty)
        #expect(ProcessSample.openFileLimit("Max open files            unlimited            unlimited    files") == nil)
    }
}
