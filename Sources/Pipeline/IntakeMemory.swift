internal import KafkaClient
internal import Logging
internal import Messages
internal import Scheduling

/// What has ended at intake, so that a repeat has no second outcome.
struct IntakeMemory: Sendable {
    private var ended: FinishedCommands
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        ended = FinishedCommands(capacity: capacity)
    }

    /// Notes an outcome; `false` when it was known.
    mutating func insert(_ outcome: Outcome) -> Bool { ended.insert(outcome.run) }

    mutating func insert(_ known: [UInt128]) {
        for hash in known { _ = ended.insert(hash) }
    }

    /// Reads which commands have ended already, after a crash between outcome and commit.
    ///
    /// Nothing when all that was read is committed. Of each partition of the topics, as many of the latest outcomes are
    /// read as are remembered.
    func read(
        _ offsets: [PartitionOffset],
        from topics: [String],
        _ consumer: KafkaConsumer,
        _ context: WorkerContext,
        _ logger: Logger
    ) async throws -> [UInt128] {
        var isBehind = false
        for item in offsets {
            // A crash before the first commit leaves outcomes, too.
            let marks = try await consumer.watermarks(item.partition)
            if item.offset ?? marks.low < marks.high { isBehind = true }
        }
        guard isBehind else { return [] }
        var from: [PartitionOffset] = []
        for topic in topics {
            for number in 0..<Int32(clamping: try await context.writer.partitionCount(of: topic)) {
                let place = TopicPartition(topic: topic, partition: number)
                let high = try await consumer.watermarks(place).high
                from.append(PartitionOffset(partition: place, offset: max(0, high - Int64(capacity))))
            }
        }
        var known: [UInt128] = []
        try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
            for record in records {
                guard let value = record.value, let outcome = try? Outcome(decoding: value), outcome.isOfIntake else {
                    continue
                }
                known.append(outcome.run)
            }
            return true
        }
        return known
    }
}

extension Outcome {
    /// Whether intake can have made it; those of lanes may be among them.
    fileprivate var isOfIntake: Bool {
        switch disposition {
        case .rejected, .unsupported: true
        case .superseded, .refused, .expired: importMember != nil || command.type == MessageType.contactsImport.rawValue
        default: false
        }
    }
}
