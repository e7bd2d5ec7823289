internal import KafkaClient
internal import Logging
internal import Messages
internal import ProviderKit
internal import Scheduling

extension LaneService {
    /// Ends a command: its outcome, and its dead letter where it has one, go to the outbox.
    func conclude(
        _ command: LaneCommand,
        _ disposition: Disposition,
        _ account: AccountRuntime,
        tally: (attempts: Int, deferrals: Int),
        supersededBy: CommandReference? = nil
    ) {
        let finished = now
        var outcome = Outcome(
            command.command,
            disposition,
            times: Outcome.Times(
                accepted: Timestamp(command.accepted),
                first: command.firstCall.map(Timestamp.init),
                finished: Timestamp(finished),
                waitedMilliseconds: max(
                    0,
                    (command.accepted.duration(to: finished) - command.busy).nanoseconds / 1_000_000
                )
            ),
            replay: command.headers.replays
        )
        outcome.attempts = tally.attempts
        outcome.deferrals = tally.deferrals
        outcome.previousAssignee = command.previous ?? nil
        outcome.response = Outcome.Response(
            status: command.lastDetail.status,
            code: command.lastDetail.code,
            message: command.lastDetail.message,
            requestID: command.lastDetail.requestID
        )
        outcome.reason = command.lastReason
        outcome.supersededBy = supersededBy
        metrics.finished(command.command.type, disposition)
        metrics.waited(command.accepted.duration(to: finished), command.waitReason(tally.deferrals))
        publish(
            outcome,
            command.headers,
            value: command.value,
            recordHeaders: command.recordHeaders,
            command.source,
            account.epoch,
            command.weight
        )
    }

    func publish(
        _ outcome: Outcome,
        _ headers: LaneHeaders?,
        value: [UInt8]?,
        recordHeaders: [KafkaHeader],
        _ source: RecordSource,
        _ epoch: Int,
        _ weight: Int
    ) {
        var records: [ProducerRecord] = []
        if outcome.disposition.isDeadLettered {
            let topic = source.class == .live ? liveTopic : bulkTopic
            let here = RecordPosition(topic: topic, partition: source.partition, offset: source.offset, timestamp: -1)
            records.append(
                context.topics.deadLetter(
                    outcome,
                    key: headers?.key,
                    value: value,
                    headers: LaneHeaders.stripped(from: recordHeaders),
                    origin: headers?.origin ?? here,
                    redact: context.settings.redact
                )
            )
            metrics.deadLettered(outcome.disposition)
        }
        records.append(context.topics.record(outcome, redact: context.settings.redact))
        var publication = Outbox.Publication(records: records, source: source, epoch: epoch, weight: weight)
        if outcome.disposition.topic == .results { publication.success = ReplayGuard.hash(outcome.command) }
        outbox.append(publication)
    }

    /// Sends what the outbox holds until it is closed; what fails is sent again, more and more slowly.
    func publish() async {
        var pause = Duration.milliseconds(100)
        for await _ in outbox.arrivals {
            while !outbox.isEmpty, !Task.isCancelled {
                let batch = outbox.take(2_000)
                let failed = await store(batch)
                guard !failed.isEmpty else {
                    pause = .milliseconds(100)
                    continue
                }
                outbox.putBack(failed)
                logger.warning("Outcomes not stored, trying again", metadata: ["count": "\(failed.count)"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
            signalIfIdle()
            // Nothing is left to do: the commit need not wait for its turn, and a stop right now has nothing to lose.
            if partitions.values.allSatisfy(\.isIdle), !isStopping { await commit(isFinal: false) }
        }
    }

    /// Stores dead letters, then the outcomes of what is complete, and finishes their records.
    ///
    /// The outcome comes last since it is what tells a later owner that the command is done.
    /// - Returns: publications with what is left to store of them.
    private func store(_ batch: [Outbox.Publication]) async -> [Outbox.Publication] {
        var batch = batch
        for isLast in [false, true] {
            var records: [ProducerRecord] = []
            var owners: [Int] = []
            for (index, publication) in batch.enumerated() {
                let due = isLast ? publication.records.suffix(1) : publication.records.dropLast()
                // An outcome waits for its dead letter.
                guard !isLast || publication.records.count == 1 else { continue }
                records += due
                owners += repeatElement(index, count: due.count)
            }
            guard !records.isEmpty else { continue }
            var left: [Int: [ProducerRecord]] = [:]
            for (position, result) in await context.writer.send(records).enumerated() {
                switch result {
                case .success(let delivery): note(delivery, batch[owners[position]])
                case .failure(let error): left[owners[position], default: []].append(records[position].fitting(error))
                }
            }
            for index in Set(owners) {
                let kept = isLast ? [] : batch[index].records.suffix(1)
                batch[index].records = (left[index] ?? []) + kept
            }
        }
        for publication in batch where publication.records.isEmpty { finish(publication) }
        return batch.filter { !$0.records.isEmpty }
    }

    private func note(_ delivery: Delivery, _ publication: Outbox.Publication) {
        let number = publication.source.partition
        guard partitions[number]?.epoch == publication.epoch else { return }
        let topic: UInt8
        switch delivery.partition.topic {
        case context.topics.results: topic = 0
        case context.topics.failures: topic = 1
        default: return
        }
        let key = LanePartition.OutcomePartition(topic: topic, partition: delivery.partition.partition)
        partitions[number]?.note(key, delivery.offset + 1)
    }

    private func finish(_ publication: Outbox.Publication) {
        let source = publication.source
        outbox.finished(publication)
        guard partitions[source.partition]?.epoch == publication.epoch else { return }
        if let success = publication.success { partitions[source.partition]?.replays.note(success) }
        partitions[source.partition]?[source.class]?.ledger.finish(source.offset)
        partitions[source.partition]?[source.class]?.bytes -= publication.weight
    }
}
