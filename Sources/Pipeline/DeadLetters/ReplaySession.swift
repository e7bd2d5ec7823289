internal import KafkaClient
internal import Logging
internal import Messages
internal import Scheduling

/// One run of a replay: its clients and how far it has come.
final class ReplaySession<Time: Clock> where Time.Instant == Instant {
    /// A letter that is to be written.
    struct Waiting {
        var stored: StoredLetter
        /// `nil`: it is replayed.
        var parks: ParkReason?
        var weight: Int
    }

    let replay: DeadLetterReplay<Time>
    let consumer: KafkaConsumer
    let producer: KafkaProducer
    let fingerprint: String
    var report: ReplayReport
    /// Where the round ends in each partition.
    var ends: [Int32: Int64] = [:]
    /// After these offsets letters that are not committed may stand, by topic and partition.
    var targets: [String: [Int64]] = [:]
    var parked: Set<LetterPlace> = []
    var cursors: [Int32: ReplayCursor] = [:]
    var queue: [Waiting] = []
    private var queuedBytes = 0
    private var pace: ReplayPace?
    private var taken = 0
    private var isAtMaximum = false
    private var isAssigned = false
    private var isPaused = false
    private var lastCommit: Instant

    init(_ replay: DeadLetterReplay<Time>) throws(ReplayFailure) {
        self.replay = replay
        fingerprint = replay.rules.fingerprint
        report = ReplayReport(name: replay.name)
        lastCommit = replay.clock.now
        // A run that was killed is out of its group in ten seconds, not in librdkafka's 45.
        let reading = KafkaSettings([
            "auto.offset.reset": "earliest", "fetch.wait.max.ms": "100", "partition.assignment.strategy": "range",
            "queued.max.messages.kbytes": "16384", "session.timeout.ms": "10000",
        ])
        let writing = KafkaSettings(["message.max.bytes": "16777216", "message.timeout.ms": "60000"])
        do throws(KafkaError) {
            consumer = try KafkaConsumer(
                settings: reading.merging(replay.kafka.properties),
                groupID: replay.topics.replayGroup(replay.name),
                logger: replay.logger
            )
            producer = try KafkaProducer(
                settings: writing.merging(replay.kafka.properties),
                logger: replay.logger
            )
        } catch {
            throw .kafka(reason: error.reason)
        }
    }

    func close() async {
        await consumer.close()
        await producer.close()
    }

    // MARK: Running

    func run(_ onProgress: (ReplayReport) -> Void) async throws(ReplayFailure) -> ReplayReport {
        _ = try await asking(replay.topics.parkedLetters) { () async throws(KafkaError) in
            try await self.producer.partitionCount(of: self.replay.topics.parkedLetters)
        }
        guard try await beginRound() else {
            report.isComplete = true
            return report
        }
        try await asking { () async throws(KafkaError) in
            try await self.consumer.subscribe([self.replay.topics.deadLetters])
        }
        while !Task.isCancelled, !isDone {
            try await turn()
            try await write(onProgress)
            if lastCommit.duration(to: replay.clock.now) >= .milliseconds(500) { try await commit() }
        }
        try await commit(isFinal: true)
        report.isComplete = try await isRoundComplete()
        return report
    }

    private var isDone: Bool {
        isAssigned && queue.isEmpty && (isAtMaximum || cursors.values.allSatisfy(\.isAtEnd))
    }

    /// Takes in what happened; waits for it only while there is nothing to write.
    private func turn() async throws(ReplayFailure) {
        let events = try await asking { () async throws(KafkaError) in
            try await self.consumer.nextEvents(
                maxRecords: 500,
                timeout: self.queue.isEmpty ? .milliseconds(200) : .zero
            )
        }
        for event in events {
            switch event {
            case .records(let records):
                for record in records { accept(record) }
            case .assigning(let partitions):
                try await take(partitions)
                isAssigned = true
                isPaused = false
            case .revoking(let partitions, let lost):
                if !lost { try await commit() }
                giveBack(partitions)
                try await asking { () async throws(KafkaError) in try await self.consumer.completeRevocation() }
            case .endOfPartition(let partition, let offset):
                if let cursor = cursors[partition.partition], offset >= cursor.end {
                    cursors[partition.partition]?.next = cursor.end
                }
            case .stalled(let partition, _):
                replay.logger.warning("Consumer stalled and was restarted", metadata: ["partition": "\(partition)"])
            case .error(let error):
                replay.logger.warning("Kafka consumer error", metadata: ["error": .string(error.name)])
            }
        }
        try await applyBackPressure()
    }

    private func accept(_ record: KafkaRecord) {
        guard let cursor = cursors[record.partition], !isAtMaximum, record.offset >= cursor.next else { return }
        guard record.offset < cursor.end else {
            cursors[record.partition]?.next = cursor.end
            return
        }
        let fate = replay.rules.fate(of: record, parked: parked, replayed: cursor.replayed)
        switch fate {
        case .leave(let reason):
            report.leaves[reason, default: 0] += 1
        case .replay, .park:
            guard let stored = StoredLetter(record) else { return }
            if let most = replay.maxLetters, taken >= most {
                isAtMaximum = true
                return
            }
            taken += 1
            let reason: ParkReason? = if case .park(let reason) = fate { reason } else { nil }
            queue.append(Waiting(stored: stored, parks: reason, weight: record.weight))
            queuedBytes += record.weight
        }
        report.read += 1
        cursors[record.partition]?.next = record.offset + 1
    }

    /// Bounds what is in memory to about 1,000 letters and 64 MiB.
    private func applyBackPressure() async throws(ReplayFailure) {
        let isOver = queue.count >= 1_000 || queuedBytes >= 64 << 20
        let isUnder = queue.count <= 500 && queuedBytes <= 32 << 20
        guard isPaused ? isUnder : isOver else { return }
        isPaused.toggle()
        let open = cursors.filter { !$0.value.isAtEnd }.keys.map {
            TopicPartition(topic: replay.topics.deadLetters, partition: $0)
        }
        let pauses = isPaused
        try await asking { () async throws(KafkaError) in
            if pauses { try await self.consumer.pause(open) } else { try await self.consumer.resume(open) }
        }
    }

    private func giveBack(_ partitions: [TopicPartition]) {
        for partition in partitions { cursors[partition.partition] = nil }
        let kept = queue.filter { cursors[$0.stored.record.partition] != nil }
        taken -= queue.count - kept.count
        queue = kept
        queuedBytes = kept.reduce(0) { $0 + $1.weight }
        isAssigned = false
    }

    // MARK: Writing

    /// Writes the letters whose turn has come, and waits for their acknowledgement or for the next turn.
    private func write(_ onProgress: (ReplayReport) -> Void) async throws(ReplayFailure) {
        guard !queue.isEmpty else { return }
        let count = turns(upTo: min(500, queue.count))
        guard count > 0 else {
            guard let due = pace?.due else { return }
            // Not longer than this, so that the group hears of us.
            try? await replay.clock.sleep(until: min(due, replay.clock.now + .milliseconds(200)), tolerance: nil)
            return
        }
        let batch = queue.prefix(count)
        let now = Timestamp(replay.clock.now)
        let results = await producer.send(
            batch.map { waiting in
                waiting.parks.map {
                    waiting.stored.parked(in: replay.topics.parkedLetters, by: replay.name, $0, at: now)
                } ?? waiting.stored.replayed(by: replay.name)
            }
        )
        var failure: KafkaError?
        for (waiting, result) in zip(batch, results) {
            switch result {
            case .failure(let error): failure = error
            case .success(let delivery):
                note(delivery)
                if let reason = waiting.parks {
                    report.parks[reason, default: 0] += 1
                } else {
                    report.replayed += 1
                }
            }
        }
        // Nothing of the batch is committed then: those that were written are found by the next run.
        if let failure { throw .notWritten(reason: failure.reason) }
        queuedBytes -= batch.reduce(0) { $0 + $1.weight }
        queue.removeFirst(count)
        onProgress(report)
    }

    private func turns(upTo most: Int) -> Int {
        guard let rate = replay.rate else { return most }
        let now = replay.clock.now
        var turns = pace ?? ReplayPace(perSecond: rate, now: now)
        var count = 0
        while count < most, turns.take(now: now) { count += 1 }
        pace = turns
        return count
    }

    private func note(_ delivery: Delivery) {
        let number = Int(delivery.partition.partition)
        guard let known = targets[delivery.partition.topic], known.indices.contains(number) else { return }
        targets[delivery.partition.topic]?[number] = max(known[number], delivery.offset + 1)
    }

    // MARK: Committing

    /// Commits how far each partition was handled.
    ///
    /// A commit that is refused is tried again with the next one; a final one has to succeed.
    private func commit(isFinal: Bool = false) async throws(ReplayFailure) {
        lastCommit = replay.clock.now
        var offsets: [PartitionOffset] = []
        for (number, cursor) in cursors {
            let handled = handled(number, cursor)
            if handled != cursor.committed { offsets.append(mark(number, cursor, at: handled)) }
        }
        if let problem = await store(offsets), isFinal { throw .notCommitted(reason: problem) }
    }

    /// The first letter that is not handled yet.
    private func handled(_ number: Int32, _ cursor: ReplayCursor) -> Int64 {
        queue.first { $0.stored.record.partition == number }?.stored.record.offset ?? cursor.next
    }

    func mark(_ number: Int32, _ cursor: ReplayCursor, at offset: Int64) -> PartitionOffset {
        let bookmark = ReplayBookmark(
            rules: fingerprint,
            end: cursor.end,
            targets: cursor.targets(at: offset, now: targets)
        )
        return PartitionOffset(
            partition: TopicPartition(topic: replay.topics.deadLetters, partition: number),
            offset: offset,
            metadata: bookmark.encoded()
        )
    }

    /// - Returns: why an offset was not stored, if one was not.
    func store(_ offsets: [PartitionOffset]) async -> String? {
        do throws(KafkaError) {
            var problem: String?
            let results = try await consumer.commit(offsets)
            for (item, result) in zip(offsets, results) {
                if let error = result.error {
                    problem = error.reason
                    replay.logger.info("Commit refused", metadata: ["error": .string(error.name)])
                } else {
                    cursors[item.partition.partition]?.committed = item.offset
                }
            }
            return problem
        } catch {
            replay.logger.warning("Commit failed", metadata: ["error": .string(error.name)])
            return error.reason
        }
    }

    // MARK: Asking the brokers

    /// Turns what a client throws into what a replay throws.
    /// - Parameter topic: what the question is about, where the answer may be that there is no such topic.
    @discardableResult
    func asking<Value>(
        _ topic: String? = nil,
        _ body: () async throws(KafkaError) -> Value
    ) async throws(ReplayFailure) -> Value {
        do throws(KafkaError) {
            return try await body()
        } catch {
            if let topic, [.unknownTopicOrPartition, .unknownTopic].contains(error.code) { throw .missingTopic(topic) }
            throw .kafka(reason: error.reason)
        }
    }
}
