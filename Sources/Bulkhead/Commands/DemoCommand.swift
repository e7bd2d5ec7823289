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
            Sends the sample commands and imports the sample vCards, or those of files, shows progress, and prints what \
            became of them and how much of each provider's limit was used. Nothing outside this process is touched.
            """
    )

    @Option(help: "A file of commands, one JSON object a line, instead of the samples.") var commands: String?
    @Option(help: "A vCard file that is imported to Hatif and Aelyst, instead of the samples.") var vcards: String?
    @Flag(help: "Prints one JSON object.") var json = false

    func run() async throws {
        let terminal = Terminal.current
        let lines = try commands.map { try SendCommand.lines(of: $0) } ?? DemoSamples.commands().map { Array($0.utf8) }
        guard !lines.isEmpty else { throw Failure(.usage, "\(commands ?? ""): holds no commands") }
        var cards = Array(DemoSamples.vcards().utf8)
        if let vcards {
            cards = []
            try await ImportInput(vcards).read { cards += $0 }
        }
        let demo = try await Demo(showsProgress: !json)
        let report = try await demo.run(lines, cards)
        await demo.close()
        if json { terminal.print(report.json) } else { report.show(terminal) }
    }
}

/// The embedded installation that the demo runs on.
private struct Demo {
    let cluster: MockCluster
    let simulator: Simulator
    let settings: Settings
    let showsProgress: Bool

    static let limits: [(SimulatedProvider, SimulatedLimit)] = [
        (.hatif, SimulatedLimit(requests: 40, per: .seconds(1), scope: .account)),
        (.aelyst, SimulatedLimit(requests: 5, per: .seconds(1), scope: .path)),
        (.convor, SimulatedLimit(requests: 20, per: .seconds(1), scope: .account)),
    ]

    init(showsProgress: Bool) async throws {
        self.showsProgress = showsProgress
        var configuration = SimulatorConfiguration()
        configuration.missing = [DemoSamples.missingConversation]
        configuration.aelystIgnoresClosed = false
        for (provider, limit) in Self.limits {
            var policy = LimitPolicy.standard(of: provider)
            policy.limits = [limit]
            configuration.limits[provider] = policy
        }
        simulator = Simulator(configuration)
        let port = try await simulator.start()
        cluster = try MockCluster()
        settings = Self.settings(port: port, cluster)
        for spec in TopicPlan.specs(settings) {
            try cluster.createTopic(spec.name, partitions: min(spec.partitions, 3))
        }
    }

    private static func settings(port: Int, _ cluster: MockCluster) -> Settings {
        var settings = Settings()
        var home = PhoneSettings.Country()
        home.callingCode = "966"
        home.trunkPrefix = "0"
        home.nationalLengths = [9]
        settings.phone.countries["sa"] = home
        settings.kafka = ["bootstrap.servers": cluster.bootstrapServers, "session.timeout.ms": "6000"]
        for (provider, limit) in limits {
            var values = ProviderSettings()
            values.kind = ProviderKind(rawValue: provider.rawValue)
            values.baseURL = WebAddress("http://127.0.0.1:\(port)/\(provider.rawValue)")
            var window = LimitSettings()
            window.requests = limit.requests
            window.per = limit.per
            window.scope = RateLimit.Scope(rawValue: limit.scope.rawValue) ?? .account
            values.limits = [window]
            for name in ["main", "default"] {
                var account = AccountSettings()
                account.clientID = name
                account.clientSecret = Secret("demo")
                account.token = Secret("demo-\(provider.rawValue)-\(name)")
                values.accounts[name] = account
            }
            if provider == .convor {
                values.convor.assign.path = "/api/conversations/{id}/assign"
                values.convor.assign.field = "operatorId"
            }
            settings.providers[provider.rawValue] = values
        }
        return settings
    }

    /// The imports of the cards, one for each provider that takes contacts, and the commands for their single cards.
    private func imports(_ cards: [UInt8], _ topics: TopicNames) -> ([ProducerRecord], Set<OutcomeWatch.Key>) {
        var records: [ProducerRecord] = []
        var keys: Set<OutcomeWatch.Key> = []
        var counter = ContactImport()
        counter.feed(cards) { _ in }
        let count = counter.finish { _ in }.cards
        for provider in ["hatif", "aelyst"] {
            let event = EventAttributes(
                id: "import-\(provider)",
                source: "/demo",
                type: .contactsImport,
                time: Timestamp(WallClock().now)
            )
            let command = ImportCommand(
                event: event,
                provider: provider,
                account: "main",
                content: .bytes([]),
                defaultCountry: .named("sa")
            )
            var cutter = ImportRecords(command, topic: topics.imports, maxBytes: 512 * 1_024)
            records += cutter.feed(cards)
            records += cutter.finish()
            for card in 1...max(1, count) { keys.insert(.init(source: event.source, id: "\(event.id)/\(card)")) }
        }
        return (records, count == 0 ? [] : keys)
    }

    func run(_ lines: [[UInt8]], _ cards: [UInt8]) async throws -> DemoReport {
        let logger = LogSetup.logger(level: .error)
        let kafka = KafkaSettings(settings.kafka)
        let topics = TopicNames(prefix: settings.prefix)
        let worker = try Worker(settings, roles: Set(Role.allCases), logger: logger)
        let group = ServiceGroup(
            configuration: .init(services: worker.services.map { .init(service: $0) }, logger: logger)
        )
        let running = Task { try await group.run() }
        let watch = OutcomeWatch { _ in }
        let following = Task { try await watch.follow(kafka, topics, logger) }
        await watch.untilReady()
        if await watch.hasEnded { try await following.value }

        let clock = WallClock()
        let start = clock.now
        let producer = try KafkaProducer(settings: kafka, logger: logger)
        var keys: Set<OutcomeWatch.Key> = []
        let results = await producer.send(lines.map { SendCommand.record($0, topics) })
        for (line, result) in zip(lines, results) { keys.insert(SendCommand.key(line, try result.get())) }
        let (imports, members) = imports(cards, topics)
        for result in await producer.send(imports) { _ = try result.get() }
        await producer.close()
        await watch.want(keys.union(members))
        try await show(watch, clock)
        let seconds = Double(start.duration(to: clock.now).nanoseconds) / 1e9
        following.cancel()
        try await following.value
        await group.triggerGracefulShutdown()
        try await running.value
        await worker.close()
        return DemoReport(
            sent: lines.count,
            cards: members.count,
            outcomes: await watch.outcomes,
            statistics: simulator.statistics(),
            seconds: seconds
        )
    }

    private func show(_ watch: OutcomeWatch, _ clock: WallClock) async throws {
        let terminal = Terminal.current
        var bar = terminal.progress("commands", now: clock.now)
        while await !watch.isComplete, await !watch.hasEnded {
            let (done, total) = await watch.progress
            if showsProgress, let text = bar.update(done: done, total: total, now: clock.now) { terminal.draw(text) }
            try await Task.sleep(for: .milliseconds(50))
        }
        let (done, total) = await watch.progress
        if showsProgress { terminal.draw(bar.finish(done: done, total: total, now: clock.now)) }
    }

    func close() async {
        await simulator.stop()
        await cluster.close()
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
                Table.Cell("\(limit.limit.requests) in \(limit.limit.per) for each \(limit.limit.scope.rawValue)"),
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
