internal import CRdKafka
package import Logging
internal import Synchronization

/// Writes records and says where each one was stored.
///
/// Idempotent with `acks=all` unless the settings say otherwise: within one producer a retry by librdkafka neither
/// repeats nor reorders records. A record that cannot be delivered within `message.timeout.ms` (librdkafka's default:
/// 5 minutes) fails with `_MSG_TIMED_OUT`.
package final class KafkaProducer: Sendable {
    private let state: Mutex<ClientHandle?>
    private let table = DeliveryTable()
    private let destroyed: Latch

    /// - Throws: `_INVALID_ARG` for settings that librdkafka refuses.
    package init(settings: KafkaSettings, logger: Logger) throws(KafkaError) {
        let log = ClientLog(logger: logger)
        let table = self.table
        let handle = try ClientHandle(kind: .producer, settings: settings) { event in
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR:
                table.receive(event: event)
            case RD_KAFKA_EVENT_LOG:
                log.write(event: event)
            case RD_KAFKA_EVENT_ERROR:
                let error = KafkaError(event: event)
                logger.log(
                    level: error.isFatal ? .error : .warning,
                    "Kafka producer error",
                    metadata: ["error": .string(error.name), "reason": .string(error.reason)]
                )
            default:
                break
            }
        } afterEvent: {
            table.makeRoom()
        }
        state = Mutex(handle)
        destroyed = handle.destroyed
    }

    private var handle: ClientHandle? { state.withLock { $0 } }

    /// Set once idempotence has failed for good: every send fails from then on, and the owner has to make a new producer.
    package var fatalError: KafkaError? { handle?.fatalError }

    /// Writes one record and waits until the brokers have acknowledged it.
    package func send(_ record: ProducerRecord) async throws(KafkaError) -> Delivery {
        let outcomes = await send([record])
        guard let outcome = outcomes.first else { throw .closed }
        return try outcome.get()
    }

    /// Writes records in their order and waits until each is acknowledged or has failed.
    ///
    /// When librdkafka's buffer is full the call waits for room: that is the back-pressure. It does not end early when
    /// the task is cancelled, since the records are on their way.
    ///
    /// Not on the caller's actor: handing over a large batch takes a while, in which an actor could do something else.
    /// - Returns: one result per record, in the same order.
    @concurrent package func send(_ records: [ProducerRecord]) async -> [Result<Delivery, KafkaError>] {
        guard records.count <= DeliveryTable.maxBatch else {
            var outcomes: [Result<Delivery, KafkaError>] = []
            outcomes.reserveCapacity(records.count)
            var rest = records[...]
            while !rest.isEmpty {
                outcomes += await send(Array(rest.prefix(DeliveryTable.maxBatch)))
                rest = rest.dropFirst(DeliveryTable.maxBatch)
            }
            return outcomes
        }
        guard !records.isEmpty else { return [] }
        guard let handle else { return Array(repeating: .failure(.closed), count: records.count) }
        let report = await send(count: records.count, keepsDeliveries: true, handle) { start, batch in
            self.submit(records, from: start, batch, handle)
        }
        return report.outcomes
    }

    /// Writes the records of a block in their order and waits until each is acknowledged or has failed.
    ///
    /// As ``send(_:)-(_)`` of an array does, but for what is not asked: where the records were stored.
    /// - Returns: the records that were not stored, in no order.
    @concurrent package func send(_ block: ProducerBlock) async -> [(index: Int, error: KafkaError)] {
        guard block.count > 0 else { return [] }
        guard let handle, block.count <= DeliveryTable.maxBatch else {
            let error = handle == nil ? KafkaError.closed : KafkaError(.queueFull)
            return (0..<block.count).map { ($0, error) }
        }
        let report = await send(count: block.count, keepsDeliveries: false, handle) { start, batch in
            self.submit(block, from: start, batch, handle)
        }
        return report.failures
    }

    /// - Parameter submit: hands records over, from an index on; answers the first one that found no room.
    @concurrent private func send(
        count: Int,
        keepsDeliveries: Bool,
        _ handle: ClientHandle,
        _ submit: @Sendable (_ start: Int, _ batch: UInt) -> Int
    ) async -> DeliveryTable.Report {
        let batch = table.open(count: count, keepsDeliveries: keepsDeliveries, handle: handle)
        var index = 0
        while true {
            let roomCount = table.roomCount
            index = submit(index, batch)
            guard index < count else { break }
            await table.room(since: roomCount)
        }
        return await table.report(of: batch)
    }

    private func submit(_ records: [ProducerRecord], from start: Int, _ batch: UInt, _ handle: ClientHandle) -> Int {
        var topicName = ""
        var topic: OpaquePointer?
        for index in start..<records.count {
            do throws(KafkaError) {
                if topic == nil || records[index].topic != topicName {
                    topic = try handle.topic(records[index].topic)
                    topicName = records[index].topic
                }
                guard let topic else { throw KafkaError(.unknownTopic) }
                try handle.produce(records[index], topic, DeliveryTable.opaque(batch: batch, index: index))
            } catch {
                guard wasRefused(index, of: batch, error) else { return index }
            }
        }
        return records.count
    }

    private func submit(_ block: ProducerBlock, from start: Int, _ batch: UInt, _ handle: ClientHandle) -> Int {
        var topics = [OpaquePointer?](repeating: nil, count: block.topics.count)
        return block.withUnsafePieces { pieces in
            for index in start..<block.count {
                let entry = block.entries[index]
                do throws(KafkaError) {
                    if topics[entry.topic] == nil { topics[entry.topic] = try handle.topic(block.topics[entry.topic]) }
                    guard let topic = topics[entry.topic] else { throw KafkaError(.unknownTopic) }
                    try handle.produce(
                        entry,
                        block.headers[entry.headers],
                        pieces,
                        topic,
                        DeliveryTable.opaque(batch: batch, index: index)
                    )
                } catch {
                    guard wasRefused(index, of: batch, error) else { return index }
                }
            }
            return block.count
        }
    }

    /// Notes a record that librdkafka does not take; `false` when it has no room now, and the record has to wait.
    private func wasRefused(_ index: Int, of batch: UInt, _ error: KafkaError) -> Bool {
        if error.code == .queueFull, handle != nil { return false }
        table.refuse(batch: batch, index: index, error)
        return true
    }

    /// Waits until all records handed over so far are done, at most `timeout`; batches are sent without lingering.
    package func flush(timeout: Duration = .seconds(30)) async {
        guard let handle else { return }
        await handle.blocking.run { _ = rd_kafka_flush(handle.client, timeout.timeoutMs) }
    }

    /// Flushes for at most `timeout`, fails what is left (`_PURGE_QUEUE`, `_PURGE_INFLIGHT`), and ends the client's
    /// threads; safe to call more than once.
    package func close(timeout: Duration = .seconds(10)) async {
        await finish(timeout: timeout)
        await destroyed.wait()
    }

    /// Everything that needs the client, in a function of its own: it is destroyed only when no local name holds it.
    private func finish(timeout: Duration) async {
        let last = state.withLock { handle in
            defer { handle = nil }
            return handle
        }
        guard let handle = last else { return }
        if timeout > .zero { await handle.blocking.run { _ = rd_kafka_flush(handle.client, timeout.timeoutMs) } }
        // Senders that were half-way in may add records after a purge, so it is repeated until nobody waits.
        while !table.isEmpty {
            rd_kafka_purge(handle.client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
            await table.emptied.wait(timeout: .milliseconds(50))
        }
    }

    /// Number of partitions of a topic, asked from a broker each time.
    ///
    /// - Throws: `UNKNOWN_TOPIC_OR_PART` when there is no such topic (a broker may create it instead).
    package func partitionCount(of topic: String, timeout: Duration = .seconds(30)) async throws(KafkaError) -> Int {
        guard let handle else { throw .closed }
        return try await handle.partitionCount(of: topic, timeout: timeout)
    }
}

extension ClientHandle {
    fileprivate func produce(
        _ record: ProducerRecord,
        _ topic: OpaquePointer,
        _ opaque: UnsafeMutableRawPointer?
    ) throws(KafkaError) {
        let headers = Self.headers(record.headers)
        let error = Self.withBytes(record.key) { key in
            Self.withBytes(record.value) { value in
                bulkhead_produce(
                    client,
                    topic,
                    record.partition ?? RD_KAFKA_PARTITION_UA,
                    key.baseAddress,
                    key.count,
                    value.baseAddress,
                    value.count,
                    record.timestamp ?? 0,
                    headers,
                    opaque
                )
            }
        }
        try check(error, headers)
    }

    /// - Parameter pieces: what the ranges of the record refer to.
    fileprivate func produce(
        _ record: ProducerBlock.Entry,
        _ headers: ArraySlice<RecordBlock.Header>,
        _ pieces: ProducerBlock.Pieces,
        _ topic: OpaquePointer,
        _ opaque: UnsafeMutableRawPointer?
    ) throws(KafkaError) {
        var list: OpaquePointer?
        if !headers.isEmpty {
            list = rd_kafka_headers_new(headers.count)
            for header in headers {
                let value = pieces.place(header.value)
                _ = rd_kafka_header_add(list, header.name, -1, value.start, value.count)
            }
        }
        let key = pieces.place(record.key)
        let value = pieces.place(record.value)
        let error = bulkhead_produce(
            client,
            topic,
            record.partition ?? RD_KAFKA_PARTITION_UA,
            key.start,
            key.count,
            value.start,
            value.count,
            record.timestamp ?? 0,
            list,
            opaque
        )
        try check(error, list)
    }

    private func check(_ error: rd_kafka_resp_err_t, _ headers: OpaquePointer?) throws(KafkaError) {
        guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        // On success librdkafka owns the headers; on failure they are ours again.
        if let headers { rd_kafka_headers_destroy(headers) }
        throw (error == RD_KAFKA_RESP_ERR__FATAL ? fatalError : nil) ?? KafkaError(error)
    }

    private static func headers(_ headers: [KafkaHeader]) -> OpaquePointer? {
        guard !headers.isEmpty, let list = rd_kafka_headers_new(headers.count) else { return nil }
        for header in headers {
            withBytes(header.value) { value in
                _ = rd_kafka_header_add(list, header.name, -1, value.baseAddress, value.count)
            }
        }
        return list
    }

    /// Absent bytes have no address; empty ones need some, or they would be written as absent.
    private static func withBytes<Value>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        guard let bytes else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        guard bytes.isEmpty else { return bytes.withUnsafeBytes(body) }
        return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { place in
            body(UnsafeRawBufferPointer(start: place.baseAddress, count: 0))
        }
    }
}

extension ProducerBlock {
    /// The addresses of what a block's ranges refer to, for as long as they are lent.
    fileprivate struct Pieces {
        let source: UnsafeRawBufferPointer
        let added: UnsafeRawBufferPointer

        /// Absent bytes have no address; empty ones need some, or they would be written as absent.
        func place(_ range: Range<Int>?) -> (start: UnsafeRawPointer?, count: Int) {
            guard let range else { return (nil, 0) }
            let isAdded = range.lowerBound >= source.count
            let base = isAdded ? added.baseAddress : source.baseAddress
            let start = base.map { $0 + (isAdded ? range.lowerBound - source.count : range.lowerBound) }
            return (start ?? UnsafeRawPointer(bitPattern: 1), range.count)
        }
    }

    fileprivate func withUnsafePieces<Value>(_ body: (Pieces) -> Value) -> Value {
        source.withUnsafeBytes { source in
            added.withUnsafeBytes { added in body(Pieces(source: source, added: added)) }
        }
    }
}
