internal import KafkaClient
internal import Logging
internal import Messages
internal import ProviderKit
internal import Scheduling

extension LaneService {
    /// Ends work: its outcomes, and the dead letters of those that have one, go to the outbox.
    func conclude(
        _ work: LaneWork,
        _ disposition: Disposition,
        _ account: AccountRuntime,
        tally: (attempts: Int, deferrals: Int),
        supersededBy: CommandReference? = nil
    ) {
        let finished = now
        metrics.waited(work.accepted.duration(to: finished), work.waitReason(tally.deferrals))
        var draft = Outcome(
            command: work.reference,
            disposition: disposition,
            times: Outcome.Times(
                accepted: Timestamp(work.accepted),
                first: work.firstCall.map(Timestamp.init),
                finished: Timestamp(finished),
                waitedMilliseconds: max(0, (work.accepted.duration(to: finished) - work.busy).nanoseconds / 1_000_000)
            )
        )
        draft.provider = provider.name
        draft.account = account.entry.name
        draft.entity = work.headers.entity
        draft.attempts = tally.attempts
        draft.deferrals = tally.deferrals
        draft.response = Outcome.Response(work.lastDetail)
        draft.reason = work.lastReason
        draft.supersededBy = supersededBy
        draft.replay = work.headers.replays
        let event = work.task.event
        draft.correlationID = event.correlationID
        draft.traceparent = event.traceparent
        draft.tracestate = event.tracestate
        switch work.task {
        case .command(let task):
            draft.campaign = task.command.campaign
            draft.previousAssignee = task.previous ?? nil
            publish(draft, work, account.epoch)
        case .campaign(let task):
            draft.campaign = task.command.campaign
            release(task.command, account)
            publish(draft, work, account.epoch)
        case .contacts(let task):
            publish(task, draft, work, account.epoch)
        }
    }

    private func publish(_ outcome: Outcome, _ work: LaneWork, _ epoch: Int) {
        publish(
            outcome,
            work.headers,
            value: work.value,
            recordHeaders: work.recordHeaders,
            work.source,
            epoch,
            work.weight,
            commands: [work.headers.hash(of: work.reference)]
        )
    }

    /// Publishes what became of each card of a request.
    private func publish(_ task: ContactsTask, _ draft: Outcome, _ work: LaneWork, _ epoch: Int) {
        var publication = Outbox.Publication(source: work.source, epoch: epoch, weight: work.weight)
        for (position, member) in task.batch.members.enumerated() {
            let reference = task.batch.reference(of: member)
            guard task.left.contains(position) else {
                publication.others.append(work.headers.hash(of: reference))
                continue
            }
            publication.commands.append(work.headers.hash(of: reference))
            var outcome = draft
            outcome.command = reference
            outcome.entity = task.batch.entity(of: member)
            outcome.importMember = Outcome.ImportMember(
                id: task.batch.importID,
                card: member.card,
                line: member.line,
                uid: member.uid,
                codes: member.codes
            )
            if let end = task.ends[position] {
                outcome.disposition = end.disposition
                outcome.response = Outcome.Response(end.detail)
                outcome.reason = end.reason
            }
            metrics.finished(outcome.command.type ?? "", outcome.disposition)
            if outcome.disposition.isDeadLettered {
                metrics.deadLettered(outcome.disposition)
                publication.letters.append(
                    context.topics.deadLetter(
                        outcome,
                        key: work.headers.key,
                        value: task.batch.command(for: member).encoded(),
                        headers: TopicNames.contentType,
                        origin: work.headers.origin,
                        redact: context.settings.redact
                    )
                )
            }
            publication.add(context.topics.record(outcome, redact: context.settings.redact), outcome)
        }
        outbox.append(publication)
    }

    func publish(
        _ outcome: Outcome,
        _ headers: LaneHeaders?,
        value: [UInt8]?,
        recordHeaders: [KafkaHeader],
        _ source: RecordSource,
        _ epoch: Int,
        _ weight: Int,
        commands: [UInt128]
    ) {
        var publication = Outbox.Publication(source: source, epoch: epoch, weight: weight, commands: commands)
        metrics.finished(outcome.command.type ?? "", outcome.disposition)
        if outcome.disposition.isDeadLettered {
            let topic = source.class == .live ? liveTopic : bulkTopic
            let here = RecordPosition(topic: topic, partition: source.partition, offset: source.offset, timestamp: -1)
            publication.letters.append(
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
        publication.add(context.topics.record(outcome, redact: context.settings.redact), outcome)
        outbox.append(publication)
    }

    /// Sends what the outbox holds until it is closed; what fails is sent again, more and more slowly.
    func publish() async {
        var pause = Duration.milliseconds(100)
        for await _ in outbox.arrivals {
            while !Task.isCancelled {
                let batch = outbox.take(2_000, where: mayBePublished)
                guard !batch.isEmpty else { break }
                let failed = await store(batch)
                guard !failed.isEmpty else {
                    pause = .milliseconds(100)
                    continue
                }
                outbox.putBack(failed)
                try? await Task.sleep(for: pause)
                // Somebody else may be about to take over the commands of late outcomes.
                pause = min(pause * 2, failed.contains(where: isFormer) ? .milliseconds(500) : .seconds(5))
            }
            signalIfIdle()
            // Nothing is left to do: the commit need not wait for its turn, and a stop right now has nothing to lose.
            if partitions.values.allSatisfy(\.isIdle), !isStopping { await commit(isFinal: false) }
        }
    }

    /// Stores dead letters, then the outcomes of what is complete, and finishes their records.
    ///
    /// Outcomes come last since they are what tells a later owner that a command is done.
    /// - Returns: publications with what is left to store of them.
    private func store(_ batch: [Outbox.Publication]) async -> [Outbox.Publication] {
        guard var batch = await leavingOutRepeats(batch) else { return batch }
        var causes: [OutcomeWriter.Cause: Int] = [:]
        for part in [\Outbox.Publication.letters, \.outcomes] {
            var records: [ProducerRecord] = []
            var owners: [Int] = []
            // An outcome waits for the dead letters beside it.
            for index in batch.indices where part == \.letters || batch[index].letters.isEmpty {
                records += batch[index][keyPath: part]
                owners += repeatElement(index, count: batch[index][keyPath: part].count)
                batch[index][keyPath: part] = []
            }
            guard !records.isEmpty else { continue }
            for (position, result) in await context.writer.publish(records).enumerated() {
                switch result {
                case .success(let delivery): note(delivery, batch[owners[position]])
                case .failure(let error):
                    let record = context.writer.replacement(for: records[position], error)
                    batch[owners[position]][keyPath: part].append(record)
                    if error.code.isLocal { batch[owners[position]].isUncertain = true }
                    causes[.init(topic: record.topic, error: error.name), default: 0] += 1
                }
            }
        }
        OutcomeWriter.report(causes, logger)
        for publication in batch where publication.isStored { finish(publication) }
        return batch.filter { !$0.isStored }
    }

    private func note(_ delivery: Delivery, _ publication: Outbox.Publication) {
        let number = publication.source.partition
        guard partitions[number]?.epoch == publication.epoch else { return }
        guard let place = outcomePlace(delivery.partition) else { return }
        partitions[number]?.note(place, delivery.offset + 1)
    }

    /// As commits name a partition of the outcome topics.
    func outcomePlace(_ partition: TopicPartition) -> LanePartition.OutcomePartition? {
        switch partition.topic {
        case context.topics.results: .init(topic: 0, partition: partition.partition)
        case context.topics.failures: .init(topic: 1, partition: partition.partition)
        default: nil
        }
    }

    func finish(_ publication: Outbox.Publication) {
        let source = publication.source
        outbox.finished(publication)
        isBlocked = false
        lastStored = .now
        guard partitions[source.partition]?.epoch == publication.epoch else { return }
        for success in publication.successes { partitions[source.partition]?.replays.note(success) }
        done(
            OpenCommands.Repeat(source: source, weight: publication.weight, commands: publication.others),
            publication.commands
        )
    }
}

extension Outcome.Response {
    init(_ detail: ResponseDetail) {
        self.init(status: detail.status, code: detail.code, message: detail.message, requestID: detail.requestID)
    }
}
