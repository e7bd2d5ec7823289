internal import ArgumentParser
internal import KafkaClient
internal import Logging
internal import Pipeline

struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "Plans and creates the topics.",
        subcommands: [Plan.self, Create.self]
    )

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Shows the topics that are wanted and what the brokers have, and which accounts share a partition."
        )

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Prints one JSON object.") var json = false

        func run() async throws {
            let settings = try options.settings()
            let plan = try await TopicPlan(settings)
            if json { Terminal.current.print(plan.json) } else { plan.show(Terminal.current) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Creates the topics that are missing, after showing the plan.",
            discussion: "Topics that exist are left as they are, so that it can be run again at any time."
        )

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Prints one JSON object.") var json = false

        func run() async throws {
            let settings = try options.settings()
            var plan = try await TopicPlan(settings)
            if !json { plan.show(Terminal.current) }
            let failures = try await plan.create(settings)
            if json { Terminal.current.print(plan.json) }
            guard failures.isEmpty else { throw Failure(.failed, lines: failures) }
            if !json { Terminal.current.print("created \(plan.created.count), present \(plan.present.count)") }
        }
    }
}

/// The topics that the settings want beside those that the brokers have.
struct TopicPlan {
    struct Item {
        var spec: TopicSpec
        /// Partitions it has; `nil` when it does not exist.
        var present: Int?
    }

    var items: [Item]
    var created: [String] = []
    /// Accounts of a provider that share a partition, and so its look-ahead window.
    var sharing: [(provider: String, partition: Int32, accounts: [String], proposal: String)]

    var present: [Item] { items.filter { $0.present != nil } }

    init(_ settings: Settings) async throws {
        let specs = Self.specs(settings)
        let existing: [String: Int]
        do throws(KafkaError) {
            let admin = try KafkaAdmin(settings: KafkaSettings(settings.kafka), logger: LogSetup.logger(level: .error))
            existing = try await admin.topics(timeout: .seconds(10))
        } catch {
            throw Failure(
                .failed,
                "The brokers at \(settings.kafka["bootstrap.servers"] ?? "") do not answer: \(error.reason)",
                "Check kafka.bootstrap.servers and that a broker runs there."
            )
        }
        items = specs.map { Item(spec: $0, present: existing[$0.name]) }
        sharing = Self.sharing(settings)
    }

    static func specs(_ settings: Settings) -> [TopicSpec] {
        let names = TopicNames(prefix: settings.prefix)
        let counts = settings.topics.partitions
        func spec(_ name: String, _ partitions: Int, days: Int) -> TopicSpec {
            TopicSpec(
                name: name,
                partitions: partitions,
                replication: settings.topics.replication,
                config: ["cleanup.policy": "delete", "retention.ms": String(days * 86_400_000)]
            )
        }
        func compacted(_ name: String) -> TopicSpec {
            TopicSpec(
                name: name,
                partitions: 1,
                replication: settings.topics.replication,
                config: ["cleanup.policy": "compact"]
            )
        }
        var specs = [spec(names.commands, counts.commands, days: 7), spec(names.imports, counts.imports, days: 7)]
        for (name, provider) in settings.providers.sorted(by: { $0.key < $1.key }) {
            let partitions = provider.partitions ?? counts.lanes
            specs += [
                spec(names.live(name), partitions, days: 7), spec(names.bulk(name), partitions, days: 14),
                spec(names.parked(name), partitions, days: 30),
            ]
        }
        return specs + [
            spec(names.results, counts.outcomes, days: 14), spec(names.failures, counts.outcomes, days: 14),
            spec(names.deadLetters, counts.outcomes, days: 30),
            spec(names.parkedLetters, counts.outcomes, days: 30), compacted(names.control), compacted(names.status),
        ]
    }

    static func sharing(_ settings: Settings) -> [(String, Int32, [String], String)] {
        settings.providers.sorted { $0.key < $1.key }.flatMap { name, provider -> [(String, Int32, [String], String)] in
            let count = provider.partitions ?? settings.topics.partitions.lanes
            let places = Dictionary(grouping: provider.accounts.keys.sorted()) { account in
                provider.place(of: account, partitions: count)
            }
            let proposal = provider.ownPlaces(at: "providers.\(name)", partitions: count)
            return places.sorted { $0.key < $1.key }.filter { $0.value.count > 1 }.map {
                (name, $0.key, $0.value, proposal)
            }
        }
    }

    /// Creates what is missing.
    ///
    /// - Returns: a line for each topic that could not be created.
    mutating func create(_ settings: Settings) async throws -> [String] {
        let missing = items.filter { $0.present == nil }.map(\.spec)
        guard !missing.isEmpty else { return [] }
        let admin = try KafkaAdmin(settings: KafkaSettings(settings.kafka), logger: LogSetup.logger(level: .error))
        var failures: [String] = []
        for (name, error) in await admin.createTopics(missing).sorted(by: { $0.key < $1.key }) {
            if let error, error.code != .topicAlreadyExists {
                failures.append("\(name): \(error.reason)")
            } else {
                created.append(name)
            }
        }
        return failures
    }

    func show(_ terminal: Terminal) {
        var table = Table(["Topic", "Partitions", "Cleanup", "Now"])
        for item in items {
            let days = item.spec.config["retention.ms"].flatMap { Int($0) }.map { "delete, \($0 / 86_400_000) d" }
            let state = item.present.map { $0 == item.spec.partitions ? "present" : "present, \($0) partitions" }
            table.append([
                Table.Cell(item.spec.name), Table.Cell(String(item.spec.partitions)), Table.Cell(days ?? "compact"),
                Table.Cell(state ?? "missing", item.present == nil ? .yellow : .dim),
            ])
        }
        for line in terminal.lines(of: table) { terminal.print(line) }
        for (provider, partition, accounts, proposal) in sharing {
            terminal.say(
                "note: accounts \(accounts.joined(separator: ", ")) of \(provider) share partition \(partition); "
                    + "to give each its own: \(proposal)"
            )
        }
    }

    var json: JSONText {
        .members([
            "topics": .array(
                items.map { item in
                    .members([
                        "name": .text(item.spec.name), "partitions": .integer(item.spec.partitions),
                        "config": .object(
                            item.spec.config.sorted { $0.key < $1.key }.map { JSONText.Member($0.key, .text($0.value)) }
                        ),
                        "present": item.present.map { .integer($0) } ?? .null,
                        "created": .flag(created.contains(item.spec.name)),
                    ])
                }
            ),
            "sharedPartitions": .array(
                sharing.map { item in
                    .members([
                        "provider": .text(item.provider), "partition": .integer(Int(item.partition)),
                        "accounts": .array(item.accounts.map { .text($0) }), "proposal": .text(item.proposal),
                    ])
                }
            ),
        ])
    }
}
