internal import Metrics
internal import Synchronization

/// One line of numbers, or one histogram, that the factory has handed out.
protocol MetricSeries: AnyObject, Sendable {
    /// Where the registry keeps it; `nil` for what is not exported.
    var id: SeriesID? { get }
}

struct SeriesID: Hashable, Sendable {
    var family: String
    var labels: LabelSet
}

/// A number that only grows; whole and fractional amounts are kept apart, so that whole ones stay exact.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    let id: SeriesID?
    private let whole = Atomic<UInt64>(0)
    private let fraction = AtomicDouble()

    init(id: SeriesID) {
        self.id = id
    }

    /// A counter never goes down: an amount below zero changes nothing.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.store(0)
    }

    var text: String {
        let fraction = fraction.load()
        let whole = whole.load(ordering: .relaxed)
        return fraction == 0 ? String(whole) : ExpositionWriter.number(Double(whole) + fraction)
    }
}

/// The last number that was set.
final class GaugeSeries: MetricSeries, RecorderHandler, MeterHandler {
    let id: SeriesID?
    let value = AtomicDouble()

    /// Without an id the numbers are kept and go nowhere.
    init(id: SeriesID?) {
        self.id = id
    }

    func record(_ value: Int64) { self.value.store(Double(value)) }
    func record(_ value: Double) { self.value.store(value) }
    func set(_ value: Int64) { self.value.store(Double(value)) }
    func set(_ value: Double) { self.value.store(value) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }
}

/// One of many gauges whose sum is exported, because its metric has reached the bound of series.
///
/// Each keeps its own last number and hands the difference to the sum, and takes its part back when it goes.
final class FoldedGauge: MetricSeries, RecorderHandler, MeterHandler {
    let sum: GaugeSeries
    private let own = AtomicDouble()

    init(into sum: GaugeSeries) {
        self.sum = sum
    }

    deinit {
        sum.value.add(-own.load())
    }

    var id: SeriesID? { sum.id }

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }

    func set(_ value: Double) {
        // One infinity or NaN would stay in the sum for good.
        let value = value.isFinite ? value : 0
        sum.value.add(value - own.exchange(value))
    }

    private func add(_ amount: Double) {
        guard amount.isFinite else { return }
        own.add(amount)
        sum.value.add(amount)
    }
}

/// Counts of observations by size; timers observe seconds.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    struct Counts: Sendable {
        /// One for each bound and one beyond the last, each without those before it.
        var buckets: [UInt64]
        var sum = 0.0
    }

    let id: SeriesID?
    let bounds: [Double]
    private let counts: Mutex<Counts>

    init(id: SeriesID, bounds: [Double]) {
        self.id = id
        self.bounds = bounds
        counts = Mutex(Counts(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    /// A lock rather than atomics: sum and counts of one scrape belong together, and it is held for a few instructions.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts.withLock { counts in
            counts.buckets[bucket] &+= 1
            counts.sum += value
        }
    }

    var snapshot: Counts { counts.withLock { $0 } }
}

/// A `Double` that several threads may change.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func exchange(_ value: Double) -> Double {
        Double(bitPattern: bits.exchange(value.bitPattern, ordering: .relaxed))
    }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, found) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = found
        }
    }
}
