internal import CRdKafka

extension KafkaConsumer {
    /// Commits offsets with their metadata and waits for the coordinator's answer; polling goes on meanwhile.
    ///
    /// Calls that overlap are sent one after the other, in order of the calls: a commit that is retried can then not
    /// overwrite a later one. Items without an offset are skipped.
    /// - Returns: one result per partition, `ILLEGAL_GENERATION` and `REBALANCE_IN_PROGRESS` among them.
    /// - Throws: what concerns the commit as a whole, as when no coordinator answers.
    package func commit(_ offsets: [PartitionOffset]) async throws(KafkaError) -> [CommitResult] {
        let offsets = offsets.filter { $0.offset != nil }
        guard !offsets.isEmpty else { return [] }
        guard isGroupMember else { throw KafkaError(.invalidArgument, reason: "this consumer has no group") }
        await takeCommitTurn()
        defer { passCommitTurn() }
        // A commit before the closing still counts; librdkafka answers it until the client has closed.
        guard let handle else { throw .closed }
        let reply = await withCheckedContinuation { continuation in
            let id = replies.register(continuation)
            let list = PartitionList(offsets, unset: unsetOffset)
            let opaque = UnsafeMutableRawPointer(bitPattern: id)
            let error = list.lend { rd_kafka_commit_queue(handle.client, $0, handle.pump.queue, nil, opaque) }
            if error != RD_KAFKA_RESP_ERR_NO_ERROR { replies.resolve(id, .failure(KafkaError(error))) }
        }
        return try reply.get()
    }

    private func takeCommitTurn() async {
        guard isCommitting else {
            isCommitting = true
            return
        }
        await withCheckedContinuation { commitTurns.append($0) }
    }

    private func passCommitTurn() {
        guard commitTurns.isEmpty else {
            commitTurns.removeFirst().resume()
            return
        }
        isCommitting = false
    }

    /// The group's committed offsets with their metadata, in the order of `partitions`.
    package func committed(
        _ partitions: [TopicPartition],
        timeout: Duration = .seconds(30)
    ) async throws(KafkaError) -> [PartitionOffset] {
        guard !partitions.isEmpty else { return [] }
        return try await openHandle().retrying(for: timeout) { handle, left in
            handle.committed(partitions, timeout: left)
        }
    }

    /// Asks the partition's leader.
    package func watermarks(
        _ partition: TopicPartition,
        timeout: Duration = .seconds(30)
    ) async throws(KafkaError) -> Watermarks {
        try await openHandle().retrying(for: timeout) { handle, left in
            handle.watermarks(partition, timeout: left)
        }
    }

    /// Number of partitions of a topic.
    ///
    /// - Throws: `UNKNOWN_TOPIC_OR_PART` when there is no such topic.
    package func partitionCount(of topic: String, timeout: Duration = .seconds(30)) async throws(KafkaError) -> Int {
        try await openHandle().partitionCount(of: topic, timeout: timeout)
    }
}
