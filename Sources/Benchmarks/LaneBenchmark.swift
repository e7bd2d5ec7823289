import ArgumentParser
import KafkaClient
import Logging
import Pipeline

/// A lane without limits against a bare HTTP client at the same concurrency and the same simulator.
struct LaneBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lane",
        abstract: "Calls a second of a lane without limits, against a bare loop of the HTTP client."
    )

    @OptionGroup var options: ReportOptions
    @Option(help: "Commands in each repetition.") var commands = 50_000
    @Option(help: "Conversations that the commands are spread over.") var conversations = 5_000
    @Option(help: "Calls out at once.") var concurrency = 64

    func run() async throws {
        var logger = Logger(label: "benchmark")
        logger.logLevel = .error
        let prefixes = (0..<options.repetitions).map { "run\($0)" }
        let broker = try Child(["serve-broker"] + prefixes.flatMap { Sample.topics($0, lanePartitions: 1) })
        let bootstrap = try broker.line()
        let kafka = KafkaSettings(["bootstrap.servers": bootstrap])
        let simulator = try Child(["serve-simulator"])
        let url = try simulator.line()

        var figures: [(bare: BareResult, lane: BareResult, peak: Double)] = []
        for prefix in prefixes {
            let child = try Child([
                "bare-calls", "--url", url, "--count", String(commands), "--conversations", String(conversations),
                "--concurrency", String(concurrency),
            ])
            let bare = try BareResult(of: child)
            child.stop()
            let worker = try Child([
                "serve-worker", "--role", "lane", "--bootstrap", bootstrap, "--url", url, "--prefix", prefix,
                "--concurrency", String(concurrency),
            ])
            _ = try worker.line()
            let (lane, peak) = try await self.lane(worker, prefix, kafka, logger)
            worker.stop()
            figures.append((bare, lane, peak))
        }
        simulator.stop()
        broker.stop()

        var report = Report(benchmark: "lane")
        let count = Double(commands)
        report.add("bare loop", "calls/s", figures.map { count / $0.bare.seconds })
        report.add("lane", "calls/s", figures.map { count / $0.lane.seconds })
        report.add("lane / bare", "", figures.map { $0.bare.seconds / $0.lane.seconds }, .atLeast(0.5))
        report.add("bare, processor", "us/call", figures.map { $0.bare.processorSeconds / count * 1e6 })
        report.add("lane, processor", "us/call", figures.map { $0.lane.processorSeconds / count * 1e6 })
        report.add("lane, most resident memory", "MB", figures.map { $0.peak / 1e6 })
        try report.show(options)
    }

    /// Feeds the lane while it works, never more than the embedded broker keeps.
    private func lane(
        _ worker: Child,
        _ prefix: String,
        _ kafka: KafkaSettings,
        _ logger: Logger
    ) async throws -> (BareResult, peak: Double) {
        let topics = TopicNames(prefix: prefix)
        let meter = try TopicMeter(kafka, logger, topic: topics.results, partitions: 1)
        let producer = try KafkaProducer(settings: kafka, logger: logger)
        let warmUp = concurrency * 8
        var sent = 0
        func feed(_ count: Int) async throws {
            let records = (sent..<sent + count).map { number in
                let command = Sample.command(number, conversation: number % conversations)
                return Sample.laneRecord(number, command, topic: topics.live(Sample.provider))
            }
            for result in await producer.send(records) { _ = try result.get() }
            sent += count
        }
        try await feed(warmUp)
        try await meter.wait(for: warmUp)

        let total = warmUp + commands
        var peak = 0.0
        let processor = worker.processorSeconds
        let start = ContinuousClock.now
        while sent < total {
            try await feed(min(2_000, total - sent))
            try await meter.wait(for: sent - 10_000, interval: .milliseconds(20))
            peak = max(peak, worker.residentBytes)
        }
        let end = try await meter.wait(for: total)
        let result = BareResult(
            seconds: start.duration(to: end.at).seconds,
            processorSeconds: worker.processorSeconds - processor
        )
        await producer.close()
        await meter.close()
        return (result, peak)
    }
}
