internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline

/// Sends what campaigns consist of, and waits for their ends.
struct CampaignSending {
    private let reader: FleetReader

    init(_ reader: FleetReader) {
        self.reader = reader
    }

    /// Sends all records; exit code 1 when one of them is not stored.
    func send(_ records: [ProducerRecord]) async throws {
        let settings = reader.kafka.merging(["message.max.bytes": "16777216"])
        let producer = try KafkaProducer(settings: settings, logger: reader.logger)
        var failures: [String] = []
        for start in stride(from: 0, to: records.count, by: 10_000) {
            let results = await producer.send(Array(records[start..<min(records.count, start + 10_000)]))
            for case .failure(let error) in results { failures.append(error.reason) }
            guard failures.isEmpty else { break }
        }
        await producer.close()
        guard let reason = failures.first else { return }
        throw Failure(
            .failed,
            "\(failures.count) records were not sent: \(reason)",
            "The same command sends them again, and nothing is done twice."
        )
    }

    /// Waits until a campaign is over and tells what it came to: exit code 3 when some of its members failed.
    ///
    /// - Parameter refusal: the end of the start command itself, once it has one.
    func wait(
        _ campaign: String,
        printsJSON: Bool,
        unless refusal: @escaping @Sendable () async -> Outcome? = { nil }
    ) async throws {
        let end = try await reader.answering {
            try await CampaignWatch(campaign, printsJSON: false).untilOver(reader, unless: refusal)
        }
        CampaignReport(end).show(json: printsJSON)
        let status = end.status
        if status.state == .failed { throw Failure(.failed, status.sentence.printable) }
        if status.failed > 0 {
            throw Failure(.someFailed, "\(status.failed) of \(status.total ?? status.done) members failed")
        }
    }
}
