/// All series of one name.
struct MetricFamily: Sendable {
    struct Entry: Sendable {
        var series: Series
        /// How many of the program's metric objects use it; at zero it is no longer exported.
        var users = 0
    }

    enum Series: Sendable {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    /// What a request for a series leads to.
    enum Place {
        case own(LabelSet)
        /// The metric is at its bound: the labels of the series that it shares with others.
        case folded(LabelSet)
    }

    var name: String
    var kind: MetricDescription.Kind
    /// `nil` for a metric that the catalog does not know.
    var description: MetricDescription?
    var entries: [LabelSet: Entry] = [:]

    /// Folding keeps the labels that have a closed list of values.
    ///
    /// Should these be many after all, the shared series are bounded as the others are, and the last takes the rest.
    func place(for labels: LabelSet, limit: Int) -> Place {
        if entries[labels] != nil || entries.count < limit { return .own(labels) }
        if let open = description?.openLabels {
            let folded = labels.folded(open)
            if entries[folded] != nil || entries.count < 2 * limit { return .folded(folded) }
        }
        return .folded(labels.folded(nil))
    }

    func makeSeries(_ labels: LabelSet) -> Series {
        let id = SeriesID(family: name, labels: labels)
        switch kind {
        case .counter: return .counter(CounterSeries(id: id))
        case .gauge: return .gauge(GaugeSeries(id: id))
        case .histogram:
            let declared = description?.buckets ?? []
            return .histogram(
                HistogramSeries(id: id, bounds: declared.isEmpty ? MetricDescription.callBuckets : declared)
            )
        }
    }
}
