internal import CRdKafka

/// Gathers one turn's events; neighbouring records share one event.
struct EventBatch {
    private var events: [ConsumerEvent] = []
    private var records = RecordBlock()
    private var names = TopicNames()
    private var headerNames = HeaderNames()
    /// Place of the record before, by address: neighbours mostly agree, and then no name is compared or hashed.
    private var lastTopic: OpaquePointer?
    private var lastPartition: Int32 = -1
    private var topic = 0
    private var positions: [TopicPartition: Int64] = [:]

    private(set) var recordCount = 0
    private(set) var byteCount = 0

    /// Room to make at once: growing would move all records of a large batch several times.
    private let expected: (records: Int, bytes: Int)

    init(expected: (records: Int, bytes: Int)) {
        self.expected = expected
    }

    var isEmpty: Bool { events.isEmpty && records.isEmpty }

    mutating func append(_ message: UnsafePointer<rd_kafka_message_t>) {
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            append(.error(KafkaError(message.pointee.err)))
            return
        }
        if message.pointee.rkt != lastTopic || message.pointee.partition != lastPartition || records.isEmpty {
            notePosition()
            lastTopic = message.pointee.rkt
            lastPartition = message.pointee.partition
            topic = records.topics.number(of: names.name(of: lastTopic))
        }
        if records.isEmpty {
            records.entries.reserveCapacity(expected.records)
            records.bytes.reserveCapacity(expected.bytes)
        }
        records.append(copying: message, topic: topic, &headerNames)
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
        records = RecordBlock()
    }

    private mutating func notePosition() {
        guard let last = records.entries.last else { return }
        positions[records.topicPartition(of: last)] = last.offset &+ 1
    }
}
