internal import ArgumentParser
internal import EmbeddedKafka
internal import Foundation
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline
internal import ProviderKit
internal import Scheduling
internal import ServiceLifecycle
internal import Simulators
internal import VCard

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs everything in one process: brokers, provider APIs and a worker, with real input.",
        discussion: """
            Sends the sample commands and imports the sample vCards, or what the files hold that are named, shows progress, \
            and prints what became of all and how much of each provider's limit was used. Nothing outside this process is \
            touched.
            """
    )

    @Option(help: "A file of commands, one JSON object a line, instead of the samples.") var commands: String?
    @Option(help: "A vCard file that is imported to Hatif and Aelyst, instead of the samples.") var vcards: String?
    @Flag(help: "Prints one JSON object.") var json = false

    private static let limits: [(SimulatedProvider, SimulatedLimit)] = [
        (.hatif, SimulatedLimit(requests: 40, per: .seconds(1), scope: .account)),
        (.aelyst, SimulatedLimit(requests: 5, per: .seconds(1), scope: .path)),
        (.convor, SimulatedLimit(requests: 20, per: .seconds(1), scope: .account)),
    ]

    func run() async throws {
        let terminal = Terminal.current
        // Whoever brings something of their own wants to see that and nothing else.
        let isSample = commands == nil && vcards == nil
        let lines = try commands.map { try SendCommand.lines(of: $0) } ?? []
        if let commands, lines.isEmpty { throw Failure(.usage, "\(commands): holds no commands") }
        var cards = isSample ? Array(DemoSamples.vcards().utf8) : []
        if let vcards {
            var input = try ImportInput(vcards)
            while let chunk = try input.next() { cards += chunk }
        }
        let demo = try await EmbeddedInstallation(limits: Self.limits, showsProgress: !json)
        let report = try await demo.run(isSample ? DemoSamples.commands().map { Array($0.utf8) } : lines, cards)
        await demo.close()
        if json { terminal.print(report.json) } else { report.show(terminal) }
    }
}

/// What the demo prints at its end.
struct DemoReport {
    var sent: Int
    /// Cards to import, for all providers together.
    var cards: Int
    var outcomes: [Outcome]
    var statistics: SimulatorStatistics
    var seconds: Double

    private func count(_ disposition: Disposition) -> Int { outcomes.count { $0.disposition == disposition } }
    private var calls: Int { statistics.calls.reduce(0) { $0 + $1.count } }

    func show(_ terminal: Terminal) {
        var table = Table(["Topic", "Disposition", "Outcomes"])
        for disposition in Disposition.allCases where count(disposition) > 0 {
            table.append([
                Table.Cell(disposition.topic.rawValue),
                Table.Cell(disposition.rawValue, disposition.topic == .results ? .green : .yellow),
                Table.Cell(String(count(disposition))),
            ])
        }
        for line in terminal.lines(of: table) { terminal.print(line) }
        terminal.print("")
        var lanes = Table(["Lane", "Limit", "Calls", "Most in one window", "Beyond the limit", "Throttled"])
        for limit in statistics.limits {
            let provider = statistics.calls.filter { $0.provider == limit.provider }
            lanes.append([
                Table.Cell(limit.provider.rawValue),
                Table.Cell(
                    "\(limit.limit.requests) in \(limit.limit.per.messageText) for each \(limit.limit.scope.rawValue)"
                ),
                Table.Cell(String(provider.reduce(0) { $0 + $1.count })),
                Table.Cell("\(limit.peak) of \(limit.limit.requests)"),
                Table.Cell(String(limit.violations), limit.violations == 0 ? .green : .red),
                Table.Cell(String(statistics.count(429, of: limit.provider))),
            ])
        }
        for line in terminal.lines(of: lanes) { terminal.print(line) }
        terminal.print("")
        terminal.print(
            "\(sent) commands and \(cards) cards, \(outcomes.count) outcomes, \(calls) calls in \(seconds.formatted(places: 1)) s"
        )
    }

    var json: JSONText {
        func counts(_ topic: Disposition.Topic) -> JSONText {
            .object(
                Disposition.allCases.filter { $0.topic == topic && count($0) > 0 }.map {
                    JSONText.Member($0.rawValue, .integer(count($0)))
                }
            )
        }
        return .members([
            "commands": .integer(sent),
            "cards": .integer(cards),
            "outcomes": .members(["results": counts(.results), "failures": counts(.failures)]),
            "calls": .integer(calls),
            "throttled": .integer(statistics.throttled),
            "violations": .integer(statistics.violations.values.reduce(0, +)),
            "lanes": .array(
                statistics.limits.map { limit in
                    .members([
                        "provider": .text(limit.provider.rawValue), "requests": .integer(limit.limit.requests),
                        "scope": .text(limit.limit.scope.rawValue), "peak": .integer(limit.peak),
                        "violations": .integer(limit.violations),
                    ])
                }
            ),
            "seconds": .number((seconds * 1_000).rounded() / 1_000),
        ])
    }
}

extension Double {
    /// Decimal text with so many places.
    func formatted(places: Int) -> String {
        String(format: "%.\(places)f", self)
    }
}
