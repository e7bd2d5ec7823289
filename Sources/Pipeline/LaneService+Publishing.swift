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
        var records = [context.topics.record(outcome, redact: context.settings.redact)]
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
        outbox.append(Outbox.Publication(records: records, source: source, epoch: epoch, weight: weight))
    }

    /// Sends what the outbox holds until it is closed; what fails is sent again, more and more slowly.
    func publish() async {
        var pause = Duration.milliseconds(100)
        for await _ in outbox.arrivals {
            while !outbox.isEmpty, !Task.isCancelled {
                let batch = outbox.take(2_000)
                let results = await context.writer.send(batch.flatMap(\.records))
                let failed = settle(batch, results)
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
        }
    }

    /// Finishes what was stored and gives back what was not, with what is left to store of it.
    private func settle(
        _ batch: [Outbox.Publication],
        _ results: [Result<Delivery, KafkaError>]
    ) -> [Outbox.Publication] {
        var failed: [Outbox.Publication] = []
        var index = 0
        for publication in batch {
            var left: [ProducerRecord] = []
            for record in publication.records {
                switch results[index] {
                case .success(let delivery): note(delivery, publication)
                case .failure(let error): left.append(record.fitting(error))
                }
                index += 1
            }
            if left.isEmpty {
                finish(publication)
            } else {
                var rest = publication
                rest.records = left
                failed.append(rest)
            }
        }
        return failed
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
        partitions[source.partition]?[source.class]?.ledger.finish(source.offset)
        partitions[source.partition]?[source.class]?.bytes -= publication.weight
    }
}

extension ProducerRecord {
    /// What to send instead when no broker takes the record for its size: the same without its value, which still stands
    /// in the topic that the headers name.
    fileprivate func fitting(_ error: KafkaError) -> ProducerRecord {
        guard error.code == .messageTooLarge, let value else { return self }
        var record = self
        record.value = nil
        record.headers.append(KafkaHeader(name: "bulkhead-dlq-value-omitted", text: String(value.count)))
        return record
    }
}
