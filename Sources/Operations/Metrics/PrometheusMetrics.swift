package import Metrics
internal import Synchronization

/// A backend of swift-metrics that keeps all numbers in memory and writes them as Prometheus text (format 0.0.4).
///
/// Making a metric takes a lock; counting, setting and timing with it does not look anything up. A metric has at most
/// `seriesLimit` series of its own, and what is asked for beyond that shares the series whose labels say `other`.
package final class PrometheusMetrics: MetricsFactory {
    package static let defaultSeriesLimit = 1_000

    private let families: Mutex<[String: MetricFamily]>
    private let declared: [String: MetricDescription]
    private let seriesLimit: Int

    /// All metrics of the catalog are announced from the start, also those that have no series yet.
    ///
    /// - Parameter seriesLimit: Series of one metric, from 1; below it counts as 1.
    package init(
        catalog: [MetricDescription] = MetricsCatalog.all,
        seriesLimit: Int = PrometheusMetrics.defaultSeriesLimit
    ) {
        declared = Dictionary(catalog.map { ($0.name, $0) }) { first, _ in first }
        families = Mutex(declared.mapValues { MetricFamily(name: $0.name, kind: $0.kind, description: $0) })
        self.seriesLimit = max(1, min(seriesLimit, 1_000_000))
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        switch series(.gauge, LabelSet.metricName(label), dimensions) {
        case (.gauge(let gauge), .own): gauge
        case (.gauge(let gauge), .folded): FoldedGauge(into: gauge)
        default: GaugeSeries(id: nil)
        }
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        let name = LabelSet.metricName(label)
        return switch series(aggregate ? .histogram : .gauge, name, dimensions) {
        case (.gauge(let gauge), .own): gauge
        case (.gauge(let gauge), .folded): FoldedGauge(into: gauge)
        case (.histogram(let histogram), _): histogram
        default: GaugeSeries(id: nil)
        }
    }

    /// Timers are histograms of seconds, so their names end in `_seconds`.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = Self.name(label, endingIn: "_seconds")
        guard case (.histogram(let histogram), _) = series(.histogram, name, dimensions) else {
            return NOOPMetricsHandler.instance
        }
        return histogram
    }

    package func destroyCounter(_ handler: any CounterHandler) { release(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { release(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { release(handler) }

    /// All metrics as they are now, in the order of their names and labels.
    package func exposition() -> String {
        var families = families.withLock { $0 }
        for sample in ProcessSample.current() {
            families[sample.name, default: MetricFamily(name: sample.name, kind: .gauge)].measure(sample.value)
        }
        var writer = ExpositionWriter()
        for family in families.values.sorted(by: { $0.name < $1.name }) { writer.write(family) }
        return writer.text
    }

    /// What is exported and differs from the catalog, in words; empty when all is documented.
    package func deviations() -> [String] {
        families.withLock { families in
            families.values.sorted { $0.name < $1.name }.flatMap { family -> [String] in
                guard let description = family.description else { return ["\(family.name) is not in the catalog"] }
                let names = Set(family.entries.keys.flatMap { $0.labels.map(\.name) })
                return names.subtracting(description.labels).sorted().map {
                    "\(family.name) has a label \($0) that the catalog does not name"
                }
            }
        }
    }
}

extension PrometheusMetrics {
    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        let name = Self.name(label, endingIn: "_total")
        if case (.counter(let counter), _) = series(.counter, name, dimensions) { return counter }
        return CounterSeries(id: SeriesID(family: name, labels: LabelSet(dimensions)))
    }

    private static func name(_ label: String, endingIn suffix: String) -> String {
        let name = LabelSet.metricName(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// Finds or makes a series; `nil` when values beyond the bound are left out.
    private func series(
        _ kind: MetricDescription.Kind,
        _ name: String,
        _ dimensions: [(String, String)]
    ) -> (MetricFamily.Series?, MetricFamily.Place) {
        let labels = LabelSet(dimensions)
        return families.withLock { families in
            var name = name
            if let kindInUse = families[name]?.kind, kindInUse != kind {
                // One name has one type in the format; the later one steps aside rather than spoil the page.
                name += "_\(kind.rawValue)"
            }
            // In place: a copy of the family would copy all of its series.
            if families[name] == nil {
                families[name] = MetricFamily(name: name, kind: kind, description: declared[name])
            }
            let place = families[name]?.place(for: labels, limit: seriesLimit) ?? .own(labels)
            let series: MetricFamily.Series?
            switch place {
            case .own(let labels):
                series = families[name]?.use(labels)
            case .folded(let labels):
                Self.countFolded(name, in: &families)
                let isLeftOut = kind == .gauge && families[name]?.description?.folding == .omit
                series = isLeftOut ? nil : families[name]?.use(labels)
            }
            return (series, place)
        }
    }

    private static func countFolded(_ metric: String, in families: inout [String: MetricFamily]) {
        let labels = LabelSet([("metric", metric)])
        guard metric != MetricsCatalog.foldedName,
            case .counter(let counter)? = families[MetricsCatalog.foldedName]?.use(labels)
        else { return }
        counter.increment(by: Int64(1))
    }

    private func release(_ handler: AnyObject) {
        guard let series = handler as? any MetricSeries, !(series is FoldedGauge), let id = series.id else { return }
        families.withLock { $0[id.family]?.release(id.labels, series) }
    }
}

extension MetricFamily {
    /// Makes this value the family's only one.
    fileprivate mutating func measure(_ value: Double) {
        let labels = LabelSet([])
        let series = makeSeries(labels)
        switch series {
        case .counter(let counter): counter.increment(by: value)
        case .gauge(let gauge): gauge.set(value)
        case .histogram: return
        }
        entries = [labels: Entry(series: series)]
    }

    fileprivate mutating func use(_ labels: LabelSet) -> Series {
        let series = entries[labels]?.series ?? makeSeries(labels)
        entries[labels, default: Entry(series: series)].users += 1
        return series
    }

    fileprivate mutating func release(_ labels: LabelSet, _ handler: any MetricSeries) {
        guard let entry = entries[labels], entry.series.object === handler else { return }
        if entry.users <= 1 {
            entries[labels] = nil
        } else {
            entries[labels]?.users -= 1
        }
    }
}

extension MetricFamily.Series {
    fileprivate var object: any MetricSeries {
        switch self {
        case .counter(let series): series
        case .gauge(let series): series
        case .histogram(let series): series
        }
    }
}
