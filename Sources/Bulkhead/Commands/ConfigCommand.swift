internal import ArgumentParser

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Looks at the settings.",
        subcommands: [Check.self, Show.self]
    )

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reports every problem of the settings at once; exit code 2 when there is one.",
            discussion: "Each line names file, line and key, what was found and what is allowed."
        )

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Prints one JSON object.") var json = false

        func run() async throws {
            let loaded = options.loaded()
            if json {
                let problems = loaded.problems.map { JSONText.text($0.description) }
                let notes = loaded.notes.map { JSONText.text($0.description) }
                Terminal.current.print(
                    JSONText.members([
                        "valid": .flag(loaded.problems.isEmpty), "problems": .array(problems), "notes": .array(notes),
                    ])
                )
                if !loaded.problems.isEmpty { throw Failure(.usage) }
                return
            }
            guard loaded.problems.isEmpty else { throw Failure(.usage, lines: loaded.problems.map(\.description)) }
            for note in loaded.notes { Terminal.current.say("note: \(note)") }
            Terminal.current.print("\(loaded.file ?? "defaults and environment"): no problems")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the settings in force and where each one comes from; secrets are masked."
        )

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Prints one JSON object.") var json = false

        func run() async throws {
            let loaded = options.loaded()
            guard loaded.problems.isEmpty else { throw Failure(.usage, lines: loaded.problems.map(\.description)) }
            let terminal = Terminal.current
            let lines = loaded.show(
                format: json ? .json : .table,
                width: terminal.outputIsTerminal ? terminal.width : nil,
                colors: terminal.outputHasColors
            )
            for line in lines { terminal.print(line) }
        }
    }
}
