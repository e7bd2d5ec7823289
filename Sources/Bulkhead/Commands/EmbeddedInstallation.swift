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

/// Brokers, provider APIs and a worker in this process: what `demo` and `bench` run on.
struct EmbeddedInstallation {
    let cluster: MockCluster
    let simulator: Simulator
    let settings: Settings
    let showsProgress: Bool

    /// - Parameter limits: of each provider's accounts, which the simulator enforces and the worker is told.
    init(limits: [(SimulatedProvider, SimulatedLimit)], concurrency: Int? = nil, showsProgress: Bool) async throws {
        self.showsProgress = showsProgress
        var configuration = SimulatorConfiguration()
        configuration.missing = [DemoSamples.missingConversation]
        configuration.aelystIgnoresClosed = false
        for (provider, limit) in limits {
            var policy = LimitPolicy.standard(of: provider)
            policy.limits = [limit]
            configuration.limits[provider] = policy
        }
        simulator = Simulator(configuration)
        let port = try await simulator.start()
        cluster = try MockCluster()
        settings = Self.settings(limits, concurrency, port: port, cluster)
        for spec in TopicPlan.specs(settings) {
            try cluster.createTopic(spec.name, partitions: min(spec.partitions, 3))
        }
    }

    private static func settings(
        _ limits: [(SimulatedProvider, SimulatedLimit)],
        _ concurrency: Int?,
        port: Int,
        _ cluster: MockCluster
    ) -> Settings {
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
            if let concurrency { values.concurrency = concurrency }
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
        try await watch.start(kafka, topics, logger)

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
        try await Terminal.current.drawing("commands", if: showsProgress, progress: { await watch.progress }) {
            try await watch.untilComplete()
        }
        let seconds = Double(start.duration(to: clock.now).nanoseconds) / 1e9
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

    func close() async {
        await simulator.stop()
        await cluster.close()
    }
}
