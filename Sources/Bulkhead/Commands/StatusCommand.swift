internal import ArgumentParser
internal import Messages

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the whole installation: workers, lanes, limits, what is left, campaigns and imports.",
        discussion: """
            Reads Kafka only, so it works from anywhere and also when no worker runs. The first line says whether all is well; \
            below the lanes stands why one is paused or closed, and why a limit is not that of the settings. Live and Bulk \
            count the records that are not finished.

            For example: bulkhead status --watch
            For alerts:  bulkhead status --json | jq -e .well
            """
    )

    @OptionGroup var options: SettingsOptions
    @Flag(help: "Shows it again every two seconds, until stopped.") var watch = false
    @Flag(help: "Prints one JSON object; with --watch one a line.") var json = false

    func run() async throws {
        let reader = FleetReader(try options.settings())
        let terminal = Terminal.current
        var isFirst = true
        repeat {
            let report = try await reader.answering { try await reader.report() }
            if json {
                terminal.print(String(decoding: report.json.encoded, as: UTF8.self))
            } else if watch, terminal.outputIsTerminal {
                terminal.print(Self.screen(report.lines(terminal), isFirst: isFirst))
            } else {
                for line in (isFirst ? [] : [""]) + report.lines(terminal) { terminal.print(line) }
            }
            isFirst = false
            if watch { try await Task.sleep(for: .seconds(2)) }
        } while watch
    }

    /// The lines over what was drawn before: each erases the rest of its line, and the last what follows (ECMA-48 EL, ED).
    private static func screen(_ lines: [String], isFirst: Bool) -> String {
        (isFirst ? "\u{1B}[2J" : "") + "\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J"
    }
}
