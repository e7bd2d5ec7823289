internal import KafkaClient
internal import Logging
internal import Messages

extension LaneService {
    /// Reads the results topic whenever the first replay of a partition asks for it.
    func learnSuccesses() async {
        for await _ in successReads {
            while !Task.isCancelled {
                let asking = partitions.values.filter(\.replays.isReading).map { (number: $0.number, epoch: $0.epoch) }
                guard !asking.isEmpty else { break }
                do {
                    let succeeded = try await readSuccesses()
                    for (number, epoch) in asking where partitions[number]?.epoch == epoch {
                        let waiting = partitions[number]?.replays.learned(succeeded[number] ?? []) ?? []
                        admitAgain(waiting, epoch)
                    }
                } catch {
                    logger.warning("Results not read, trying again", metadata: ["error": .string("\(error)")])
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    /// Commands that have an outcome in the results topic, by partition of the lane.
    ///
    /// Bounded: of each partition of the topic, as many of the latest outcomes as the lane remembers commands.
    private func readSuccesses() async throws -> [Int32: [UInt128]] {
        guard let consumer else { return [:] }
        let topic = context.topics.results
        var from: [PartitionOffset] = []
        for number in 0..<Int32(clamping: try await context.writer.partitionCount(of: topic)) {
            let place = TopicPartition(topic: topic, partition: number)
            let high = try await consumer.watermarks(place).high
            from.append(PartitionOffset(partition: place, offset: max(0, high - Int64(context.settings.commandMemory))))
        }
        var homes: [String: Int32] = [:]
        for (name, entry) in provider.accounts { homes[name] = entry.partition(of: partitionCount) }
        var succeeded: [Int32: [UInt128]] = [:]
        let name = provider.name
        try await TopicScan.read(context.kafka, logger: logger, from: from) { records in
            for record in records {
                guard let value = record.value, let outcome = try? Outcome(decoding: value), outcome.provider == name,
                    let home = outcome.account.flatMap({ homes[$0] })
                else { continue }
                succeeded[home, default: []].append(ReplayGuard.hash(outcome.command))
            }
            return true
        }
        return succeeded
    }
}
