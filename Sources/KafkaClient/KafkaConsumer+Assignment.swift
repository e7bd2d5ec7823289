internal import CRdKafka

extension KafkaConsumer {
    /// Partitions being read.
    package var assignment: [TopicPartition] { progress.partitions.sorted() }

    /// The group's name for this member; `nil` before the first join.
    package var memberID: String? {
        guard let handle, let text = rd_kafka_memberid(handle.client) else { return nil }
        defer { rd_kafka_mem_free(handle.client, text) }
        let id = String(cString: text)
        return id.isEmpty ? nil : id
    }

    /// Offset of the next record that this consumer will deliver; `nil` when not assigned or not known yet.
    package func position(_ partition: TopicPartition) -> Int64? { progress.next(partition) }

    /// Begins reading: the answer to ``ConsumerEvent/assigning(_:)``, with the same partitions.
    ///
    /// Adds to the assignment when the group's protocol is cooperative and replaces it otherwise; without a group it
    /// always replaces. An offset that is `nil` begins where `auto.offset.reset` says.
    package func assign(_ offsets: [PartitionOffset]) throws(KafkaError) {
        let handle = try openHandle()
        let list = PartitionList(offsets, unset: unsetOffset)
        if isCooperative(handle) {
            try KafkaError.check(consuming: list.lend { rd_kafka_incremental_assign(handle.client, $0) })
        } else {
            try KafkaError.check(list.lend { rd_kafka_assign(handle.client, $0) })
            progress.stopAll()
        }
        isAssignmentPending = false
        progress.start(offsets, now: .now)
    }

    /// Gives the partitions of ``ConsumerEvent/revoking(_:lost:)`` back; nothing happens when none are asked for.
    package func completeRevocation() throws(KafkaError) {
        let handle = try openHandle()
        guard pendingRevocation != nil else { return }
        if let error = answerRevocation(handle) { throw error }
    }

    @discardableResult
    func answerRevocation(_ handle: ClientHandle) -> KafkaError? {
        let partitions = pendingRevocation ?? []
        pendingRevocation = nil
        do throws(KafkaError) {
            if isCooperative(handle) {
                let list = PartitionList(partitions)
                try KafkaError.check(consuming: list.lend { rd_kafka_incremental_unassign(handle.client, $0) })
                progress.stop(partitions)
            } else {
                progress.stopAll()
                try KafkaError.check(rd_kafka_assign(handle.client, nil))
            }
            return nil
        } catch {
            return error
        }
    }

    /// Stops delivery; records that librdkafka holds are dropped and fetched again on resume.
    ///
    /// Partitions that are not assigned (any more) are skipped.
    package func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        try setPaused(partitions, true)
    }

    /// Continues at the position; partitions that are not assigned (any more) are skipped.
    package func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        try setPaused(partitions, false)
    }

    private func setPaused(_ partitions: [TopicPartition], _ isPaused: Bool) throws(KafkaError) {
        let handle = try openHandle()
        let known = partitions.filter(progress.contains)
        guard !known.isEmpty else { return }
        let list = PartitionList(known)
        try KafkaError.check(
            isPaused
                ? list.lend { rd_kafka_pause_partitions(handle.client, $0) }
                : list.lend { rd_kafka_resume_partitions(handle.client, $0) }
        )
        if let error = list.firstError, error.code != .unknownPartition { throw error }
        progress.setPaused(known, isPaused, now: .now)
    }

    /// Continues at another offset of an assigned partition, paused or not.
    ///
    /// Call it between two turns: records from before the new offset may still arrive in a turn that runs meanwhile.
    /// - Throws: `_STATE` when the partition is not assigned.
    package func seek(_ offset: PartitionOffset) async throws(KafkaError) {
        let deadline = ContinuousClock.now + .seconds(15)
        let unset = unsetOffset
        while true {
            let handle = try openHandle()
            guard progress.contains(offset.partition) else { throw KafkaError(.erroneousState) }
            progress.advance(offset.partition, to: offset.offset, now: .now)
            let error = await handle.blocking.run { handle.seek(offset, unset: unset, timeout: .seconds(5)) }
            guard let error else { return }
            // A partition that was assigned this instant begins reading in the background and refuses until then.
            let isWorthIt = error.code == .erroneousState || error.code == .timedOut
            guard isWorthIt, ContinuousClock.now < deadline else { throw error }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { throw KafkaError(.timedOut) }
        }
    }

    func isCooperative(_ handle: ClientHandle) -> Bool {
        guard isGroupMember, let name = rd_kafka_rebalance_protocol(handle.client) else { return false }
        return String(cString: name) == "COOPERATIVE"
    }
}
