internal import ArgumentParser
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline

struct DlqCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Looks at dead letters, replays them, and parks those that are not worth it.",
        discussion: """
            Start with `dlq plan`: it counts the letters by what caused them and says what to do. Then replay by filter, for \
            example: bulkhead dlq replay --disposition exhausted --provider hatif --rate 50
            """,
        subcommands: [List.self, Show.self, Plan.self, Replay.self, Park.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists dead letters.")

        @OptionGroup var options: SettingsOptions
        @OptionGroup var filters: DlqFilterOptions
        @Flag(help: "The parked ones instead.") var parked = false
        @Option(help: "Letters shown, the latest; JSON lines are never cut.") var limit = 100
        @Flag(help: "Prints one JSON object a line.") var json = false

        func run() async throws {
            guard limit > 0 else { throw Failure(.usage, "--limit: found \(limit), allowed: 1 or more") }
            let dlq = DlqAccess(try options.settings())
            let filter = try filters.filter()
            let terminal = Terminal.current
            var latest: [StoredLetter] = []
            var count = 0
            let strangers = try await dlq.reading(isParked: parked) {
                try await dlq.reader.letters(filter, isParked: parked) { stored in
                    count += 1
                    if json {
                        terminal.print(dlq.line(DeadLetterStory(stored, maxReplays: dlq.maxReplays).json))
                    } else {
                        latest.append(stored)
                        if latest.count >= 2 * limit { latest = Self.latest(latest, limit) }
                    }
                    return true
                }
            }
            if !json {
                for line in terminal.lines(of: Self.table(Self.latest(latest, limit))) { terminal.print(line) }
                terminal.say(count > limit ? "the latest \(limit) of \(count) letters" : "\(count) letters")
            }
            if strangers > 0 { terminal.say("\(strangers) records are no dead letters and were passed over") }
        }

        private static func latest(_ letters: [StoredLetter], _ limit: Int) -> [StoredLetter] {
            Array(letters.sorted { $0.letter.lastFailure < $1.letter.lastFailure }.suffix(limit))
        }

        private static func table(_ letters: [StoredLetter]) -> Table {
            var table = Table([
                "Letter", "Last failed", "Lane", "Disposition", "Status", "Replays", "Command", "Reason",
            ])
            for stored in letters {
                let letter = stored.letter
                table.append([
                    Table.Cell(stored.name), Table.Cell(letter.lastFailure.description),
                    Table.Cell("\(letter.provider ?? "-")/\(letter.account ?? "-")"),
                    Table.Cell(letter.disposition.rawValue), Table.Cell(letter.httpStatus.map(String.init) ?? "-"),
                    Table.Cell(String(letter.replays)), Table.Cell(stored.command.id), Table.Cell(letter.reason),
                ])
            }
            return table
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells one dead letter: what was asked, what was answered, how often, since when, what to do."
        )

        @OptionGroup var options: SettingsOptions
        @Argument(help: "A command's id, IMPORT/CARD for a card, or a record's name as TOPIC-PARTITION-OFFSET.") var id:
            String
        @Flag(help: "Looks among the parked ones.") var parked = false
        @Flag(help: "Prints one JSON object a line.") var json = false

        func run() async throws {
            let dlq = DlqAccess(try options.settings())
            var filter = DeadLetterFilter()
            filter.ids = [id]
            let terminal = Terminal.current
            var count = 0
            try await dlq.reading(isParked: parked) {
                try await dlq.reader.letters(filter, isParked: parked) { stored in
                    let story = DeadLetterStory(stored, maxReplays: dlq.maxReplays)
                    count += 1
                    if json {
                        terminal.print(dlq.line(story.json))
                    } else {
                        if count > 1 { terminal.print("") }
                        for (heading, text) in story.lines { terminal.print("\(heading.padding(14))\(text)") }
                    }
                    return true
                }
            }
            guard count > 0 else { throw Failure(.failed, "There is no dead letter \"\(id)\".") }
        }
    }

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Counts dead letters by cause, and says what a replay would do with them."
        )

        @OptionGroup var options: SettingsOptions
        @OptionGroup var filters: DlqFilterOptions
        @Flag(help: "The parked ones instead.") var parked = false
        @Flag(help: "Prints one JSON object.") var json = false

        func run() async throws {
            let dlq = DlqAccess(try options.settings())
            let rules = dlq.rules(.replay, try filters.filter())
            let plan = try await dlq.reading(isParked: parked) { try await dlq.reader.plan(rules, isParked: parked) }
            let terminal = Terminal.current
            guard !json else { return terminal.print(dlq.line(plan.json)) }
            var table = Table(["Letters", "Provider", "Disposition", "Status", "Reason", "Since", "Last", "What to do"])
            for row in plan.rows {
                table.append([
                    Table.Cell(String(row.count)), Table.Cell(row.cause.provider ?? "-"),
                    Table.Cell(row.cause.disposition.rawValue), Table.Cell(row.cause.status.map(String.init) ?? "-"),
                    Table.Cell(row.cause.reason), Table.Cell(row.first.description), Table.Cell(row.last.description),
                    Table.Cell(row.advice),
                ])
            }
            for line in terminal.lines(of: table) { terminal.print(line) }
            let parks = plan.parks.values.reduce(0, +)
            terminal.print("\(plan.total) letters: a replay would send \(plan.replays) and park \(parks)")
            for reason in LetterFate.Leaving.allCases {
                if let count = plan.leaves[reason] { terminal.print("\(count) stay: \(reason.rawValue)") }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends dead letters back to the topics they came from.",
            discussion: """
                Handles the letters that stand there when it starts. Stopped or killed half-way, it goes on where it was when \
                it is started again with the same filters, or the same --name and filters. Commands that succeeded \
                meanwhile are not run again, and newer live commands are not overwritten.
                """
        )

        @OptionGroup var order: DlqOrder
        @Flag(help: "Says what it would do, and does nothing.") var dryRun = false

        func run() async throws { try await order.run(.replay, dryRun: dryRun) }
    }

    struct Park: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies dead letters to the parking topic, with a note; replays pass them over from then on."
        )

        @OptionGroup var order: DlqOrder
        @Flag(help: "Says what it would do, and does nothing.") var dryRun = false

        func run() async throws { try await order.run(.park, dryRun: dryRun) }
    }
}
