import ArgumentParser
import KafkaClient
import Logging
import Pipeline

/// Resident memory of a worker whose account has used up its limit while commands wait.
struct MemoryBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Resident memory of a worker with calls waiting for their limit."
    )

    @OptionGroup var options: ReportOptions

    func run() async throws {
        var report = Report(benchmark: "memory")
        for (waiting, isWhole) in [(10_000, true), (50_000, false)] {
            var resident: [Double] = []
            var growth: [Double] = []
            for _ in 0..<options.repetitions {
                let (before, after) = try await measure(waiting)
                resident.append(after / 1e6)
                growth.append((after - before) / 1e6)
            }
            report.add("worker, \(waiting) waiting", "MB", resident, isWhole ? .below(100) : nil)
            report.add("growth for \(waiting)", "MB", growth, isWhole ? nil : .below(100))
            report.add("growth for each", "B", growth.map { $0 * 1e6 / Double(waiting) })
        }
        try report.show(options)
    }

    /// Resident bytes before and after so many commands are waiting in the worker.
    private func measure(_ waiting: Int) async throws -> (before: Double, after: Double) {
        var logger = Logger(label: "benchmark")
        logger.logLevel = .error
        let broker = try Child(["serve-broker"] + Sample.topics("memory", lanePartitions: 1))
        let bootstrap = try broker.line()
        let simulator = try Child(["serve-simulator"])
        let url = try simulator.line()
        let worker = try Child([
            "serve-worker", "--role", "lane", "--bootstrap", bootstrap, "--url", url, "--prefix", "memory",
            "--max-records", String(waiting + 10), "--hourly", "1",
        ])
        _ = try worker.line()

        let kafka = KafkaSettings(["bootstrap.servers": bootstrap])
        let topics = TopicNames(prefix: "memory")
        let lanes = [topics.live(Sample.provider), topics.bulk(Sample.provider)]
        let meter = try TopicMeter(kafka, logger, topic: topics.results, partitions: 1)
        let producer = try KafkaProducer(settings: kafka, logger: logger)
        var number = 0
        func send(_ count: Int, _ account: String, _ topic: String) async throws {
            let records = (number..<number + count).map { number in
                let command = Sample.command(number, conversation: number / 5, account: account)
                return Sample.laneRecord(number, command, topic: topic)
            }
            number += count
            for result in await producer.send(records) { _ = try result.get() }
        }
        // The one call that the limit allows, and every part of the worker in use.
        try await send(1, Sample.accounts[0], lanes[0])
        try await meter.wait(for: 1)
        let before = worker.residentBytes
        for topic in lanes {
            try await send(waiting / 2, Sample.accounts[0], topic)
            // An account without limit: when its call is through, everything before it in the partition has been read.
            try await send(1, Sample.accounts[1], topic)
        }
        try await meter.wait(for: 3)
        let after = worker.residentBytes
        await producer.close()
        await meter.close()
        worker.stop()
        simulator.stop()
        broker.stop()
        return (before, after)
    }
}
