internal import KafkaClient
internal import Messages
internal import Scheduling

extension ReplaySession {
    private var letters: String { replay.topics.deadLetters }

    /// Where a partition's letters are looked at from, and whether an earlier run may have written some of them.
    private struct Begin {
        var partition: TopicPartition
        var start: Int64
        var end: Int64
        /// `nil`: nothing of this round was written yet.
        var bookmark: ReplayBookmark?
        var committed: Int64?
    }

    /// Settles where the round ends: where the run before wanted to end, or else at the letters that stand there now.
    ///
    /// - Returns: whether there is anything to look at.
    func beginRound() async throws(ReplayFailure) -> Bool {
        try await readTargets()
        let begins = try await begins(of: try await allPartitions())
        let isResumed = begins.contains { $0.bookmark != nil }
        for begin in begins {
            // In a round that goes on, partitions that were finished stay so: their new letters come from this replay.
            let isFinished = isResumed && begin.bookmark == nil && begin.committed != nil
            ends[begin.partition.partition] = isFinished ? begin.start : begin.end
        }
        report.isResumed = isResumed
        return begins.contains { $0.start < ends[$0.partition.partition] ?? 0 }
    }

    private func allPartitions() async throws(ReplayFailure) -> [TopicPartition] {
        let count = try await asking(letters) { () async throws(KafkaError) in
            try await self.consumer.partitionCount(of: self.letters)
        }
        return (0..<Int32(clamping: count)).map { TopicPartition(topic: letters, partition: $0) }
    }

    /// Notes how far the topics reach that letters are written to; those that do not exist are left out.
    private func readTargets() async throws(ReplayFailure) {
        for topic in replay.rules.targets.allowed {
            do throws(ReplayFailure) {
                let count = try await asking(topic) { () async throws(KafkaError) in
                    try await self.consumer.partitionCount(of: topic)
                }
                var offsets: [Int64] = []
                for number in 0..<Int32(clamping: count) {
                    let marks = try await asking { () async throws(KafkaError) in
                        try await self.consumer.watermarks(TopicPartition(topic: topic, partition: number))
                    }
                    offsets.append(marks.high)
                }
                targets[topic] = offsets
            } catch {
                guard case .missingTopic = error else { throw error }
            }
        }
    }

    private func begins(of partitions: [TopicPartition]) async throws(ReplayFailure) -> [Begin] {
        var begins: [Begin] = []
        let committed = try await asking { () async throws(KafkaError) in try await self.consumer.committed(partitions)
        }
        for item in committed {
            let marks = try await asking { () async throws(KafkaError) in
                try await self.consumer.watermarks(item.partition)
            }
            var begin = Begin(
                partition: item.partition,
                start: min(max(marks.low, item.offset ?? marks.low), marks.high),
                end: marks.high,
                committed: item.offset
            )
            if let offset = item.offset, let bookmark = ReplayBookmark(item.metadata) {
                guard bookmark.rules == fingerprint else { throw .nameTaken(replay.name) }
                if offset < bookmark.end {
                    begin.end = min(marks.high, bookmark.end)
                    begin.start = min(begin.start, begin.end)
                    begin.bookmark = bookmark
                }
            }
            begins.append(begin)
        }
        return begins
    }

    /// Begins to work on partitions.
    func take(_ partitions: [TopicPartition]) async throws(ReplayFailure) {
        let begins = try await begins(of: partitions)
        let written = try await lettersWritten(begins.compactMap(\.bookmark))
        try await readParked()
        var starts: [PartitionOffset] = []
        var marks: [PartitionOffset] = []
        for begin in begins {
            let number = begin.partition.partition
            let end = begin.bookmark == nil ? max(begin.start, ends[number] ?? begin.end) : begin.end
            var cursor = ReplayCursor(next: begin.start, end: end, committed: begin.committed)
            if let bookmark = begin.bookmark {
                cursor.replayed = written.filter { $0.partition == number }
                cursor.earlierTargets = bookmark.targets
            } else {
                marks.append(mark(number, cursor, at: begin.start))
            }
            cursors[number] = cursor
            starts.append(PartitionOffset(partition: begin.partition, offset: begin.start))
        }
        try await asking { [starts] () async throws(KafkaError) in try await self.consumer.assign(starts) }
        // Nothing is written before a commit has succeeded, so that whoever follows knows where to look for it.
        if let problem = await store(marks) { throw .notCommitted(reason: problem) }
    }

    /// The letters that runs with these bookmarks have written.
    func lettersWritten(_ bookmarks: [ReplayBookmark]) async throws(ReplayFailure) -> Set<LetterPlace> {
        guard !bookmarks.isEmpty, replay.rules.purpose == .replay else { return [] }
        var from: [PartitionOffset] = []
        for (topic, known) in targets {
            for number in known.indices {
                let offsets = bookmarks.map { bookmark -> Int64 in
                    let offsets = bookmark.targets[topic] ?? []
                    return offsets.indices.contains(number) ? offsets[number] : 0
                }
                let place = TopicPartition(topic: topic, partition: Int32(clamping: number))
                from.append(PartitionOffset(partition: place, offset: offsets.min()))
            }
        }
        var written: Set<LetterPlace> = []
        let name = replay.name
        do {
            try await TopicScan.read(replay.kafka, logger: replay.logger, from: from) { records in
                for record in records {
                    if let place = ReplayMark.origin(of: record, name: name) { written.insert(place) }
                }
                return true
            }
        } catch {
            throw .kafka(reason: (error as? KafkaError)?.reason ?? "the reading was ended")
        }
        return written
    }

    func readParked() async throws(ReplayFailure) {
        do {
            let reader = DeadLetterReader(kafka: replay.kafka, topics: replay.topics, logger: replay.logger)
            parked = try await reader.parkedPlaces()
        } catch {
            throw .kafka(reason: (error as? KafkaError)?.reason ?? "the reading was ended")
        }
    }

    func isRoundComplete() async throws(ReplayFailure) -> Bool {
        let partitions = ends.keys.map { TopicPartition(topic: letters, partition: $0) }
        let begins = try await begins(of: partitions)
        return begins.allSatisfy { $0.start >= ends[$0.partition.partition] ?? 0 }
    }

    /// Looks at the letters of the round outside the group.
    func preview(
        _ onLetter: (StoredLetter, LetterFate) -> Void
    ) async throws(ReplayFailure) -> ReplayReport {
        guard try await beginRound() else {
            report.isComplete = true
            return report
        }
        let begins = try await begins(of: try await allPartitions())
        let written = try await lettersWritten(begins.compactMap(\.bookmark))
        try await readParked()
        var report = self.report
        report.isComplete = true
        let rules = replay.rules
        let parked = self.parked
        var taken = 0
        do {
            try await TopicScan.read(
                replay.kafka,
                logger: replay.logger,
                from: begins.map { PartitionOffset(partition: $0.partition, offset: $0.start) },
                to: Dictionary(uniqueKeysWithValues: begins.map { ($0.partition, ends[$0.partition.partition] ?? 0) })
            ) { records in
                for record in records {
                    let fate = rules.fate(of: record, parked: parked, replayed: written)
                    if fate == .replay || fate == .park(.byOrder) || fate == .park(.tooManyReplays) {
                        guard replay.maxLetters.map({ taken < $0 }) ?? true else {
                            report.isComplete = false
                            return false
                        }
                        taken += 1
                    }
                    report.count(fate)
                    if let stored = StoredLetter(record), fate != .leave(.filtered) { onLetter(stored, fate) }
                }
                return true
            }
        } catch {
            throw .kafka(reason: (error as? KafkaError)?.reason ?? "the reading was ended")
        }
        return report
    }
}

extension ReplayReport {
    mutating func count(_ fate: LetterFate) {
        read += 1
        switch fate {
        case .replay: replayed += 1
        case .park(let reason): parks[reason, default: 0] += 1
        case .leave(let reason): leaves[reason, default: 0] += 1
        }
    }
}
