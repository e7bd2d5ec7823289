internal import CRdKafka

/// Gathers one turn's events; neighbouring records share one event.
struct EventBatch {
    private var events: [ConsumerEvent] = []
    private var records: [KafkaRecord] = []
    private var names = TopicNames()
    private var headerNames = HeaderNames()
    /// Place of the record before, by address: neighbours mostly agree, and then no name is compared or hashed.
    private var lastTopic: OpaquePointer?
    private var lastPartition: Int32 = -1
    private var positions: [TopicPartition: Int64] = [:]

    private(set) var recordCount = 0
    private(set) var byteCount = 0

    /// Records to make room for at once: growing would move all records of a large batch several times.
    private let expected: Int

    init(maxRecords: Int) {
        expected = min(maxRecords, 1024)
    }

    var isEmpty: Bool { events.isEmpty && records.isEmpty }

    mutating func append(_ message: UnsafePointer<rd_kafka_message_t>) {
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            append(.error(KafkaError(message.pointee.err)))
            return
        }
        let topic = message.pointee.rkt
        if topic != lastTopic || message.pointee.partition != lastPartition {
            notePosition()
            lastTopic = topic
            lastPartition = message.pointee.partition
        }
        if records.isEmpty { records.reserveCapacity(expected) }
        records.append(KafkaRecord(copying: message, topic: names.name(of: topic), &headerNames))
        recordCount += 1
        byteCount += message.pointee.len + message.pointee.key_len
    }

    mutating func append(_ event: ConsumerEvent) {
        closeRun()
        if case .endOfPartition(let partition, let offset) = event { positions[partition] = offset }
        events.append(event)
    }

    /// The offset after the last record of each partition met, or its end.
    mutating func takePositions() -> [TopicPartition: Int64] {
        closeRun()
        defer { positions = [:] }
        return positions
    }

    mutating func finish() -> [ConsumerEvent] {
        closeRun()
        return events
    }

    private mutating func closeRun() {
        guard !records.isEmpty else { return }
        notePosition()
        events.append(.records(records))
        records = []
    }

    private mutating func notePosition() {
        guard let last = records.last else { return }
        positions[last.topicPartition] = last.offset &+ 1
    }
}
