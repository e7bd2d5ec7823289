/// One row of the metrics' documentation, and how the exporter treats the metric of that name.
package struct MetricDescription: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// What a gauge beyond the bound of series means when its values meet in one series.
    package enum Folding: Hashable, Sendable {
        /// The values add up, as counts do.
        case sum
        /// A sum would mean nothing, as of ages: values beyond the bound are left out.
        case omit
    }

    package var name: String
    package var kind: Kind
    package var labels: [String]
    /// Labels that can take any number of values; the others have a closed list of values.
    package var openLabels: [String]
    /// In words, for people: `commands`, `seconds`, `ratio 0 to 1`.
    package var unit: String
    /// One sentence without a full stop.
    package var help: String
    package var folding: Folding
    /// Upper bounds of a histogram's buckets, ascending, without the last one (infinity).
    package var buckets: [Double]

    package init(
        _ name: String,
        _ kind: Kind,
        labels: [String] = [],
        openLabels: [String] = [],
        unit: String,
        folding: Folding = .sum,
        buckets: [Double] = [],
        _ help: String
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.openLabels = openLabels
        self.unit = unit
        self.folding = folding
        self.buckets = buckets
        self.help = help
    }

    /// Buckets in seconds for one request to a provider.
    package static let callBuckets: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
    ]

    /// Buckets in seconds for work that may wait for hours.
    package static let waitBuckets: [Double] = [
        0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
    ]
}
