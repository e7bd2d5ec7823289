package import KafkaClient
package import Logging
internal import Scheduling
internal import Synchronization

/// Writes records until the brokers have them.
///
/// A write that fails is back-pressure, never loss: it is repeated, more and more slowly, and whoever waits for it takes
/// nothing new meanwhile.
package final class OutcomeWriter: Sendable {
    private let deadLetters: String
    private let logger: Logger
    /// Keeps records until the brokers have them, so that nothing overtakes them.
    private let patient: LastingProducer
    /// Gives records back that the brokers do not have in time.
    private let prompt: LastingProducer
    private let isOver = Mutex(false)

    /// - Parameters:
    ///   - settings: librdkafka's. Records wait for brokers as long as it takes, and may be as large as what a consumer can
    ///     have read, unless the settings say otherwise.
    ///   - deadLetters: the only topic whose records may go without their values.
    ///   - lease: how long ``publish(_:)`` may take, whatever the settings say; `nil` for as long as all others.
    package init(
        settings: KafkaSettings,
        deadLetters: String,
        lease: Duration? = nil,
        logger: Logger
    ) throws(KafkaError) {
        let settings = KafkaSettings([
            "message.timeout.ms": "0", "message.max.bytes": "16777216", "linger.ms": "1", "compression.codec": "lz4",
            // The last, small request of a batch would else wait 40 ms for the acknowledgement of the one before.
            "socket.nagle.disable": "true",
            // After an outage outcomes have to be there before the groups have settled, which takes seconds.
            "reconnect.backoff.max.ms": "500",
        ]).merging(settings.properties)
        self.deadLetters = deadLetters
        self.logger = logger
        patient = try LastingProducer(settings: settings, logger: logger)
        guard let lease else {
            prompt = patient
            return
        }
        let limit = String(max(1_000, lease.nanoseconds / 1_000_000))
        prompt = try LastingProducer(settings: settings.merging(["message.timeout.ms": limit]), logger: logger)
    }

    /// Writes records in their order, once, and says how each one ended.
    package func send(_ records: [ProducerRecord]) async -> [Result<Delivery, KafkaError>] {
        await send(records, through: patient)
    }

    /// As ``send(_:)``, but no record is under way for longer than the lease.
    ///
    /// A record that failed with an error of the client's own may have been stored all the same.
    func publish(_ records: [ProducerRecord]) async -> [Result<Delivery, KafkaError>] {
        await send(records, through: prompt)
    }

    private func send(
        _ records: [ProducerRecord],
        through producer: LastingProducer
    ) async -> [Result<Delivery, KafkaError>] {
        var results = await producer.send(records)
        guard records.count > 1 else { return results }
        for (index, result) in results.enumerated() {
            guard case .failure(let error) = result, isJudgedTogether(error) else { continue }
            results.replaceSubrange(index...index, with: await producer.send([records[index]]))
        }
        return results
    }

    /// Whether the brokers judged the batch that a record came in, so that it has to be tried alone.
    private func isJudgedTogether(_ error: KafkaError) -> Bool {
        error.code == .messageTooLarge && !isOver.withLock { $0 }
    }

    /// What remains wrong with a record that failed among others; `nil` when it is stored now.
    private func alone(_ record: ProducerRecord, _ error: KafkaError) async -> KafkaError? {
        guard isJudgedTogether(error) else { return error }
        guard case .failure(let own)? = await send([record]).first else { return nil }
        return own
    }

    /// What to send instead of a record that failed: itself, but for a dead letter that is too large for its topic.
    ///
    /// That goes without its value, which still stands in the topic that the headers name.
    func replacement(for record: ProducerRecord, _ error: KafkaError) -> ProducerRecord {
        guard record.topic == deadLetters, error.code == .messageTooLarge, let value = record.value else {
            return record
        }
        var record = record
        record.value = nil
        record.headers.append(KafkaHeader(name: ReplayMark.valueOmitted, text: String(value.count)))
        return record
    }

    /// Writes records until all are stored; `false` when the task was cancelled before, or the writer gave up.
    ///
    /// A dead letter that no broker takes for its size goes without its value.
    package func deliver(_ records: [ProducerRecord]) async -> Bool {
        var failures: [(ProducerRecord, KafkaError)] = []
        for (record, result) in zip(records, await send(records)) {
            if case .failure(let error) = result { failures.append((record, error)) }
        }
        return await deliver(again: failures)
    }

    /// As ``deliver(_:)-(_)`` of an array.
    package func deliver(_ block: ProducerBlock) async -> Bool {
        let results = await patient.send(block)
        var failures: [(ProducerRecord, KafkaError)] = []
        for (index, error) in results {
            guard let error = await alone(block[index], error) else { continue }
            failures.append((block[index], error))
        }
        return await deliver(again: failures)
    }

    /// Repeats what was not stored, more and more slowly.
    private func deliver(again failures: [(ProducerRecord, KafkaError)]) async -> Bool {
        var failures = failures
        var pause = Duration.milliseconds(100)
        while !failures.isEmpty {
            var left: [ProducerRecord] = []
            var causes: [Cause: Int] = [:]
            for (record, error) in failures {
                left.append(replacement(for: record, error))
                causes[Cause(topic: record.topic, error: error.name), default: 0] += 1
            }
            Self.report(causes, logger)
            if isOver.withLock({ $0 }) { return false }
            do { try await Task.sleep(for: pause) } catch { return false }
            pause = min(pause * 2, .seconds(5))
            failures = []
            for (record, result) in zip(left, await send(left)) {
                if case .failure(let error) = result { failures.append((record, error)) }
            }
        }
        return true
    }

    /// Why records were not stored, as the log tells it once for all of them.
    struct Cause: Hashable {
        var topic: String
        var error: String
    }

    static func report(_ causes: [Cause: Int], _ logger: Logger) {
        for (cause, count) in causes {
            logger.warning(
                "Records not stored, trying again",
                metadata: [
                    "topic": .string(cause.topic), "error": .string(cause.error), "count": .stringConvertible(count),
                ]
            )
        }
    }

    package func partitionCount(of topic: String) async throws(KafkaError) -> Int {
        try await patient.partitionCount(of: topic)
    }

    /// Gives up what no broker has acknowledged and takes nothing more, so that every wait for a write ends.
    func giveUp() {
        isOver.withLock { $0 = true }
        for producer in producers { producer.giveUp() }
    }

    /// Ends the connections; everything that counts has been waited for by whoever wrote it.
    package func close() async {
        for producer in producers { await producer.close() }
    }

    private var producers: [LastingProducer] { prompt === patient ? [patient] : [prompt, patient] }
}
