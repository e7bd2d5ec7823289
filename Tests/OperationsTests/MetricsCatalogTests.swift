import Foundation
import Metrics
import Testing

@testable import Operations

struct MetricsCatalogTests {
    @Test func `every metric of the table is served with its type and meaning, and nothing else`() throws {
        let metrics = PrometheusMetrics()
        let page = try ExpositionReader(metrics.exposition())
        #expect(page.order == MetricsCatalog.all.map(\.name).sorted())
        for metric in MetricsCatalog.all {
            #expect(page.types[metric.name] == metric.kind.rawValue)
            #expect(page.help[metric.name] == metric.help)
        }
        #expect(metrics.deviations().isEmpty)
    }

    @Test func `names follow the conventions of Prometheus`() {
        #expect(Set(MetricsCatalog.all.map(\.name)).count == MetricsCatalog.all.count)
        for metric in MetricsCatalog.all {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.name == LabelSet.metricName(metric.name))
            #expect(Set(metric.openLabels).isSubset(of: metric.labels))
            #expect((metric.kind == .histogram) == !metric.buckets.isEmpty)
            #expect(metric.buckets == metric.buckets.sorted())
            #expect(!metric.help.contains("|") && !metric.help.hasSuffix("."))
        }
    }

    @Test func `what is not in the table is exported and named`() throws {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "surprise_total", dimensions: []).increment(by: 1)
        metrics.makeCounter(label: "bulkhead_duplicates_total", dimensions: [("color", "red")]).increment(by: 1)
        metrics.makeMeter(label: "bulkhead_commands_total", dimensions: []).set(Int64(1))
        #expect(try ExpositionReader(metrics.exposition()).value("surprise_total") == 1)
        #expect(
            metrics.deviations() == [
                "bulkhead_commands_total_gauge is not in the catalog",
                "bulkhead_duplicates_total has a label color that the catalog does not name",
                "surprise_total is not in the catalog",
            ]
        )
    }

    @Test func `the page of the documentation is the table`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Bulkhead/Bulkhead.docc/Metrics.md")
        #expect(try String(contentsOf: file, encoding: .utf8) == MetricsCatalog.markdown)
    }
}
