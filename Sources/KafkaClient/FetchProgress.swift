/// What each assigned partition has delivered, and whether its silence is an idle topic or a stall.
///
/// A partition stalls when it is not paused, the reader has taken everything that arrived, nothing came for `stallAfter`,
/// and the broker says twice, a fifth of that time apart, that there are records. librdkafka 2.0.2 can do so for a minute
/// after one failed request for committed offsets.
struct FetchProgress {
    typealias Instant = ContinuousClock.Instant

    private struct Partition {
        /// Offset of the next record; `nil` when reading began at a logical offset and nothing has come yet.
        var next: Int64?
        /// The last record, end, start or resume.
        var lastSign: Instant
        /// The last time the broker was asked.
        var lastAsked: Instant
        var isPaused = false
        var isSuspect = false
    }

    private let stallAfter: Duration
    private var states: [TopicPartition: Partition] = [:]
    /// Until this instant records may have waited for the reader.
    private var lastBusy: Instant

    init(stallAfter: Duration, now: Instant) {
        self.stallAfter = stallAfter
        lastBusy = now
    }

    var partitions: [TopicPartition] { Array(states.keys) }

    func contains(_ partition: TopicPartition) -> Bool { states[partition] != nil }
    func next(_ partition: TopicPartition) -> Int64? { states[partition]?.next }

    var paused: [TopicPartition] { states.filter(\.value.isPaused).map(\.key) }
    var positions: [PartitionOffset] { states.map { PartitionOffset(partition: $0.key, offset: $0.value.next) } }

    mutating func start(_ offsets: [PartitionOffset], now: Instant) {
        for item in offsets {
            states[item.partition] = Partition(next: item.offset, lastSign: now, lastAsked: now)
        }
    }

    mutating func stop(_ partitions: [TopicPartition]) {
        for partition in partitions { states[partition] = nil }
    }

    mutating func stopAll() {
        states = [:]
    }

    mutating func advance(_ partition: TopicPartition, to next: Int64?, now: Instant) {
        guard var state = states[partition] else { return }
        state.next = next
        state.lastSign = now
        state.isSuspect = false
        states[partition] = state
    }

    mutating func setPaused(_ partitions: [TopicPartition], _ isPaused: Bool, now: Instant) {
        for partition in partitions where states[partition]?.isPaused == !isPaused {
            states[partition]?.isPaused = isPaused
            states[partition]?.lastSign = now
            states[partition]?.isSuspect = false
        }
    }

    /// Notes that the reader left records waiting, or did not come for a while.
    mutating func readerWasBusy(now: Instant) {
        lastBusy = now
    }

    /// Partitions whose high watermark has to be asked for now.
    mutating func suspects(now: Instant) -> [TopicPartition] {
        var suspects: [TopicPartition] = []
        for (partition, state) in states where !state.isPaused {
            let quietSince = max(state.lastSign, lastBusy)
            guard quietSince.duration(to: now) >= stallAfter else { continue }
            let pause = state.isSuspect ? stallAfter / 5 : stallAfter
            guard max(quietSince, state.lastAsked).duration(to: now) >= pause else { continue }
            suspects.append(partition)
        }
        for partition in suspects { states[partition]?.lastAsked = now }
        return suspects
    }

    /// Weighs the broker's answer; `true`: the partition is stalled and has to be started again.
    mutating func weigh(_ watermarks: Watermarks, of partition: TopicPartition, now: Instant) -> Bool {
        guard var state = states[partition], !state.isPaused else { return false }
        defer { states[partition] = state }
        let isQuiet = max(state.lastSign, lastBusy).duration(to: now) >= stallAfter
        guard isQuiet, watermarks.high > (state.next ?? watermarks.low) else {
            state.isSuspect = false
            return false
        }
        guard state.isSuspect else {
            state.isSuspect = true
            return false
        }
        state.isSuspect = false
        state.lastSign = now
        return true
    }
}

/// The offsets of a partition's first record and of its next one.
package struct Watermarks: Hashable, Sendable {
    package var low: Int64
    package var high: Int64

    package init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}
