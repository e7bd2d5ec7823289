internal import ArgumentParser

/// The command line.
@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulkhead",
        abstract: "Moves bulk operations through rate-limited provider APIs, one outcome for every command.",
        discussion: """
            Start here: `bulkhead demo` runs everything in one process and shows what happens.

            For real work: write bulkhead.yaml, look at it with `bulkhead config check`, make the topics with \
            `bulkhead topics create`, then `bulkhead run`. Send commands with `bulkhead send` or any Kafka client.

            Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 some commands failed (with --wait).
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, RunCommand.self, SendCommand.self, ImportCommandLine.self, ConfigCommand.self,
            TopicsCommand.self, StatusCommand.self, ExplainCommand.self, CampaignCommands.self, LaneCommands.self,
            DlqCommands.self, AuditCommand.self, VCardCommands.self, ProbeCommand.self, SimulateCommand.self,
            BrokerCommand.self, BenchCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            for line in failure.lines { Terminal.current.say(line) }
            failure.status.exit()
        } catch {
            // The parser's own code for wrong usage is 64; ours is 2, and help is no failure.
            if exitCode(for: error).isSuccess { exit(withError: error) }
            let text = fullMessage(for: error)
            if !text.isEmpty { Terminal.current.say(text) }
            (exitCode(for: error) == .validationFailure ? ExitStatus.usage : .failed).exit()
        }
    }
}

/// Ends the process with a code and lines on standard error that say what to do.
struct Failure: Error {
    var status: ExitStatus
    var lines: [String]

    init(_ status: ExitStatus, _ lines: String...) {
        self.status = status
        self.lines = lines
    }

    init(_ status: ExitStatus, lines: [String]) {
        self.status = status
        self.lines = lines
    }
}
