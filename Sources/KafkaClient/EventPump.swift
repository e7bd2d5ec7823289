internal import CRdKafka
internal import Dispatch

/// Hands every event of one librdkafka queue to a handler, on a dispatch queue, as soon as the event arrives.
///
/// Safe to share although the compiler cannot see it: the pointer never changes, librdkafka's queues are thread-safe,
/// and only ``stop()`` frees it, after the last turn has ended.
final class EventPump: @unchecked Sendable {
    let queue: OpaquePointer
    private let turns: DispatchQueue
    private let handle: @Sendable (_ event: OpaquePointer) -> Void
    private let afterEvent: @Sendable () -> Void

    /// Takes over `queue`; `afterEvent` is called when an event and all that it holds have been freed.
    init(
        queue: OpaquePointer,
        label: String,
        handle: @escaping @Sendable (_ event: OpaquePointer) -> Void,
        afterEvent: @escaping @Sendable () -> Void
    ) {
        self.queue = queue
        turns = DispatchQueue(label: label)
        self.handle = handle
        self.afterEvent = afterEvent
        // librdkafka calls back when the queue stops being empty, so events from before now need a first turn.
        rd_kafka_queue_cb_event_enable(
            queue,
            { _, opaque in
                guard let opaque else { return }
                Unmanaged<EventPump>.fromOpaque(opaque).takeUnretainedValue().schedule()
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
        schedule()
    }

    private func schedule() {
        turns.async { self.turn() }
    }

    private func turn() {
        while let event = rd_kafka_queue_poll(queue, 0) {
            handle(event)
            rd_kafka_event_destroy(event)
            afterEvent()
        }
    }

    /// Handles what is queued now before it returns.
    func drain() {
        turns.sync { turn() }
    }

    /// Ends the callbacks, handles what is left and frees the queue; the caller keeps the pump alive until it returns.
    func stop() {
        // librdkafka calls back under the lock that this call takes: afterwards no callback is running.
        rd_kafka_queue_cb_event_enable(queue, nil, nil)
        drain()
        // Turns that are still scheduled would touch the freed queue; a serial queue has run them all by the next sync.
        turns.sync { rd_kafka_queue_destroy(queue) }
    }
}
