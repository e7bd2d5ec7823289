internal import KafkaClient
internal import Logging
internal import Messages
internal import Scheduling

/// A partition between two owners.
struct Takeover: Sendable {
    var partition: LanePartition
    /// What the last owner left with its commit.
    var state: CommitMetadata?
    /// Nobody has worked on it before.
    var isFresh: Bool

    /// Whether outcomes may have been published that no commit tells of.
    var recovers: Bool { !isFresh && state?.isClean != true }
}

extension LaneService {
    /// Fills the memories of finished commands: from the lane's topics, and after a crash from the outcomes since the
    /// commits.
    func remember(_ takeovers: inout [Takeover]) async throws {
        let places = Dictionary(uniqueKeysWithValues: takeovers.indices.map { (takeovers[$0].partition.number, $0) })
        let parked = try await parked(takeovers.map(\.partition.number))
        for index in takeovers.indices {
            takeovers[index].partition.parked = parked[takeovers[index].partition.number]?.campaigns ?? []
        }
        var ranges: [PartitionOffset] = []
        var ends: [TopicPartition: Int64] = [:]
        for takeover in takeovers {
            for (topic, side) in [(liveTopic, takeover.partition.live), (bulkTopic, takeover.partition.bulk)] {
                guard let ledger = side?.ledger, ledger.mark > 0 else { continue }
                let place = TopicPartition(topic: topic, partition: takeover.partition.number)
                let first = max(0, ledger.mark - Int64(context.settings.commandMemory))
                ranges.append(PartitionOffset(partition: place, offset: first))
                ends[place] = ledger.finishedRanges().last?.upperBound ?? ledger.mark
            }
        }
        if !ranges.isEmpty {
            try await TopicScan.read(context.kafka, logger: logger, from: ranges, to: ends) { records in
                for record in records {
                    guard let index = places[record.partition] else { continue }
                    note(record, in: &takeovers[index].partition, parked[record.partition])
                }
                return true
            }
        }
        await beginOutcomes(&takeovers)
        try await recover(&takeovers, places)
    }

    /// Notes for partitions that had no owner yet that none of the outcomes there are is theirs.
    private func beginOutcomes(_ takeovers: inout [Takeover]) async {
        let fresh = takeovers.indices.filter { takeovers[$0].isFresh }
        guard !fresh.isEmpty, let consumer else { return }
        do {
            for start in try await outcomeStarts([[:]]) {
                guard let place = outcomePlace(start.partition) else { continue }
                let end = try await consumer.watermarks(start.partition).high
                for index in fresh { takeovers[index].partition.inherit(place, end) }
            }
        } catch {
            logger.info(
                "Ends of the outcome topics are not known; whoever takes over after a crash reads all of them",
                metadata: ["error": .string("\(error)")]
            )
        }
    }

    /// Remembers what a finished record of the lane holds.
    private func note(_ record: KafkaRecord, in partition: inout LanePartition, _ parked: ParkedMembers?) {
        let isLive = record.topic == liveTopic
        guard (isLive ? partition.live : partition.bulk)?.ledger.isFinished(record.offset) ?? false,
            let known = Self.read(record)
        else { return }
        let parkings = MemberHeader(record.headers)?.parkings ?? 0
        for hash in known.hashes where parked?.runs.contains(.init(command: hash, parkings: parkings)) != true {
            _ = partition.memory.insert(hash)
        }
        if isLive, let command = known.applied { partition.applied.append(command) }
    }

    /// What lies aside of paused campaigns: finished in the lane's topic, and yet to be done.
    private func parked(_ numbers: [Int32]) async throws -> [Int32: ParkedMembers] {
        let count: Int
        do throws(KafkaError) {
            count = try await context.writer.partitionCount(of: parkedTopic)
        } catch {
            // Installations without campaigns need no such topic.
            guard error.code == .unknownTopicOrPartition else { throw error }
            return [:]
        }
        let from = numbers.filter { Int($0) < count }
            .map { PartitionOffset(partition: TopicPartition(topic: parkedTopic, partition: $0), offset: nil) }
        var members: [Int32: ParkedMembers] = [:]
        guard !from.isEmpty else { return members }
        try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
            for record in records { members[record.partition, default: ParkedMembers()].add(record) }
            return true
        }
        return members
    }

    /// The command or the cards of a lane record by their hashes, and what a command applied to.
    private static func read(_ record: KafkaRecord) -> (hashes: [UInt128], applied: LanePartition.Applied?)? {
        guard let (headers, message) = record.laneMessage else { return nil }
        switch message {
        case .command(let command):
            return (
                [headers.hash(of: command.reference)],
                .init(account: command.account, entity: hash(headers.entity), time: Instant(command.time))
            )
        case .contactsBatch(let batch): return (batch.members.map { headers.hash(of: batch.reference(of: $0)) }, nil)
        case .campaign(let command): return ([headers.hash(of: command.reference)], nil)
        case .contactsImport: return nil
        }
    }

    /// Reads the outcomes that were published after the last commits: their commands are finished, though no commit says
    /// so.
    private func recover(_ takeovers: inout [Takeover], _ places: [Int32: Int]) async throws {
        let concerned = takeovers.indices.filter { takeovers[$0].recovers }
        guard !concerned.isEmpty else { return }
        let from = try await outcomeStarts(concerned.map { takeovers[$0].partition.positions })
        var found = 0
        let ends = try await readOutcomes(from: from) { outcome in
            // Of an account that is not configured any more nobody knows where its commands are.
            let account = outcome.account.flatMap { provider.accounts[$0] }
            let home = account.map { $0.partition(of: partitionCount) }
            for index in home.map({ places[$0].map { [$0] } ?? [] }) ?? concerned where takeovers[index].recovers {
                guard takeovers[index].partition.memory.insert(outcome.run) else { continue }
                found += 1
                // Intake rejects, too, and such a command is not in the lane.
                guard outcome.disposition != .rejected else { continue }
                takeovers[index].partition.recovered[outcome.run] = outcome.disposition.topic == .results
            }
        }
        for index in concerned {
            for end in ends {
                guard let place = outcomePlace(end.partition), let offset = end.offset else { continue }
                takeovers[index].partition.note(place, offset)
            }
            let number = takeovers[index].partition.number
            for (topic, side) in [(liveTopic, \LanePartition.live), (bulkTopic, \.bulk)] {
                let end = try await consumer?.watermarks(TopicPartition(topic: topic, partition: number)).high
                takeovers[index].partition[keyPath: side]?.rereadEnd = end ?? 0
            }
        }
        logger.notice("Outcomes since the last commit recovered", metadata: ["count": "\(found)"])
    }
}
