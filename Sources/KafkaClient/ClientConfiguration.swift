internal import CRdKafka

/// A checked `rd_kafka_conf_t`, freed unless ``disown()`` says that a client took it.
final class ClientConfiguration {
    let pointer: OpaquePointer
    private var isOwned = true

    init(_ settings: KafkaSettings, kind: ClientHandle.Kind) throws(KafkaError) {
        try Self.refuseUnsafe(settings, kind: kind)
        pointer = rd_kafka_conf_new()
        var base = settings.withDefaults(Self.defaults)
        // librdkafka refuses a maximum below the minimum, and whoever sets the minimum alone did not ask for that.
        if settings["reconnect.backoff.max.ms"] == nil, settings["reconnect.backoff.ms"] != nil {
            base.properties["reconnect.backoff.max.ms"] = nil
        }
        let properties: [String: String]
        switch kind {
        case .consumer:
            properties =
                base.withDefaults(Self.heartbeat(settings)).withDefaults(Self.consumerDefaults).merging(
                    Self.consumerRules
                ).properties
        case .producer:
            properties = base.withDefaults(Self.producerDefaults).properties
        }
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            try set(name, value)
        }
        try set("log.queue", "true")
        let events =
            RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_DR
            | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG
        rd_kafka_conf_set_events(pointer, events)
    }

    deinit {
        if isOwned { rd_kafka_conf_destroy(pointer) }
    }

    func disown() {
        isOwned = false
    }

    private func set(_ name: String, _ value: String) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        guard rd_kafka_conf_set(pointer, name, value, &text, text.count) != RD_KAFKA_CONF_OK else { return }
        // librdkafka's text repeats the value.
        let reason = KafkaSettings.isSecret(name) ? "the value of \(name) is not usable" : Self.reason(text)
        throw KafkaError(.invalidArgument, reason: reason)
    }

    static func reason(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A restarted broker is found again within seconds, and new topics and partitions within half a minute.
    private static let defaults = [
        "client.id": "bulkhead",
        "reconnect.backoff.max.ms": "2000",
        "socket.keepalive.enable": "true",
        "topic.metadata.refresh.interval.ms": "30000",
    ]

    /// `fetch.wait.max.ms` bounds the latency of brokers that do not answer a waiting fetch when a record comes.
    ///
    /// One assignor, not librdkafka's list of two: see ``refuseUnsafe(_:kind:)``.
    private static let consumerDefaults = [
        "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": "100",
        "partition.assignment.strategy": "range",
        "queued.max.messages.kbytes": "32768",
    ]

    /// Offsets are committed by the reader alone, after the outcome; ends of partitions tell idle from stalled.
    private static let consumerRules = [
        "enable.auto.commit": "false",
        "enable.auto.offset.store": "false",
        "enable.partition.eof": "true",
    ]

    /// A tenth of a short session, so that a member hears of a rebalance while there is time to give back and commit.
    ///
    /// librdkafka's 3 s fit its session of 45 s; in one of 4 s the news comes too late and the member is expelled.
    private static func heartbeat(_ settings: KafkaSettings) -> [String: String] {
        guard let session = settings["session.timeout.ms"].flatMap(Int.init), session < 30_000 else { return [:] }
        return ["heartbeat.interval.ms": String(max(100, session / 10))]
    }

    /// Idempotence keeps order and drops repeats of a retried request; its buffer is bounded to 64 MiB.
    private static let producerDefaults = [
        "acks": "all",
        "compression.codec": "lz4",
        "enable.idempotence": "true",
        "linger.ms": "1",
        "partitioner": "murmur2_random",
        "queue.buffering.max.kbytes": "65536",
    ]

    private static let assignors: Set<String> = ["range", "roundrobin", "cooperative-sticky"]

    /// Settings that would break a promise of this module or, in some librdkafka versions, abort the process.
    ///
    /// A list of assignors is refused because members that offer different ones cannot share a group safely.
    private static func refuseUnsafe(_ settings: KafkaSettings, kind: ClientHandle.Kind) throws(KafkaError) {
        if settings["bootstrap.servers"]?.isEmpty ?? true {
            throw KafkaError(.invalidArgument, reason: "bootstrap.servers is missing")
        }
        guard kind == .consumer else { return }
        for (name, required) in consumerRules {
            guard let value = settings[name], value != required else { continue }
            throw KafkaError(.invalidArgument, reason: "\(name) has to be \(required), not \(value)")
        }
        if let strategy = settings["partition.assignment.strategy"], !assignors.contains(strategy) {
            let allowed = assignors.sorted().joined(separator: ", ")
            throw KafkaError(
                .invalidArgument,
                reason: "partition.assignment.strategy has to be exactly one of \(allowed), not \(strategy)"
            )
        }
    }
}
