internal import CRdKafka

/// Questions to the brokers; each blocks its thread until the answer, so call them on ``ClientHandle/blocking``.
extension ClientHandle {
    func watermarks(_ partition: TopicPartition, timeout: Duration) -> Result<Watermarks, KafkaError> {
        var low: Int64 = 0
        var high: Int64 = 0
        let error = rd_kafka_query_watermark_offsets(
            client,
            partition.topic,
            partition.partition,
            &low,
            &high,
            timeout.timeoutMs
        )
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(KafkaError(error)) }
        return .success(Watermarks(low: low, high: high))
    }

    func committed(_ partitions: [TopicPartition], timeout: Duration) -> Result<[PartitionOffset], KafkaError> {
        let list = PartitionList(partitions)
        let error = list.lend { rd_kafka_committed(client, $0, timeout.timeoutMs) }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(KafkaError(error)) }
        if let error = list.firstError { return .failure(error) }
        return .success(list.offsets)
    }

    /// Starts reading a partition at another offset; waits for librdkafka's own threads, not for a broker.
    func seek(_ offset: PartitionOffset, unset: Int64, timeout: Duration) -> KafkaError? {
        let list = PartitionList([offset], unset: unset)
        if let error = list.lend({ rd_kafka_seek_partitions(client, $0, max(1, timeout.timeoutMs)) }) {
            return KafkaError(consuming: error)
        }
        return list.firstError
    }

    /// Number of partitions by topic; all topics of the cluster when `topic` is `nil`.
    func partitionCounts(topic name: String?, timeout: Duration) -> Result<[String: Int], KafkaError> {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let error: rd_kafka_resp_err_t
        do throws(KafkaError) {
            let topic = try name.map { name throws(KafkaError) in try self.topic(name) }
            error = rd_kafka_metadata(client, name == nil ? 1 : 0, topic, &metadata, timeout.timeoutMs)
        } catch {
            return .failure(error)
        }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return .failure(KafkaError(error)) }
        defer { rd_kafka_metadata_destroy(metadata) }
        var counts: [String: Int] = [:]
        for topic in UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt)) {
            if topic.err != RD_KAFKA_RESP_ERR_NO_ERROR {
                if name != nil { return .failure(KafkaError(topic.err)) }
                continue
            }
            counts[String(cString: topic.topic)] = Int(topic.partition_cnt)
        }
        return .success(counts)
    }

    /// Number of partitions of one topic; asks again while the answer is "not now".
    func partitionCount(of topic: String, timeout: Duration) async throws(KafkaError) -> Int {
        try await retrying(for: timeout) { handle, left in
            handle.partitionCounts(topic: topic, timeout: left).flatMap { counts in
                guard let count = counts[topic], count > 0 else {
                    return .failure(KafkaError(.unknownTopicOrPartition))
                }
                return .success(count)
            }
        }
    }

    /// Repeats a question on the blocking thread until its answer is not a retriable error or the time is over.
    ///
    /// One try lasts at most 5 s: librdkafka 2.0.2 can lose the answer to a question asked while a coordinator moves,
    /// and asking anew finds the new one. Nor does it keep to the time in every question: one for watermarks can take the
    /// minutes of a request when the broker is gone. A missing topic is an answer: it is not retried.
    func retrying<Value: Sendable>(
        for timeout: Duration,
        _ question: @escaping @Sendable (_ handle: ClientHandle, _ timeout: Duration) -> Result<Value, KafkaError>
    ) async throws(KafkaError) -> Value {
        let deadline = ContinuousClock.now + timeout
        while true {
            let left = max(.milliseconds(100), min(.seconds(5), ContinuousClock.now.duration(to: deadline)))
            let answer = await blocking.run(within: left + .seconds(1)) { question(self, left) }
            switch answer ?? .failure(KafkaError(.timedOut)) {
            case .success(let value):
                return value
            case .failure(let error):
                let isWorthIt = error.isRetriable && error.code != .unknownTopicOrPartition
                guard isWorthIt, ContinuousClock.now < deadline else { throw error }
                do { try await Task.sleep(for: .milliseconds(100)) } catch { throw KafkaError(.timedOut) }
            }
        }
    }
}
