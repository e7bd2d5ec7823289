import ArgumentParser
import AsyncHTTPClient
import Foundation
import KafkaClient
import Logging
import Messages
import NIOCore
import Pipeline
import Scheduling

/// How long an idle worker with a free budget takes from a record to the provider call.
struct DispatchBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "Time from the record's production to the request's arrival at the provider, of an idle worker."
    )

    @OptionGroup var options: ReportOptions
    @Option(help: "Commands in each repetition.") var commands = 300
    @Option(help: "librdkafka's fetch.wait.max.ms: the embedded broker answers a waiting fetch no sooner.")
    var fetchWait = 5

    private struct Delays {
        var fetch: [Double] = []
        var total: [Double] = []
        var readToArrival: [Double] = []
    }

    func run() async throws {
        var logger = Logger(label: "benchmark")
        logger.logLevel = .error
        let prefixes = (0..<options.repetitions).map { "run\($0)" }
        let broker = try Child(
            ["serve-broker"]
                + prefixes.flatMap { Sample.topics($0, lanePartitions: 1) + ["--topic", "\($0).bare:1"] }
        )
        let bootstrap = try broker.line()
        let simulator = try Child(["serve-simulator"])
        let url = try simulator.line()
        let kafka = KafkaSettings(["bootstrap.servers": bootstrap, "linger.ms": "0"])

        var found: [Delays] = []
        for (number, prefix) in prefixes.enumerated() {
            var delays = Delays()
            delays.fetch = try await fetchDelays(prefix, bootstrap, kafka, logger)
            let worker = try Child([
                "serve-worker", "--role", "lane", "--bootstrap", bootstrap, "--url", url, "--prefix", prefix,
                "--concurrency", "16", "--fetch-wait", String(fetchWait),
            ])
            _ = try worker.line()
            try await dispatch(prefix, first: number * commands * 2, url, kafka, logger, &delays)
            worker.stop()
            found.append(delays)
        }
        simulator.stop()
        broker.stop()

        var report = Report(benchmark: "dispatch")
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let total = found.map { $0.total.percentile(share) }
            let fetch = found.map { $0.fetch.percentile(share) }
            report.add("record to request, \(name)", "ms", total)
            report.add("bare fetch, \(name)", "ms", fetch)
            report.add(
                "record to request less bare fetch, \(name)",
                "ms",
                zip(total, fetch).map { $0 - $1 },
                share == 0.5 ? .below(5) : nil
            )
            report.add(
                "command read to request at the provider, \(name)",
                "ms",
                found.map { $0.readToArrival.percentile(share) },
                share == 0.5 ? .below(5) : nil
            )
        }
        try report.show(options)
    }

    /// Records one at a time, at uneven distances, so that nothing keeps step with a fetch.
    private func produceOneByOne(
        _ kafka: KafkaSettings,
        _ logger: Logger,
        count: Int,
        _ record: (Int) -> ProducerRecord
    ) async throws -> [Int64] {
        let producer = try KafkaProducer(settings: kafka, logger: logger)
        let clock = WallClock()
        var instants: [Int64] = []
        for number in 0..<count {
            var record = record(number)
            instants.append(clock.now.nanoseconds)
            if record.key == nil { record.key = Array(String(instants[number]).utf8) }
            _ = try await producer.send(record)
            try await Task.sleep(for: .microseconds(.random(in: 15_000...35_000)))
        }
        await producer.close()
        return instants
    }

    private func fetchDelays(
        _ prefix: String,
        _ bootstrap: String,
        _ kafka: KafkaSettings,
        _ logger: Logger
    ) async throws -> [Double] {
        let child = try Child([
            "bare-fetch", "--bootstrap", bootstrap, "--topic", "\(prefix).bare", "--count", String(commands + 20),
            "--fetch-wait", String(fetchWait),
        ])
        _ = try child.line()
        _ = try await produceOneByOne(kafka, logger, count: commands + 20) { number in
            let command = Sample.command(number, conversation: number)
            return ProducerRecord(topic: "\(prefix).bare", partition: 0, value: command.encoded())
        }
        var delays: [Double] = []
        for _ in 0..<commands + 20 { delays.append((Double(try child.line()) ?? .nan) / 1e6) }
        child.stop()
        return Array(delays.dropFirst(20))
    }

    private func dispatch(
        _ prefix: String,
        first: Int,
        _ url: String,
        _ kafka: KafkaSettings,
        _ logger: Logger,
        _ delays: inout Delays
    ) async throws {
        let topics = TopicNames(prefix: prefix)
        let meter = try TopicMeter(kafka, logger, topic: topics.results, partitions: 1)
        func record(_ number: Int) -> ProducerRecord {
            Sample.laneRecord(
                number,
                Sample.command(number, conversation: number),
                topic: topics.live(Sample.provider)
            )
        }
        let warmUp = 20
        _ = try await produceOneByOne(kafka, logger, count: warmUp) { record(first + $0) }
        try await meter.wait(for: warmUp)
        let instants = try await produceOneByOne(kafka, logger, count: commands) { record(first + warmUp + $0) }
        try await meter.wait(for: warmUp + commands)
        await meter.close()

        let arrivals = try await arrivals(url)
        var accepted: [String: Int64] = [:]
        try await TopicScan.read(kafka, logger: logger, topics: [topics.results]) { records in
            for record in records {
                let outcome = try Outcome(decoding: record.value ?? [])
                accepted[outcome.command.id] = outcome.times.accepted.nanoseconds
            }
            return true
        }
        for (index, produced) in instants.enumerated() {
            let number = first + warmUp + index
            guard let arrival = arrivals[Sample.conversation(number)], let read = accepted["assign-\(number)"] else {
                throw ChildFailure(reason: "command \(number) has no call")
            }
            delays.total.append(Double(arrival - produced) / 1e6)
            delays.readToArrival.append(Double(arrival - read) / 1e6)
        }
    }

    /// When each conversation's call arrived at the simulator, in nanoseconds since the epoch.
    private func arrivals(_ url: String) async throws -> [String: Int64] {
        struct Call: Decodable {
            var timeNs: Int64
            var entity: String
        }
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "\(url)/control/calls?provider=\(Sample.provider)"),
            timeout: .seconds(30)
        )
        let body = try await response.body.collect(upTo: 1 << 28)
        var arrivals: [String: Int64] = [:]
        for line in String(buffer: body).split(separator: "\n") {
            let call = try JSONDecoder().decode(Call.self, from: Data(line.utf8))
            arrivals[call.entity] = call.timeNs
        }
        return arrivals
    }
}
