import ArgumentParser
import EmbeddedKafka
import HTTPTransport
import KafkaClient
import Logging
import Pipeline
import ProviderKit
import Providers
import Scheduling
import ServiceLifecycle
import Simulators

/// Brokers as a process of their own.
struct ServeBroker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve-broker", shouldDisplay: false)

    @Option(help: "NAME:PARTITIONS") var topic: [String] = []

    func run() async throws {
        var topics: [String: Int] = [:]
        for text in topic {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let partitions = Int(parts[1]) else { throw ValidationError("--topic \(text)") }
            topics[String(parts[0])] = partitions
        }
        let cluster = try MockCluster(topics: topics)
        announce(cluster.bootstrapServers)
        await untilInputEnds()
        await cluster.close()
    }
}

/// The providers' APIs without limits as a process of their own.
struct ServeSimulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve-simulator", shouldDisplay: false)

    func run() async throws {
        var configuration = SimulatorConfiguration()
        for provider in SimulatedProvider.allCases {
            configuration.limits[provider] = LimitPolicy([], enforcement: .off)
        }
        let simulator = Simulator(configuration)
        announce("http://127.0.0.1:\(try await simulator.start())")
        await untilInputEnds()
        await simulator.stop()
    }
}

/// A worker with the intake or with the lane of one provider.
struct ServeWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve-worker", shouldDisplay: false)

    enum Role: String, ExpressibleByArgument {
        case intake, lane
    }

    @Option var role: Role
    @Option var bootstrap: String
    @Option var url = "http://127.0.0.1:9"
    @Option var prefix: String
    @Option var concurrency = 64
    @Option var maxRecords = 5_000
    @Option var fetchWait = 100
    /// Calls an hour of the first account; the others have no limit.
    @Option var hourly: Int?

    func run() async throws {
        // As `bulkhead run` does.
        if role == .lane { ProcessHeap.limit() }
        var logger = Logger(label: "benchmark")
        logger.logLevel = .warning
        let kafka = KafkaSettings([
            "bootstrap.servers": bootstrap, "session.timeout.ms": "6000", "fetch.wait.max.ms": String(fetchWait),
        ])
        let topics = TopicNames(prefix: prefix)
        let writer = try OutcomeWriter(
            settings: kafka,
            deadLetters: topics.deadLetters,
            lease: PipelineSettings().lease,
            logger: logger
        )
        let transport = HTTPTransport(concurrency: concurrency)
        let provider = try entry()
        var settings = PipelineSettings()
        settings.maxRecordsPerPartition = maxRecords
        let context = WorkerContext(
            topics: topics,
            catalog: ProviderCatalog([provider]),
            kafka: kafka,
            writer: writer,
            transport: transport,
            control: ControlFeed(kafka: kafka, topics: topics, logger: logger),
            settings: settings,
            logger: logger
        )
        let services: [any Service] =
            switch role {
            case .intake: [IntakeService(context: context)]
            case .lane: [context.control, LaneService(provider: provider, context: context)]
            }
        let group = ServiceGroup(services: services, logger: logger)
        async let serving: Void = group.run()
        announce("started")
        await untilInputEnds()
        await group.triggerGracefulShutdown()
        try await serving
        await writer.close()
        await transport.shutdown()
    }

    private func entry() throws -> ProviderEntry {
        guard let base = BaseURL("\(url)/\(Sample.provider)") else { throw ValidationError("--url") }
        let accounts = Sample.accounts.enumerated().map { index, name in
            var convor = ConvorSettings(baseURL: base, token: Secret(name))
            convor.assign = ConvorSettings.Assign(path: Sample.assignPath, field: "operatorId")
            var lane = AccountLane.Settings()
            lane.concurrency = concurrency
            if index == 0, let hourly { lane.limits = [RateLimit(requests: hourly, per: .seconds(3_600))] }
            return AccountEntry(name: name, adapter: Convor(convor), lane: lane, partition: Int32(index))
        }
        return ProviderEntry(name: Sample.provider, accounts: accounts, timeout: .seconds(30))
    }
}
