/// Writes the Prometheus text format, version 0.0.4 (prometheus.io, "Exposition formats").
struct ExpositionWriter {
    private(set) var text = ""

    mutating func write(_ family: MetricFamily) {
        head(family.name, family.kind, family.description)
        for (labels, entry) in family.entries.sorted(by: { $0.key < $1.key }) {
            switch entry.series {
            case .counter(let counter): line(family.name, labels, counter.text)
            case .gauge(let gauge): line(family.name, labels, Self.number(gauge.value.load()))
            case .histogram(let histogram): write(histogram, family.name, labels)
            }
        }
    }

    private mutating func write(_ histogram: HistogramSeries, _ name: String, _ labels: LabelSet) {
        let counts = histogram.snapshot
        var count: UInt64 = 0
        for (index, bucket) in counts.buckets.enumerated() {
            count &+= bucket
            let bound = index < histogram.bounds.count ? histogram.bounds[index] : .infinity
            line("\(name)_bucket", labels, String(count), bound: Self.number(bound))
        }
        line("\(name)_sum", labels, Self.number(counts.sum))
        line("\(name)_count", labels, String(count))
    }

    private mutating func head(
        _ name: String,
        _ kind: MetricDescription.Kind,
        _ description: MetricDescription?
    ) {
        if let help = description?.help {
            text += "# HELP \(name) "
            Self.escape(help, quotes: false, to: &text)
            text += "\n"
        }
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: LabelSet, _ value: String, bound: String? = nil) {
        text += name
        if bound != nil || !labels.labels.isEmpty {
            var separator = "{"
            for label in labels.labels {
                text += "\(separator)\(label.name)=\""
                Self.escape(label.value, quotes: true, to: &text)
                text += "\""
                separator = ","
            }
            if let bound { text += "\(separator)le=\"\(bound)\"" }
            text += "}"
        }
        text += " \(value)\n"
    }

    private static func escape(_ value: String, quotes: Bool, to text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\"" where quotes: text += "\\\""
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// A number as Go's `ParseFloat` reads it, whole ones without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        // Beyond 2^53 not every whole number is a Double, and digits would claim an accuracy that is not there.
        if value.magnitude < 9e15, let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }
}
