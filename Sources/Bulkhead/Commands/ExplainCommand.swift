internal import ArgumentParser
internal import KafkaClient
internal import Messages
internal import Pipeline

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says in words what a command waits for and since when, or its outcome.",
        discussion: """
            Looks for the command in the topics, and then asks the worker that has its lane, at the address in `bulkhead \
            status`. Where that cannot be reached from here it says what the topics tell; --admin names another way to it. \
            Works for the ids of campaigns and imports, too.

            For example: bulkhead explain a-1001
                         bulkhead explain a-1001 --source /crm/routing --json
            """
    )

    @OptionGroup var options: SettingsOptions
    @Argument(help: "The command's id; TOPIC-PARTITION-OFFSET for a record that is no command.") var id: String
    @Option(help: "The command's source, where several use the same ids.") var source: String?
    @Option(help: "The worker's admin server, as HOST:PORT, instead of the address in its status.") var admin: String?
    @Flag(help: "Prints one JSON object a command.") var json = false

    func run() async throws {
        let settings = try options.settings()
        let reader = FleetReader(settings)
        let inquiry = CommandInquiry(id: id, source: source, admin: admin, reader: reader)
        let (stories, jobs, count) = try await reader.answering { try await inquiry.answer() }
        let terminal = Terminal.current
        for (number, story) in stories.enumerated() {
            if json {
                terminal.print(String(decoding: story.json.encoded, as: UTF8.self))
            } else {
                if number > 0 { terminal.print("") }
                for (heading, text) in story.lines { terminal.print("\(heading.padding(12))\(text)".printable) }
            }
        }
        for job in jobs {
            terminal.print(json ? String(decoding: job.encoded(), as: UTF8.self) : job.sentence.printable)
        }
        guard !stories.isEmpty || !jobs.isEmpty else {
            throw Failure(
                .failed,
                "No command \"\(id.printable)\"\(source.map { " of \($0.printable)" } ?? "") was found.",
                "\(count) records were looked through; topics keep commands for 7 days and outcomes for 14, "
                    + "unless they were made otherwise."
            )
        }
    }
}
