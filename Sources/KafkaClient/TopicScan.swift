package import Logging

/// Reads topics outside any group: nothing is joined and nothing is committed.
package enum TopicScan {
    /// What following a topic reports.
    package enum Event: Sendable {
        case records([KafkaRecord])
        /// Everything that stood in the topics when the call was made has been reported; comes once.
        case caughtUp
    }

    /// Where following begins.
    package enum Start: Sendable, Hashable {
        case beginning
        /// After the last record that stands in the topics when the call is made.
        case end
    }

    /// Reads whole topics, from their first records to the ends at the time of the call.
    ///
    /// - Parameter onBatch: records of one partition come in order, of several mixed. `false` ends the scan.
    /// - Returns: for each partition the offset at which a later read has to continue.
    /// - Throws: `_TIMED_OUT` when nothing came for `idleTimeout`; `UNKNOWN_TOPIC_OR_PART`; what `onBatch` throws;
    ///   `CancellationError`.
    @discardableResult
    package static func read(
        _ settings: KafkaSettings,
        logger: Logger,
        topics: [String],
        idleTimeout: Duration = .seconds(60),
        onBatch: ([KafkaRecord]) async throws -> Bool
    ) async throws -> [PartitionOffset] {
        let session = try ScanSession(settings, logger: logger, idleTimeout: idleTimeout)
        return try await session.closing {
            try await session.read(
                from: session.partitions(of: topics).map { PartitionOffset(partition: $0, offset: nil) },
                to: [:],
                onBatch
            )
        }
    }

    /// Reads partitions from the given offsets (`nil`: the first record) to `to`, or to their ends at the time of the call.
    ///
    /// A partition stops short of its number in `to`, and never goes beyond its end. Otherwise as
    /// ``read(_:logger:topics:idleTimeout:onBatch:)``.
    @discardableResult
    package static func read(
        _ settings: KafkaSettings,
        logger: Logger,
        from: [PartitionOffset],
        to: [TopicPartition: Int64] = [:],
        idleTimeout: Duration = .seconds(60),
        onBatch: ([KafkaRecord]) async throws -> Bool
    ) async throws -> [PartitionOffset] {
        let session = try ScanSession(settings, logger: logger, idleTimeout: idleTimeout)
        return try await session.closing { try await session.read(from: from, to: to, onBatch) }
    }

    /// Reads topics for ever: until `onEvent` answers `false` or the task is cancelled (then it returns normally).
    ///
    /// Brokers that come and go are waited for. Partitions added later are not seen.
    package static func follow(
        _ settings: KafkaSettings,
        logger: Logger,
        topics: [String],
        start: Start,
        onEvent: (Event) async throws -> Bool
    ) async throws {
        let session = try ScanSession(settings, logger: logger, idleTimeout: .seconds(60))
        try await session.closing {
            let partitions = try await session.partitions(of: topics)
            try await session.follow(
                partitions.map { PartitionOffset(partition: $0, offset: nil) },
                start: start,
                onEvent
            )
        }
    }

    /// As ``follow(_:logger:topics:start:onEvent:)``, from given offsets (`nil`: the first record).
    package static func follow(
        _ settings: KafkaSettings,
        logger: Logger,
        from: [PartitionOffset],
        onEvent: (Event) async throws -> Bool
    ) async throws {
        let session = try ScanSession(settings, logger: logger, idleTimeout: .seconds(60))
        try await session.closing { try await session.follow(from, start: .beginning, onEvent) }
    }
}

/// One scan's consumer and its loops.
private struct ScanSession {
    let consumer: KafkaConsumer
    let idleTimeout: Duration

    init(_ settings: KafkaSettings, logger: Logger, idleTimeout: Duration) throws(KafkaError) {
        // A record that was deleted since its offset was noted must not send the scan to the end.
        consumer = try KafkaConsumer(
            settings: KafkaSettings(["reconnect.backoff.max.ms": "500"]).merging(settings.properties)
                .merging(["auto.offset.reset": "earliest"]),
            groupID: nil,
            logger: logger
        )
        self.idleTimeout = idleTimeout
    }

    func closing<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            await consumer.close()
            return value
        } catch {
            await consumer.close()
            throw error
        }
    }

    func partitions(of topics: [String]) async throws(KafkaError) -> [TopicPartition] {
        var partitions: [TopicPartition] = []
        for topic in topics {
            let count = try await consumer.partitionCount(of: topic)
            partitions += (0..<Int32(clamping: count)).map { TopicPartition(topic: topic, partition: $0) }
        }
        return partitions
    }

    func read(
        from: [PartitionOffset],
        to: [TopicPartition: Int64],
        _ onBatch: ([KafkaRecord]) async throws -> Bool
    ) async throws -> [PartitionOffset] {
        var frontier = Frontier()
        for item in from {
            let marks = try await consumer.watermarks(item.partition)
            let end = min(marks.high, to[item.partition] ?? marks.high)
            frontier.add(item.partition, from: max(marks.low, item.offset ?? marks.low), to: end)
        }
        guard !frontier.isDone else { return frontier.offsets }
        try await consumer.assign(frontier.open)
        var lastProgress = ContinuousClock.now
        while !frontier.isDone {
            try Task.checkCancellation()
            for event in try await consumer.nextEvents(maxRecords: 10_000, timeout: .milliseconds(500)) {
                switch event {
                case .records(let records):
                    lastProgress = .now
                    let wanted = frontier.advance(Array(records))
                    if !wanted.isEmpty, try await !onBatch(wanted) { return frontier.offsets }
                case .endOfPartition(let partition, let offset):
                    frontier.reach(partition, offset)
                default:
                    break
                }
            }
            try await consumer.pause(frontier.takeFinished())
            guard lastProgress.duration(to: .now) < idleTimeout else {
                throw KafkaError(.timedOut, reason: "no record came although the end was not reached")
            }
        }
        return frontier.offsets
    }

    func follow(
        _ from: [PartitionOffset],
        start: TopicScan.Start,
        _ onEvent: (TopicScan.Event) async throws -> Bool
    ) async throws {
        var frontier = Frontier()
        for item in from {
            let marks = try await consumer.watermarks(item.partition)
            let first = start == .end ? marks.high : max(marks.low, item.offset ?? marks.low)
            frontier.add(item.partition, from: first, to: marks.high)
        }
        try await consumer.assign(frontier.offsets)
        var isCaughtUp = frontier.isDone
        if isCaughtUp, try await !onEvent(.caughtUp) { return }
        while !Task.isCancelled {
            for event in try await consumer.nextEvents(maxRecords: 10_000, timeout: .seconds(1)) {
                switch event {
                case .records(let block):
                    let records = Array(block)
                    _ = frontier.advance(records)
                    if try await !onEvent(.records(records)) { return }
                case .endOfPartition(let partition, let offset):
                    frontier.reach(partition, offset)
                default:
                    break
                }
            }
            guard !isCaughtUp, frontier.isDone else { continue }
            isCaughtUp = true
            if try await !onEvent(.caughtUp) { return }
        }
    }
}
