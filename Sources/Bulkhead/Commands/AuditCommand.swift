internal import ArgumentParser
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Compares commands, outcomes and dead letters: nothing lost, one outcome each.",
        discussion: """
            Reads the topics as they stand, outside any group. Commands still being worked on show as commands without \
            outcome. Exit code 1 says that something does not add up.
            """
    )

    @OptionGroup var options: SettingsOptions
    @Option(help: "How many ids of each kind are listed.") var list = 20
    @Flag(help: "Prints one JSON object.") var json = false

    func run() async throws {
        let settings = try options.settings()
        let topics = TopicNames(prefix: settings.prefix)
        let kafka = KafkaSettings(settings.kafka)
        let logger = LogSetup.logger(level: .error)
        var audit = Audit()
        try await TopicScan.read(kafka, logger: logger, topics: [topics.commands, topics.imports]) { records in
            for record in records { audit.add(command: record) }
            return true
        }
        try await TopicScan.read(kafka, logger: logger, topics: [topics.results, topics.failures]) { records in
            for record in records { audit.add(outcome: record) }
            return true
        }
        try await TopicScan.read(kafka, logger: logger, topics: [topics.deadLetters]) { records in
            for record in records { audit.add(deadLetter: record) }
            return true
        }
        let report = audit.finished()
        if json { Terminal.current.print(self.json(report)) } else { show(report) }
        if !report.isConsistent { throw Failure(.failed) }
    }

    private func show(_ report: Audit.Report) {
        let terminal = Terminal.current
        terminal.print("commands              \(report.commands) (and \(report.repeats) repeats)")
        terminal.print("outcomes              \(report.outcomes)")
        terminal.print("dead letters          \(report.deadLetters)")
        for (name, ids) in kinds(report) {
            let shown = ids.prefix(list).joined(separator: ", ")
            let more = ids.count > list ? ", …" : ""
            terminal.print("\(name.padding(22))\(ids.count)\(ids.isEmpty ? "" : ": \(shown)\(more)")")
        }
    }

    private func kinds(_ report: Audit.Report) -> [(String, [String])] {
        [
            ("without outcome", report.withoutOutcome), ("with several outcomes", report.withSeveralOutcomes),
            ("outcome, no command", report.withoutCommand), ("without dead letter", report.withoutDeadLetter),
        ]
    }

    private func json(_ report: Audit.Report) -> JSONText {
        .members([
            "consistent": .flag(report.isConsistent), "commands": .integer(report.commands),
            "repeats": .integer(report.repeats), "outcomes": .integer(report.outcomes),
            "deadLetters": .integer(report.deadLetters),
            "dispositions": .object(
                Disposition.allCases.compactMap { disposition in
                    report.byDisposition[disposition].map { JSONText.Member(disposition.rawValue, .integer($0)) }
                }
            ),
            "withoutOutcome": ids(report.withoutOutcome), "withSeveralOutcomes": ids(report.withSeveralOutcomes),
            "withoutCommand": ids(report.withoutCommand), "withoutDeadLetter": ids(report.withoutDeadLetter),
        ])
    }

    private func ids(_ ids: [String]) -> JSONText {
        .members(["count": .integer(ids.count), "first": .array(ids.prefix(list).map { .text($0) })])
    }
}

extension String {
    /// The text with spaces up to a width.
    func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
