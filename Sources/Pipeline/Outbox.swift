internal import KafkaClient
internal import Messages
internal import Scheduling
internal import Synchronization

/// Outcomes on their way to the brokers, in order.
///
/// An entity's outcomes must not overtake one another, so there is one sender, which takes all that is there at a time.
final class Outbox: Sendable {
    /// What has to be stored before a record counts as finished.
    struct Publication: Sendable {
        /// Dead letters, which go before the outcomes.
        var letters: [ProducerRecord] = []
        /// Outcomes, or what else has to be stored.
        var outcomes: [ProducerRecord] = []
        var source: RecordSource
        var epoch: Int
        var weight: Int
        /// The commands in ``OpenCommands`` that are over with it.
        var commands: [UInt128] = []
        /// Commands of the record that other records do.
        var others: [UInt128] = []
        /// It was sent and failed, but some of it may have been stored.
        var isUncertain = false
        /// Puts a member of a paused campaign aside.
        var isParking = false
        /// The commands, by ``ReplayGuard/hash(_:)``, that have an outcome in the results topic.
        var successes: [UInt128] = []

        init(source: RecordSource, epoch: Int, weight: Int, commands: [UInt128] = []) {
            self.commands = commands
            self.source = source
            self.epoch = epoch
            self.weight = weight
        }

        var holding: Holding { Holding(partition: source.partition, epoch: epoch) }

        var isStored: Bool { letters.isEmpty && outcomes.isEmpty }

        mutating func add(_ record: ProducerRecord, _ outcome: Outcome) {
            outcomes.append(record)
            if outcome.disposition.topic == .results { successes.append(ReplayGuard.hash(outcome.command)) }
        }
    }

    /// A partition from its assignment to its revocation.
    struct Holding: Hashable, Sendable {
        var partition: Int32
        var epoch: Int
    }

    /// Yields when there is something to send.
    let arrivals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    private struct State {
        var waiting: [Publication] = []
        /// Unfinished publications by the epoch of their partition, those being sent included.
        var unfinished: [Int: Int] = [:]
        /// Those of them that put members aside.
        var parking: [Int: Int] = [:]
    }

    init() {
        (arrivals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func append(_ publication: Publication) {
        state.withLock { state in
            state.waiting.append(publication)
            state.unfinished[publication.epoch, default: 0] += 1
            if publication.isParking { state.parking[publication.epoch, default: 0] += 1 }
        }
        signal.yield()
    }

    /// Puts back what could not be stored, before everything else.
    func putBack(_ publications: [Publication]) {
        state.withLock { $0.waiting.insert(contentsOf: publications, at: 0) }
        signal.yield()
    }

    /// Takes the first of what may go, in order.
    func take(_ limit: Int, where mayGo: (Publication) -> Bool = { _ in true }) -> [Publication] {
        state.withLock { state in
            var batch: [Publication] = []
            var held: [Publication] = []
            var seen = 0
            for publication in state.waiting where batch.count < limit {
                seen += 1
                if mayGo(publication) { batch.append(publication) } else { held.append(publication) }
            }
            state.waiting.replaceSubrange(..<seen, with: held)
            return batch
        }
    }

    /// Has the sender look again, since something may go now that had to wait.
    func lookAgain() {
        signal.yield()
    }

    /// Notes that everything of a publication is stored.
    func finished(_ publication: Publication) {
        state.withLock { state in
            let left = (state.unfinished[publication.epoch] ?? 0) - 1
            state.unfinished[publication.epoch] = left > 0 ? left : nil
            guard publication.isParking, let parking = state.parking[publication.epoch] else { return }
            state.parking[publication.epoch] = parking > 1 ? parking - 1 : nil
        }
    }

    /// Whether outcomes of a holding are still on their way.
    func hasUnfinished(epoch: Int) -> Bool { state.withLock { $0.unfinished[epoch] != nil } }

    /// Whether members of paused campaigns are still on their way aside.
    func isParking(epoch: Int) -> Bool { state.withLock { $0.parking[epoch] != nil } }

    /// So much waits that nothing new should be begun.
    var isFull: Bool { state.withLock { $0.waiting.count >= 5_000 } }
    /// Everything that was appended is stored.
    var isSettled: Bool { state.withLock { $0.unfinished.isEmpty } }
    /// Nothing waits to be sent; a batch may be on its way.
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    func finish() {
        signal.finish()
    }
}
