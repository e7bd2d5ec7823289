internal import ArgumentParser
internal import Foundation
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline
internal import ProviderKit
internal import VCard

struct ImportCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Imports the contacts of a vCard file.",
        discussion: """
            Versions 2.1, 3.0 and 4.0, of any size: a large file goes as several records, cut between cards. Every card \
            has an outcome of its own, and one that cannot be read does not stop the others.

            The same file for the same account is the same import, however often it is sent: what was taken in is not \
            taken in again. A second import of it needs another --id.

            With --wait the cards that failed are printed as they come, then counts by outcome and by warning. Exit code \
            3 says that some cards failed, 1 that the file was not imported.

              bulkhead import contacts.vcf --provider hatif --account main --country sa --dry-run
              bulkhead import contacts.vcf --provider hatif --account main --country sa --label newsletter --wait
              unzip -p export.zip contacts.vcf | bulkhead import - --provider aelyst --wait --json
            """
    )

    @OptionGroup var options: SettingsOptions
    @Argument(help: "A .vcf file, or - for standard input.") var file: String
    @Option(help: "A name under providers in the settings.") var provider: String
    @Option(help: "A name under the provider's accounts.") var account = Command.defaultAccount
    @Option(help: "The country of national phone numbers, a name under phone.countries.") var country: String?
    @Option(help: "Labels for all contacts, separated by commas; may be given several times.") var label: [String] = []
    @Option(help: "The import's id; by default made of the file, the provider and the account.") var id: String?
    @Option(help: "Most bytes of cards in one record; the brokers' message.max.bytes has to be larger.")
    var partBytes = 524_288
    @Flag(help: "Waits for the outcome of every card.") var wait = false
    @Flag(help: "Reads the file, says what would be imported and how long it would take, and sends nothing.")
    var dryRun = false
    @Flag(help: "Prints JSON lines.") var json = false

    private static let source = "/bulkhead/import"

    func validate() throws {
        guard (1_024...16_000_000).contains(partBytes) else {
            throw ValidationError("--part-bytes: found \(partBytes), allowed: 1024 to 16000000")
        }
        if wait && dryRun { throw ValidationError("--wait: nothing to wait for with --dry-run") }
    }

    func run() async throws {
        let settings = try options.settings()
        let home = try country.map { try settings.phone.country($0) }
        let entry = try settings.account(provider, account)
        var input = try ImportInput(file)
        if dryRun { return try await rehearse(input, settings, home, entry) }

        let id =
            if let id = self.id { id } else { try input.digest("\(provider)/\(account)\u{0}") }
        let command = ImportCommand(
            event: EventAttributes(
                id: id,
                source: Self.source,
                type: .contactsImport,
                time: Timestamp(WallClock().now)
            ),
            provider: provider,
            account: account,
            content: .bytes([]),
            defaultCountry: country.map { .named($0) },
            labels: label.flatMap(ImportCommand.labels)
        )
        if !command.labels.isEmpty, let importer = entry?.adapter as? any ContactImporting, !importer.takesLabels {
            say("--label: \(provider) is not sent labels, see the documentation of its settings")
        }
        try Self.check(command)
        try await send(input, command, settings)
    }

    /// Finds what is wrong with the options before anything is sent, in the words of intake.
    private static func check(_ command: ImportCommand) throws {
        var command = command
        command.content = .bytes([0x20])
        do throws(Rejection) {
            _ = try InboundMessage.decode(value: command.encoded(), headers: [MessageHeader](), recordTimestamp: 0)
        } catch {
            throw Failure(.usage, error.reason)
        }
    }

    // MARK: Sending

    private func send(_ input: ImportInput, _ command: ImportCommand, _ settings: Settings) async throws {
        let kafka = KafkaSettings(settings.kafka)
        let topics = TopicNames(prefix: settings.prefix)
        let logger = LogSetup.logger(level: .error)
        if wait, let report = try await finished(command, kafka, topics, logger) {
            say("this import ended before; another --id would import the file again")
            return try conclude(report)
        }

        let watch = ImportWatch(command.reference) { [json] outcome in
            if json {
                Terminal.current.print(String(decoding: outcome.encoded(), as: UTF8.self))
            } else if outcome.disposition.topic == .failures {
                Terminal.current.print(ImportReport.line(outcome))
            }
        }
        if wait { try await watch.start(kafka, topics, logger) }

        var report = try await ship(input, command, kafka, topics, logger)
        if wait, report.records > 0 {
            let total = report.cards - report.tooLarge.count
            try await Terminal.current.drawing("cards", progress: { (await watch.done, total) }) {
                try await watch.untilOver()
            }
            report.counts = await watch.counts
            if let completed = await watch.completed {
                report.counts = completed.counts
                report.warnings = completed.warnings
                report.error = completed.error
                report.elapsed = .nanoseconds(
                    max(0, completed.finishedAt.nanoseconds - completed.startedAt.nanoseconds)
                )
            } else if let refused = await watch.refused {
                report.error = refused.reason ?? refused.disposition.rawValue
            }
        }
        try conclude(report)
    }

    private static func check(_ results: [Result<Delivery, KafkaError>]) throws {
        for case .failure(let error) in results {
            throw Failure(.failed, "not sent: \(error.reason)", "the same command again sends what is missing")
        }
    }

    /// Sends the file's records, a few megabytes at a time.
    private func ship(
        _ input: ImportInput,
        _ command: ImportCommand,
        _ kafka: KafkaSettings,
        _ topics: TopicNames,
        _ logger: Logger
    ) async throws -> ImportReport {
        let producer = try KafkaProducer(settings: kafka.merging(["message.max.bytes": "16777216"]), logger: logger)
        var records = ImportRecords(command, topic: topics.imports, maxBytes: partBytes)
        var input = input
        do {
            var waiting: [ProducerRecord] = []
            var bytes = 0
            try input.rewind()
            while let chunk = try input.next() {
                for record in records.feed(chunk) {
                    waiting.append(record)
                    bytes += record.value?.count ?? 0
                }
                guard bytes >= 8 << 20 else { continue }
                try Self.check(await producer.send(waiting))
                waiting = []
                bytes = 0
            }
            waiting += records.finish()
            try Self.check(await producer.send(waiting))
            await producer.close()
        } catch {
            await producer.close()
            throw error
        }
        var report = ImportReport(id: command.id, cards: records.cards, records: records.count)
        report.tooLarge = records.tooLarge
        report.error = records.error?.rawValue
        if !json {
            for card in report.tooLarge { Terminal.current.print(ImportReport.line(card)) }
            if report.records > 0 {
                say(
                    "import \(report.id): sent \(report.cards - report.tooLarge.count) cards in \(report.records) records"
                )
            }
        }
        return report
    }

    /// What is known of an import with this id that has ended already: its outcomes do not come a second time.
    private func finished(
        _ command: ImportCommand,
        _ kafka: KafkaSettings,
        _ topics: TopicNames,
        _ logger: Logger
    ) async throws -> ImportReport? {
        var last: JobStatus?
        let key = Array("\(JobStatus.Kind.contactsImport.rawValue)/\(command.id)".utf8)
        try await TopicScan.read(kafka, logger: logger, topics: [topics.status]) { records in
            for record in records where record.key == key {
                guard let value = record.value, case .job(let job) = try? StatusMessage(decoding: value) else {
                    last = nil
                    continue
                }
                last = job
            }
            return true
        }
        guard let last, last.command.source == command.source, [.completed, .failed, .cancelled].contains(last.state)
        else { return nil }
        var report = ImportReport(id: command.id, cards: last.total ?? last.done, records: 0)
        report.counts = last.counts
        if last.state != .completed { report.error = last.reason ?? last.state.rawValue }
        report.elapsed = .nanoseconds(max(0, last.at.nanoseconds - last.startedAt.nanoseconds))
        return report
    }

    private func conclude(_ report: ImportReport) throws {
        if json {
            Terminal.current.print(report.json)
        } else if wait, report.cards > 0 {
            for line in report.lines(on: .current) { Terminal.current.print(line) }
        }
        if let failure = report.failure { throw failure }
    }

    // MARK: Rehearsing

    private func rehearse(
        _ input: ImportInput,
        _ settings: Settings,
        _ home: PhoneCountry?,
        _ entry: AccountEntry?
    ) async throws {
        var reading = VCardSettings()
        reading.decoder = LargeCharsets()
        reading.limits = settings.imports.limits.vcard
        var check = VCardCheck(format: json ? .json : .text, settings: reading, home: home)
        var records = ImportRecords(
            ImportCommand(
                event: EventAttributes(
                    id: "-",
                    source: Self.source,
                    type: .contactsImport,
                    time: Timestamp(nanoseconds: 0)
                ),
                provider: provider,
                account: account,
                content: .bytes([])
            ),
            topic: "",
            maxBytes: partBytes
        )
        var rehearsal = entry.flatMap(ImportRehearsal.init)
        func take(_ card: ImportedCard) {
            if let contact = card.contact { rehearsal?.take(contact) }
        }
        var input = input
        try input.rewind()
        while let chunk = try input.next() {
            Self.write(check.feed(chunk, take))
            _ = records.feed(chunk)
        }
        let (output, summary) = check.finish(take)
        _ = records.finish()
        Self.write(output)
        if json {
            Terminal.current.print(
                .members([
                    "plan": .members([
                        "records": .integer(records.count),
                        "tooLarge": .integer(records.tooLarge.count),
                        "requests": rehearsal.map { .integer($0.requests) } ?? .null,
                        "seconds": rehearsal.map { .integer(Int($0.duration.components.seconds)) } ?? .null,
                    ])
                ])
            )
        } else {
            for card in records.tooLarge { Terminal.current.print(ImportReport.line(card)) }
            if let rehearsal {
                let time = ProgressBar.clock(Double(rehearsal.duration.components.seconds))
                Terminal.current.print("\(rehearsal.requests) requests, at least \(time) at the configured limits")
            } else if entry != nil {
                Terminal.current.print("\(provider) takes no contacts: every card would be unsupported")
            }
        }
        if !summary.isSuccess { throw Failure(.failed) }
    }

    private static func write(_ bytes: [UInt8]) {
        if !bytes.isEmpty { try? FileHandle.standardOutput.write(contentsOf: Data(bytes)) }
    }

    private func say(_ text: String) {
        if !json { Terminal.current.say(text) }
    }
}

extension PhoneSettings {
    func country(_ name: String) throws -> PhoneCountry {
        guard let rule = countries[name] else {
            let known = countries.keys.sorted().joined(separator: ", ")
            throw Failure(
                .usage,
                "--country: found \"\(name)\", allowed: \(known.isEmpty ? "none is configured" : known)"
            )
        }
        return PhoneCountry(rule)
    }
}

extension Settings {
    /// An account by its names; `nil` where these settings name no providers, as those of a machine that only sends.
    fileprivate func account(_ provider: String, _ account: String) throws -> AccountEntry? {
        guard !providers.isEmpty else { return nil }
        let catalog = ProviderCatalog(self)
        guard let found = catalog.providers[provider] else {
            throw Failure(.usage, Self.unknown("--provider", provider, Array(catalog.providers.keys)))
        }
        guard let entry = found.accounts[account] else {
            throw Failure(.usage, Self.unknown("--account", account, Array(found.accounts.keys)))
        }
        return entry
    }

    private static func unknown(_ option: String, _ found: String, _ known: [String]) -> String {
        "\(option): found \"\(found)\", allowed: \(known.sorted().joined(separator: ", "))"
    }
}
