extension MetricsCatalog {
    /// The page `Metrics.md` of the documentation; a test compares the two.
    package static var markdown: String {
        var page = """
            # Metrics

            What `/metrics` of the admin server serves, in the Prometheus text format.

            ## The metrics

            | Name | Type | Labels | Unit | Meaning |
            |---|---|---|---|---|

            """
        for metric in all {
            let labels = metric.labels.isEmpty ? "none" : metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            page += "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.unit) | \(metric.help) |\n"
        }
        page += "\n## Buckets of the histograms\n\n"
        for metric in all where metric.kind == .histogram {
            let bounds = metric.buckets.map(ExpositionWriter.number).joined(separator: ", ")
            page += "- `\(metric.name)`: \(bounds) \(metric.unit).\n"
        }
        page += """

            ## How many series there are

            A metric has at most \(PrometheusMetrics.defaultSeriesLimit) series of its own. What is asked for after that is counted in
            `\(foldedName)` and shares one series, in which the labels that can take any value
            (\(openLabelsInWords)) say `other`. Counts and backlogs add up there; ages and ratios do not, so
            beyond the bound they are left out. An empty label is the same as no label.

            ## The signal to scale on

            Scale on `sum by (provider) (bulkhead_lane_useful_backlog)`. It counts only what one more process would
            send sooner. While the provider's limit, a breaker or a pause is what holds the work back it is zero,
            however long the backlog is, because more processes share the same limit and gain nothing.

            """
        return page
    }

    private static var openLabelsInWords: String {
        Set(all.flatMap(\.openLabels)).sorted().map { "`\($0)`" }.joined(separator: ", ")
    }
}
