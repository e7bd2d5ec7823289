internal import CRdKafka
package import Logging

/// A consumer of a group, or of partitions that its reader names (`groupID` nil).
///
/// Pulling is the back-pressure: what is not pulled stays in librdkafka's bounded queue, and then at the broker. The
/// reader calls ``nextEvents(maxRecords:maxBytes:timeout:)`` again and again, at least every `max.poll.interval.ms`, and
/// pauses partitions rather than stop pulling. Pausing throws away what librdkafka has fetched of a partition, so pause
/// by large steps.
///
/// Runs on a thread of its own; no call of the actor waits for a broker on it.
package actor KafkaConsumer {
    private nonisolated let serial = SerialQueue(label: "kafka.consumer")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { serial.asUnownedSerialExecutor() }

    let logger: Logger
    /// `nil` once closed.
    var handle: ClientHandle?
    var progress: FetchProgress
    /// What the group waits for; ``completeRevocation()`` ends it.
    var pendingRevocation: [TopicPartition]?
    /// A given assignment that ``assign(_:)`` has not answered yet.
    var isAssignmentPending = false
    let isGroupMember: Bool
    /// Where a partition without an offset begins: one of librdkafka's logical offsets.
    let unsetOffset: Int64
    let replies = CommitReplies()
    var isCommitting = false
    var commitTurns: [CheckedContinuation<Void, Never>] = []
    let stalls = StallAnswers()

    private let arrival: QueueSignal
    private let closed = Latch()
    private var isClosing = false
    private var lastTurn = ContinuousClock.now
    /// How much the turn before took, as the next one is likely to.
    private var lastBatch = (records: 0, bytes: 0)

    /// - Parameters:
    ///   - settings: `enable.auto.commit`, `enable.auto.offset.store` and `enable.partition.eof` are fixed; exactly one
    ///     `partition.assignment.strategy`, default `range`; `auto.offset.reset`, default `earliest`.
    ///   - groupID: `nil`: joins no group and never commits; partitions come from ``assign(_:)`` alone.
    ///   - stallAfter: silence after which the broker is asked whether it holds records.
    /// - Throws: `_INVALID_ARG` for settings that librdkafka or this module refuses.
    package init(
        settings: KafkaSettings,
        groupID: String?,
        logger: Logger,
        stallAfter: Duration = .seconds(10)
    ) throws(KafkaError) {
        // librdkafka's consumers need a group's name even when they never join; this one is nobody else's.
        let group = groupID ?? "bulkhead-reader-\(UInt64.random(in: 0 ... .max))"
        let settings = settings.merging(["group.id": group])
        let log = ClientLog(logger: logger)
        let replies = self.replies
        let handle = try ClientHandle(kind: .consumer, settings: settings) { event in
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_LOG: log.write(event: event)
            case RD_KAFKA_EVENT_OFFSET_COMMIT: replies.receive(event: event)
            default: break
            }
        }
        self.handle = handle
        self.logger = logger
        arrival = handle.arrival
        isGroupMember = groupID != nil
        unsetOffset =
            switch settings["auto.offset.reset"] {
            case "latest", "largest", "end": Int64(RD_KAFKA_OFFSET_END)
            case "error": Int64(RD_KAFKA_OFFSET_INVALID)
            default: Int64(RD_KAFKA_OFFSET_BEGINNING)
            }
        progress = FetchProgress(stallAfter: stallAfter, now: .now)
    }

    func openHandle() throws(KafkaError) -> ClientHandle {
        guard let handle, !isClosing else { throw .closed }
        return handle
    }

    /// Joins the group for these topics; a name that begins with `^` is a pattern.
    package func subscribe(_ topics: [String]) throws(KafkaError) {
        let handle = try openHandle()
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        try KafkaError.check(list.lend { rd_kafka_subscribe(handle.client, $0) })
    }

    /// What happened since the last call; waits up to `timeout` when there is nothing yet.
    ///
    /// Returns early, perhaps with nothing, on ``wake()`` and when the task is cancelled. The array ends after
    /// `maxRecords` records (at least 1), after the first record beyond `maxBytes`, and after a change of the assignment,
    /// so that it is answered before later events are seen.
    /// - Throws: a fatal error, after which this consumer has to be closed and replaced; `_DESTROY` when it is closed.
    package func nextEvents(
        maxRecords: Int,
        maxBytes: Int = 16 << 20,
        timeout: Duration
    ) async throws(KafkaError) -> [ConsumerEvent] {
        let start = ContinuousClock.now
        if lastTurn.duration(to: start) > .seconds(1) { progress.readerWasBusy(now: start) }
        var events = try take(maxRecords: max(1, maxRecords), maxBytes: maxBytes)
        if events.isEmpty {
            await arrival.wait(timeout: timeout)
            events = try take(maxRecords: max(1, maxRecords), maxBytes: maxBytes)
        }
        events += restartStalled()
        lastTurn = .now
        return events
    }

    /// Ends a waiting ``nextEvents(maxRecords:maxBytes:timeout:)`` early, or the next one when none waits.
    package nonisolated func wake() {
        arrival.raise()
    }

    private func take(maxRecords: Int, maxBytes: Int) throws(KafkaError) -> [ConsumerEvent] {
        let handle = try openHandle()
        var batch = EventBatch(expected: lastBatch)
        defer { lastBatch = (batch.recordCount, batch.byteCount) }
        while batch.recordCount < maxRecords, batch.byteCount < maxBytes {
            guard let event = rd_kafka_queue_poll(handle.records, 0) else {
                settle(&batch)
                return batch.finish()
            }
            defer { rd_kafka_event_destroy(event) }
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_FETCH:
                while let message = rd_kafka_event_message_next(event) { batch.append(message) }
            case RD_KAFKA_EVENT_REBALANCE:
                batch.append(rebalance(event, handle))
                settle(&batch)
                return batch.finish()
            case RD_KAFKA_EVENT_ERROR:
                let error = KafkaError(event: event)
                guard !error.isFatal else { throw error }
                if error.code == .endOfPartition, let end = rd_kafka_event_topic_partition(event) {
                    batch.append(.endOfPartition(end.pointee.topicPartition, offset: end.pointee.offset))
                    rd_kafka_topic_partition_destroy(end)
                } else {
                    batch.append(.error(error))
                }
            default:
                break
            }
        }
        settle(&batch)
        progress.readerWasBusy(now: .now)
        return batch.finish()
    }

    private func settle(_ batch: inout EventBatch) {
        guard !batch.isEmpty else { return }
        let now = ContinuousClock.now
        for (partition, next) in batch.takePositions() { progress.advance(partition, to: next, now: now) }
    }

    private func rebalance(_ event: OpaquePointer, _ handle: ClientHandle) -> ConsumerEvent {
        let partitions = rd_kafka_event_topic_partition_list(event)?.partitions ?? []
        switch rd_kafka_event_error(event) {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            isAssignmentPending = true
            return .assigning(partitions)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            pendingRevocation = partitions
            return .revoking(partitions, lost: rd_kafka_assignment_lost(handle.client) != 0)
        default:
            // The group could not settle an assignment; librdkafka asks for an empty one and joins again.
            rd_kafka_assign(handle.client, nil)
            progress.stopAll()
            return .error(KafkaError(event: event))
        }
    }

    /// Leaves the group and ends the client's threads; safe to call more than once, and all calls return when it is done.
    ///
    /// Partitions are given back without another ``ConsumerEvent/revoking(_:lost:)``: settle and commit first. Commits
    /// under way are answered. When the brokers do not answer, the group learns of it by `session.timeout.ms` instead, and
    /// a question to them that is still open keeps the threads until it fails.
    package func close() async {
        guard !isClosing else {
            await closed.wait()
            return
        }
        isClosing = true
        arrival.raise()
        let destroyed = await leaveAndRelease()
        await destroyed?.wait(atMost: .seconds(2))
        closed.open()
    }

    /// Everything that needs the client, in a function of its own: it is destroyed only when no local name holds it.
    private func leaveAndRelease() async -> Latch? {
        guard let handle else { return nil }
        if let error = rd_kafka_consumer_close_queue(handle.client, handle.records) { rd_kafka_error_destroy(error) }
        let hasLeft = await leave(handle)
        handle.pump.drain()
        replies.resolveAll(.failure(.closed))
        self.handle = nil
        progress.stopAll()
        guard hasLeft else {
            // Destroying a client in the middle of its leave meets an assertion of librdkafka 2.0.2
            // (`rd_kafka_cgrp_terminated`) and ends the process: better to keep one that nobody uses.
            _ = Unmanaged.passRetained(handle)
            return nil
        }
        return handle.destroyed
    }

    /// Answers what librdkafka asks while it closes.
    ///
    /// - Returns: `false` when it was given up after 3 s, as when no broker is there to be told.
    private func leave(_ handle: ClientHandle) async -> Bool {
        if pendingRevocation != nil { answerRevocation(handle) }
        let deadline = ContinuousClock.now + .seconds(3)
        while rd_kafka_consumer_closed(handle.client) == 0, ContinuousClock.now < deadline {
            while let event = rd_kafka_queue_poll(handle.records, 0) {
                if rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE {
                    pendingRevocation = rd_kafka_event_topic_partition_list(event)?.partitions ?? []
                    answerRevocation(handle)
                }
                rd_kafka_event_destroy(event)
            }
            await arrival.wait(timeout: .milliseconds(20))
        }
        return rd_kafka_consumer_closed(handle.client) != 0
    }
}
