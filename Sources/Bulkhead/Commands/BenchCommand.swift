internal import ArgumentParser
internal import Foundation
internal import Messages
internal import Metrics
internal import Operations
internal import Simulators

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures how many commands a second this machine carries out, with everything in one process.",
        discussion: """
            Embedded brokers, the provider simulator without limits worth mentioning, and a worker share this process, \
            so that the figure is a lower bound of what a worker alone does. Build with `-c release` for a figure that \
            means something.
              bulkhead bench --commands 20000 --json
            """
    )

    @Option(help: "Commands to carry out, each for a conversation of its own.") var commands = 10_000
    @Option(help: "Calls out at once.") var concurrency = 64
    @Flag(help: "Keeps no metrics, to see what they cost.") var withoutMetrics = false
    @Flag(help: "Prints one JSON object.") var json = false

    func validate() throws {
        guard (1...200_000).contains(commands) else { throw ValidationError("--commands: 1 to 200000") }
        guard (1...1_000).contains(concurrency) else { throw ValidationError("--concurrency: 1 to 1000") }
    }

    func run() async throws {
        if !withoutMetrics { MetricsSystem.bootstrap(PrometheusMetrics()) }
        let limit = SimulatedLimit(requests: 1_000_000, per: .seconds(1), scope: .account)
        let installation = try await EmbeddedInstallation(
            limits: [(.convor, limit)],
            concurrency: concurrency,
            showsProgress: !json
        )
        let report = try await installation.run((1...commands).map(Self.command), [])
        await installation.close()
        let waits = report.outcomes.map(Self.milliseconds).sorted()
        let rate = Double(report.outcomes.count) / max(report.seconds, 0.001)
        func percentile(_ share: Double) -> Double { waits[min(waits.count - 1, Int(Double(waits.count) * share))] }
        if json {
            Terminal.current.print(
                .members([
                    "commands": .integer(commands), "seconds": .number(report.seconds), "perSecond": .number(rate),
                    "p50Ms": .number(percentile(0.5)), "p99Ms": .number(percentile(0.99)),
                ])
            )
        } else {
            Terminal.current.print(
                "\(commands) commands in \(report.seconds.formatted(places: 2)) s: \(Int(rate.rounded())) a second; "
                    + "from reading in the lane to the outcome \(percentile(0.5).formatted(places: 1)) ms in the middle, "
                    + "\(percentile(0.99).formatted(places: 1)) ms at the 99th percentile"
            )
        }
    }

    private static func command(_ number: Int) -> [UInt8] {
        let digits = String(number, radix: 16)
        let id = "3a1a4cb7-e7c1-f045-127b-" + String(repeating: "0", count: 12 - digits.count) + digits
        return Array(
            """
            {"specversion":"1.0","type":"bulkhead.conversation.unassign.v1","source":"/bench","id":"b-\(number)",\
            "data":{"provider":"convor","account":"main","conversation":"\(id)"}}
            """.utf8
        )
    }

    private static func milliseconds(_ outcome: Outcome) -> Double {
        Double(outcome.times.finished.nanoseconds - outcome.times.accepted.nanoseconds) / 1e6
    }
}
