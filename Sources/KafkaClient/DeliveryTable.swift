internal import CRdKafka
internal import Synchronization

/// Batches of records whose delivery reports are still to come.
///
/// A record's place is packed into the opaque value that librdkafka carries along, so a record costs no allocation here
/// and an event full of reports costs one lock.
final class DeliveryTable: Sendable {
    typealias Outcome = Result<Delivery, KafkaError>

    /// How the records of a batch ended.
    struct Report: Sendable {
        /// One for each record; none for a batch of which only failures are kept.
        var outcomes: [Outcome] = []
        var failures: [(index: Int, error: KafkaError)] = []
    }

    /// Records of one batch: 24 bits of the opaque value are the place, the others the batch.
    static let maxBatch = 1 << 24

    private final class Batch {
        let count: Int
        var report = Report()
        /// Reports to come, plus one until everything has been handed to librdkafka.
        var missing: Int
        var sender: CheckedContinuation<Report, Never>?
        /// Keeps the client alive until its last report.
        let handle: ClientHandle

        init(count: Int, keepsDeliveries: Bool, handle: ClientHandle) {
            self.count = count
            if keepsDeliveries { report.outcomes = Array(repeating: DeliveryTable.unknown, count: count) }
            missing = count + 1
            self.handle = handle
        }

        func fail(_ index: Int, _ error: KafkaError) {
            if report.outcomes.isEmpty {
                report.failures.append((index, error))
            } else {
                report.outcomes[index] = .failure(error)
            }
        }
    }

    private struct State {
        var lastID: UInt = 0
        var batches: [UInt: Batch] = [:]
        /// Grows with every event that has been freed: each may have made room in librdkafka's queue.
        var roomCount: UInt64 = 0
        var roomWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// Raised when the last batch is done.
    let emptied = QueueSignal(label: "kafka.deliveries")

    private static let unknown = Outcome.failure(KafkaError(.destroyed))

    var isEmpty: Bool { state.withLock(\.batches.isEmpty) }
    var roomCount: UInt64 { state.withLock(\.roomCount) }

    /// - Parameter keepsDeliveries: whether somebody wants to know where each record was stored.
    func open(count: Int, keepsDeliveries: Bool, handle: ClientHandle) -> UInt {
        state.withLock { state in
            state.lastID &+= 1
            state.batches[state.lastID] = Batch(count: count, keepsDeliveries: keepsDeliveries, handle: handle)
            return state.lastID
        }
    }

    static func opaque(batch: UInt, index: Int) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: batch << 24 | UInt(bitPattern: index))
    }

    /// Notes that a record was refused before it entered librdkafka's queue.
    func refuse(batch id: UInt, index: Int, _ error: KafkaError) {
        state.withLock { state in
            guard let batch = state.batches[id], (0..<batch.count).contains(index) else { return }
            batch.fail(index, error)
            batch.missing -= 1
        }
    }

    /// Waits for the reports of a batch of which everything has been handed over.
    func report(of id: UInt) async -> Report {
        await withCheckedContinuation { continuation in
            let finished = state.withLock { state -> Report? in
                guard let batch = state.batches[id] else { return Report() }
                batch.missing -= 1
                guard batch.missing == 0 else {
                    batch.sender = continuation
                    return nil
                }
                state.batches[id] = nil
                return batch.report
            }
            guard let finished else { return }
            continuation.resume(returning: finished)
            if isEmpty { emptied.raise() }
        }
    }

    /// Waits until an event has been freed since `count` was read.
    func room(since count: UInt64) async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                guard state.roomCount == count else { return true }
                state.roomWaiters.append(continuation)
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    /// Takes over all reports of one event.
    func receive(event: OpaquePointer) {
        var finished: [(CheckedContinuation<Report, Never>, Report)] = []
        state.withLock { state in
            var names = TopicNames()
            var currentID: UInt = 0
            var current: Batch?
            while let message = rd_kafka_event_message_next(event) {
                let place = UInt(bitPattern: message.pointee._private)
                let id = place >> 24
                if id != currentID || current == nil {
                    currentID = id
                    current = state.batches[id]
                }
                let index = Int(place & UInt(Self.maxBatch - 1))
                guard let batch = current, index < batch.count else { continue }
                if message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
                    batch.fail(index, batch.handle.fatalError ?? KafkaError(message.pointee.err))
                } else if !batch.report.outcomes.isEmpty {
                    batch.report.outcomes[index] = .success(Self.delivery(of: message, &names))
                }
                batch.missing -= 1
                guard batch.missing == 0 else { continue }
                state.batches[id] = nil
                current = nil
                if let sender = batch.sender { finished.append((sender, batch.report)) }
            }
        }
        for (sender, report) in finished { sender.resume(returning: report) }
        if !finished.isEmpty, isEmpty { emptied.raise() }
    }

    /// Wakes senders that found librdkafka's queue full.
    ///
    /// Records leave that queue when their event is freed. Waking before that let a sender find the queue still full and
    /// then wait for a report that never came.
    func makeRoom() {
        let waiters = state.withLock { state in
            state.roomCount &+= 1
            defer { state.roomWaiters = [] }
            return state.roomWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func delivery(
        of message: UnsafePointer<rd_kafka_message_t>,
        _ names: inout TopicNames
    ) -> Delivery {
        let topic = names.name(of: message.pointee.rkt)
        let partition = TopicPartition(topic: topic, partition: message.pointee.partition)
        return Delivery(partition: partition, offset: message.pointee.offset)
    }
}

extension ClientHandle {
    /// Why this client can do nothing more; `nil` while it works.
    var fatalError: KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let error = rd_kafka_fatal_error(client, &text, text.count)
        guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let reason = ClientConfiguration.reason(text)
        return KafkaError(KafkaError.Code(rawValue: error.rawValue), reason: reason, isFatal: true)
    }
}
