internal import CRdKafka
internal import Dispatch
internal import Synchronization

/// Sole owner of one `rd_kafka_t` and its queues.
///
/// Whoever makes a C call holds a strong reference meanwhile, so the client is destroyed after the last call has ended.
/// Safe to share although the compiler cannot see it: the pointers never change and librdkafka's clients, topics and
/// queues are thread-safe.
final class ClientHandle: @unchecked Sendable {
    let client: OpaquePointer
    /// A consumer's records and rebalances; `nil` for other kinds.
    let records: OpaquePointer?
    /// Raised when `records` stops being empty.
    let arrival: QueueSignal
    /// For calls that wait for a broker.
    let blocking: BlockingQueue
    /// Opens when the client's threads have ended.
    let destroyed = Latch()
    /// Logs of every kind; a consumer's answers to commits; a producer's delivery reports and errors.
    let pump: EventPump

    private let topics = Mutex<[String: OpaquePointer]>([:])

    enum Kind {
        case consumer
        case producer
    }

    init(
        kind: Kind,
        settings: KafkaSettings,
        onEvent: @escaping @Sendable (_ event: OpaquePointer) -> Void,
        afterEvent: @escaping @Sendable () -> Void = {}
    ) throws(KafkaError) {
        let configuration = try ClientConfiguration(settings, kind: kind)
        var text = [CChar](repeating: 0, count: 512)
        let type = kind == .consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        guard let client = rd_kafka_new(type, configuration.pointer, &text, text.count) else {
            throw KafkaError(.invalidArgument, reason: ClientConfiguration.reason(text))
        }
        // rd_kafka_new takes the configuration on success only.
        configuration.disown()
        self.client = client
        arrival = QueueSignal(label: "kafka.arrival")
        blocking = BlockingQueue(label: "kafka.blocking")
        let queue: OpaquePointer
        switch kind {
        case .consumer:
            rd_kafka_poll_set_consumer(client)
            records = rd_kafka_queue_get_consumer(client)
            queue = rd_kafka_queue_new(client)
            rd_kafka_queue_cb_event_enable(
                records,
                { _, opaque in
                    guard let opaque else { return }
                    Unmanaged<QueueSignal>.fromOpaque(opaque).takeUnretainedValue().raise()
                },
                Unmanaged.passUnretained(arrival).toOpaque()
            )
        case .producer:
            records = nil
            queue = rd_kafka_queue_get_main(client)
        }
        pump = EventPump(queue: queue, label: "kafka.events", handle: onEvent, afterEvent: afterEvent)
        rd_kafka_set_log_queue(client, pump.queue)
    }

    /// The C object of a topic; lives as long as the client.
    func topic(_ name: String) throws(KafkaError) -> OpaquePointer {
        let topic = topics.withLock { topics in
            if let known = topics[name] { return Pointer(raw: known) }
            let new = rd_kafka_topic_new(client, name, nil)
            topics[name] = new
            return Pointer(raw: new)
        }
        guard let raw = topic.raw else { throw KafkaError(rd_kafka_last_error()) }
        return raw
    }

    /// Carries a pointer out of a lock; the object it names is thread-safe.
    private struct Pointer: @unchecked Sendable {
        let raw: OpaquePointer?
    }

    deinit {
        let remains = Remains(
            client: client,
            records: records,
            topics: topics.withLock { Array($0.values) },
            pump: pump,
            arrival: arrival,
            destroyed: destroyed
        )
        // The last reference may go on any thread, the pump's own included, and destroying waits for librdkafka's.
        DispatchQueue(label: "kafka.end").async { remains.destroy() }
    }

    /// Everything that outlives the handle for as long as destroying takes.
    private struct Remains: @unchecked Sendable {
        let client: OpaquePointer
        let records: OpaquePointer?
        let topics: [OpaquePointer]
        let pump: EventPump
        let arrival: QueueSignal
        let destroyed: Latch

        func destroy() {
            if let records {
                rd_kafka_queue_cb_event_enable(records, nil, nil)
                rd_kafka_queue_destroy(records)
            }
            for topic in topics { rd_kafka_topic_destroy(topic) }
            pump.stop()
            // A consumer that was not closed leaves its group by timeout, as a crash would; closing here could hang.
            rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            withExtendedLifetime(arrival) { destroyed.open() }
        }
    }
}
