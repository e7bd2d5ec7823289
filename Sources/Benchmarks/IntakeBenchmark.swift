import ArgumentParser
import KafkaClient
import Logging
import Messages
import Pipeline

/// Intake against a bare loop over the same records.
struct IntakeBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intake",
        abstract: "Commands a second through intake, against librdkafka's bare consume and produce."
    )

    @OptionGroup var options: ReportOptions
    @Option(help: "Commands in each repetition.") var commands = 200_000
    /// The embedded broker keeps 5 MiB of a partition, so that the records need to be spread.
    private var partitions: Int { max(8, commands / 8_000) }

    func run() async throws {
        var logger = Logger(label: "benchmark")
        logger.logLevel = .error
        let prefixes = (0..<options.repetitions).map { "run\($0)" }
        let lanes = Sample.accounts.count
        let broker = try Child(
            ["serve-broker"]
                + prefixes.flatMap {
                    Sample.topics($0, lanePartitions: lanes, commandPartitions: partitions)
                        + ["--topic", "\($0).bare:\(lanes)"]
                }
        )
        let bootstrap = try broker.line()
        let kafka = KafkaSettings(["bootstrap.servers": bootstrap])

        var bytes = 0
        var figures: [(bare: BareResult, intake: BareResult)] = []
        for (number, prefix) in prefixes.enumerated() {
            bytes = try await fill(prefix, kafka, logger)
            // First the one, then the other, then the other way round: a machine that slows down troubles both.
            if number.isMultiple(of: 2) {
                let bare = try self.bare(prefix, bootstrap)
                figures.append((bare, try await intake(prefix, bootstrap, kafka, logger)))
            } else {
                let intake = try await intake(prefix, bootstrap, kafka, logger)
                figures.append((try self.bare(prefix, bootstrap), intake))
            }
        }
        broker.stop()

        var report = Report(benchmark: "intake")
        let count = Double(commands)
        report.add("bytes of a command", "B", [Double(bytes) / count])
        report.add("bare consume and produce", "1/s", figures.map { count / $0.bare.seconds })
        report.add("intake", "1/s", figures.map { count / $0.intake.seconds })
        report.add("intake / bare", "", figures.map { $0.bare.seconds / $0.intake.seconds }, .atLeast(0.4))
        report.add("bare, processor", "us", figures.map { $0.bare.processorSeconds / count * 1e6 })
        report.add("intake, processor", "us", figures.map { $0.intake.processorSeconds / count * 1e6 })
        try report.show(options)
    }

    /// Fills every partition with batches of 400 records: the embedded broker answers a fetch with one batch of each, and
    /// partitions with smaller ones would be read last, one by one.
    ///
    /// - Returns: bytes of all values.
    private func fill(_ prefix: String, _ kafka: KafkaSettings, _ logger: Logger) async throws -> Int {
        let producer = try KafkaProducer(settings: kafka.merging(["linger.ms": "200"]), logger: logger)
        let topic = TopicNames(prefix: prefix).commands
        var bytes = 0
        let turn = partitions * 400
        for start in stride(from: 0, to: commands, by: turn) {
            let records = (start..<min(start + turn, commands)).map { number in
                let account = Sample.accounts[number % Sample.accounts.count]
                let command = Sample.command(number, conversation: number / 10, account: account)
                let value = command.encoded()
                bytes += value.count
                return ProducerRecord(
                    topic: topic,
                    partition: Int32(number % partitions),
                    key: Array(command.target.name.utf8),
                    value: value
                )
            }
            for result in await producer.send(records) { _ = try result.get() }
        }
        await producer.close()
        return bytes
    }

    private func bare(_ prefix: String, _ bootstrap: String) throws -> BareResult {
        let child = try Child([
            "bare-copy", "--bootstrap", bootstrap, "--from", TopicNames(prefix: prefix).commands,
            "--from-partitions", String(partitions), "--to", "\(prefix).bare",
            "--to-partitions", String(Sample.accounts.count), "--count", String(commands),
        ])
        defer { child.stop() }
        return try BareResult(of: child)
    }

    private func intake(
        _ prefix: String,
        _ bootstrap: String,
        _ kafka: KafkaSettings,
        _ logger: Logger
    ) async throws -> BareResult {
        let meter = try TopicMeter(
            kafka,
            logger,
            topic: TopicNames(prefix: prefix).live(Sample.provider),
            partitions: Sample.accounts.count
        )
        _ = try await meter.count()
        let worker = try Child([
            "serve-worker", "--role", "intake", "--bootstrap", bootstrap, "--prefix", prefix,
        ])
        _ = try worker.line()
        // From the first records that are through: joining the group takes seconds and is not what is measured.
        let first = try await meter.wait(for: 1, interval: .milliseconds(2))
        let processor = worker.processorSeconds
        let last = try await meter.wait(for: commands)
        let processorSeconds = worker.processorSeconds - processor
        worker.stop()
        await meter.close()
        let share = Double(commands) / Double(max(1, commands - first.count))
        return BareResult(
            seconds: first.at.duration(to: last.at).seconds * share,
            processorSeconds: processorSeconds * share
        )
    }
}
