internal import ArgumentParser
internal import Foundation
internal import VCard

struct VCardCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vcard",
        abstract: "Looks at vCard files.",
        subcommands: [Check.self]
    )

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads a vCard file and says what an import would take, and what is wrong with the rest.",
            discussion: """
                Versions 2.1, 3.0 and 4.0, of any size, in flat memory. Lines name card and line, never names or numbers of \
                people; limits are those of the settings, where there are any. With --json each card is one object, with its contact, and the last line is the summary. Exit \
                code 1 says that the file holds no cards.
                """
        )

        @OptionGroup var options: SettingsOptions
        @Argument(help: "A .vcf file, or - for standard input.") var file: String
        @Option(help: "The country of national phone numbers, a name under phone.countries.") var country: String?
        @Flag(help: "Prints one JSON object a card.") var json = false

        func run() async throws {
            // A file can be looked at without any settings; those that are asked for have to be right.
            let isAsked = options.config != nil || country != nil
            let settings = isAsked ? try options.settings() : options.loaded().settings
            var reading = VCardSettings()
            reading.decoder = LargeCharsets()
            if let limits = settings?.imports.limits.vcard { reading.limits = limits }
            var check = VCardCheck(
                format: json ? .json : .text,
                settings: reading,
                home: try country.flatMap { try settings?.phone.country($0) }
            )
            guard let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file) else {
                throw Failure(.usage, "\(file): cannot be read")
            }
            while let chunk = try handle.read(upToCount: 262_144), !chunk.isEmpty { write(check.feed(Array(chunk))) }
            let (output, summary) = check.finish()
            write(output)
            if !summary.isSuccess { throw Failure(.failed) }
        }

        private func write(_ bytes: [UInt8]) {
            if !bytes.isEmpty { FileHandle.standardOutput.write(Data(bytes)) }
        }
    }
}
