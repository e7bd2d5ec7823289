internal import KafkaClient
internal import Scheduling
internal import Synchronization

/// Outcomes on their way to the brokers, in order.
///
/// An entity's outcomes must not overtake one another, so there is one sender, which takes all that is there at a time.
final class Outbox: Sendable {
    /// What has to be stored before a record counts as finished.
    struct Publication: Sendable {
        /// The outcome first, then its dead letter if it has one.
        var records: [ProducerRecord]
        var source: RecordSource
        var epoch: Int
        var weight: Int
    }

    /// Yields when there is something to send.
    let arrivals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let waiting = Mutex<[Publication]>([])

    init() {
        (arrivals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func append(_ publication: Publication) {
        waiting.withLock { $0.append(publication) }
        signal.yield()
    }

    /// Puts back what could not be stored, before everything else.
    func putBack(_ publications: [Publication]) {
        waiting.withLock { $0.insert(contentsOf: publications, at: 0) }
        signal.yield()
    }

    func take(_ limit: Int) -> [Publication] {
        waiting.withLock { waiting in
            let batch = Array(waiting.prefix(limit))
            waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// So much waits that nothing new should be begun.
    var isFull: Bool { waiting.withLock { $0.count >= 5_000 } }
    var isEmpty: Bool { waiting.withLock { $0.isEmpty } }

    func finish() {
        signal.finish()
    }
}
