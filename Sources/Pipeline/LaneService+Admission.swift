internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling

extension LaneService {
    /// Takes in records of the lane's topics.
    func admit(_ records: [KafkaRecord]) {
        var touched: Set<String> = []
        for record in records {
            let kind: Work.Class = record.topic == liveTopic ? .live : .bulk
            guard var side = partitions[record.partition]?[kind] else { continue }
            let isWork = side.ledger.read(record.offset)
            if isWork { side.bytes += record.weight }
            partitions[record.partition]?[kind] = side
            guard isWork, let epoch = partitions[record.partition]?.epoch else { continue }
            let source = RecordSource(class: kind, partition: record.partition, offset: record.offset)
            if let account = admit(record, source, epoch) { touched.insert(account) }
        }
        for name in touched {
            if let account = accounts[name] { pump(account) }
        }
    }

    /// Takes in replays that have waited until it was known what succeeded before.
    func admitAgain(_ records: [KafkaRecord], _ epoch: Int) {
        var touched: Set<String> = []
        for record in records {
            let kind: Work.Class = record.topic == liveTopic ? .live : .bulk
            let source = RecordSource(class: kind, partition: record.partition, offset: record.offset)
            if let account = admit(record, source, epoch) { touched.insert(account) }
        }
        for name in touched {
            if let account = accounts[name] { pump(account) }
        }
    }

    /// - Returns: the account that has new work.
    private func admit(_ record: KafkaRecord, _ source: RecordSource, _ epoch: Int) -> String? {
        let headers = LaneHeaders(record.headers)
        let message: InboundMessage
        do throws(Rejection) {
            message = try InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.timestamp(headers)
            )
        } catch {
            reject(record, headers, source, epoch, error)
            return nil
        }
        guard case .command(let command) = message, let headers else {
            reject(
                record,
                headers,
                source,
                epoch,
                Rejection("headers", found: "a record that intake did not write", allowed: "records of intake only")
            )
            return nil
        }
        if headers.replays > 0,
            let verdict = partitions[record.partition]?.replays.judge(
                ReplayGuard.hash(command.reference),
                record
            )
        {
            switch verdict {
            case .run: break
            case .drop:
                metrics.duplicate()
                drop(source, record.weight)
                return nil
            case .wait(let isFirst):
                if isFirst { successOrders.yield() }
                return nil
            }
        }
        let hash = Hash128(source: command.source, id: command.id, replay: headers.replays).value
        guard partitions[record.partition]?.memory.insert(hash) ?? false else {
            metrics.duplicate()
            if source.class == .live, partitions[record.partition]?.recovered.remove(hash) != nil {
                accounts[command.account]?.lane.fence.note(Self.hash(headers.entity), time: Instant(command.time))
            }
            drop(source, record.weight)
            return nil
        }
        guard let account = accounts[command.account] else {
            let entry = provider.accounts[command.account]
            if let home = entry?.partition(of: partitionCount), home != record.partition {
                forward(record, to: home, source, epoch)
            } else {
                let allowed = "an account of the settings"
                reject(
                    record,
                    headers,
                    source,
                    epoch,
                    Rejection("data.account", found: "an account this lane does not have", allowed: allowed)
                )
            }
            return nil
        }
        return enqueue(command, headers, record, source, account) ? command.account : nil
    }

    /// Sends a record on to the partition where its account's work is now, after the settings have moved it.
    private func forward(_ record: KafkaRecord, to home: Int32, _ source: RecordSource, _ epoch: Int) {
        let moved = ProducerRecord(
            topic: record.topic,
            partition: home,
            key: record.key,
            value: record.value,
            headers: record.headers,
            timestamp: record.timestamp >= 0 ? record.timestamp : nil
        )
        outbox.append(Outbox.Publication(records: [moved], source: source, epoch: epoch, weight: record.weight))
    }

    private func enqueue(
        _ command: Command,
        _ headers: LaneHeaders,
        _ record: KafkaRecord,
        _ source: RecordSource,
        _ account: AccountRuntime
    ) -> Bool {
        let operation = Operation(command)
        let adapter = account.entry.adapter
        let entity = Self.hash(headers.entity)
        let isInDoubt = account.takesCheck(entity) && account.entry.reconciles && adapter.canRead
        let item = LaneCommand(
            command: command,
            operation: operation,
            headers: headers,
            record: record,
            source: source,
            steps: adapter.steps(for: operation, check: isInDoubt || command.expect != .absent),
            isInDoubt: isInDoubt,
            accepted: now
        )
        let key: RateBudget.Key
        do throws(EncodingFailure) {
            key = try budgetKey(account, operation, item.step)
        } catch {
            reject(
                record,
                headers,
                source,
                account.epoch,
                Rejection("data.\(error.field)", found: "a value with no place in the request", allowed: error.reason)
            )
            return false
        }
        var flow = Hash128()
        if let campaign = command.campaign { flow.combine(campaign) }
        let id = account.lane.admit(
            Work(
                entity: entity,
                class: source.class,
                flow: command.campaign == nil ? 0 : UInt64(truncatingIfNeeded: flow.value),
                time: Instant(command.time),
                expiry: command.expiry.map(Instant.init),
                key: key,
                coalesces: account.entry.coalesces && command.expect == .absent
            )
        )
        account[id] = item
        return true
    }

    static func hash(_ text: String) -> UInt128 {
        var hash = Hash128()
        hash.combine(text)
        return hash.value
    }

    /// Where a step's call counts.
    func budgetKey(
        _ account: AccountRuntime,
        _ operation: Operation,
        _ step: Step
    ) throws(EncodingFailure) -> RateBudget.Key {
        let request = try account.entry.adapter.request(for: operation, step)
        var path = Hash128()
        if account.lane.budget.hasPathWindows { path.combine(request.pathScope) }
        return RateBudget.Key(
            endpoint: number(ofEndpoint: request.endpoint),
            path: UInt64(truncatingIfNeeded: path.value)
        )
    }

    private func number(ofEndpoint name: String) -> Int32 {
        if let number = endpoints[name] { return number }
        let number = Int32(endpoints.count)
        endpoints[name] = number
        return number
    }

    private func reject(
        _ record: KafkaRecord,
        _ headers: LaneHeaders?,
        _ source: RecordSource,
        _ epoch: Int,
        _ rejection: Rejection
    ) {
        let instant = Timestamp(now)
        let outcome = Outcome(
            rejecting: headers?.origin ?? record.place,
            rejection,
            times: Outcome.Times(accepted: instant, finished: instant),
            replay: headers?.replays ?? 0
        )
        metrics.finished(outcome.command.type ?? "", .rejected)
        publish(outcome, headers, value: record.value, recordHeaders: record.headers, source, epoch, record.weight)
    }

    /// Finishes a record that needs no outcome.
    private func drop(_ source: RecordSource, _ weight: Int) {
        partitions[source.partition]?[source.class]?.ledger.finish(source.offset)
        partitions[source.partition]?[source.class]?.bytes -= weight
    }
}
