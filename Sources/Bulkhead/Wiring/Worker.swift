internal import ArgumentParser
internal import HTTPTransport
internal import KafkaClient
internal import Logging
internal import Pipeline
internal import ServiceLifecycle

/// What a worker does; several workers may share the roles of an installation.
enum Role: String, CaseIterable, ExpressibleByArgument {
    /// Reads the command topics and routes to lanes.
    case intake
    /// Calls the providers.
    case lanes
    /// Counts campaigns and imports.
    case jobs
}

/// The services of one worker process, and what they share.
struct Worker {
    let services: [any Service]
    private let transport: HTTPTransport
    private let writer: OutcomeWriter

    init(_ settings: Settings, roles: Set<Role>, providers: [String]? = nil, logger: Logger) throws {
        let kafka = KafkaSettings(settings.kafka)
        transport = HTTPTransport(concurrency: settings.connectionsPerHost)
        writer = try OutcomeWriter(settings: kafka, logger: logger)
        let control = ControlFeed(
            kafka: kafka,
            topics: TopicNames(prefix: settings.prefix),
            logger: logger
        )
        // Intake routes to all lanes, whichever of them this worker runs.
        let context = WorkerContext(
            topics: TopicNames(prefix: settings.prefix),
            catalog: ProviderCatalog(settings),
            kafka: kafka,
            writer: writer,
            transport: transport,
            control: control,
            settings: settings.pipeline,
            logger: logger
        )
        var services: [any Service] = [control]
        if roles.contains(.lanes) {
            let names = context.catalog.providers.values.filter { providers?.contains($0.name) ?? true }
            services.append(Lanes(lanes: names.map { LaneService(provider: $0, context: context) }))
        }
        if roles.contains(.intake) { services.append(IntakeService(context: context)) }
        self.services = services
    }

    /// Ends the connections that the services shared, after they have ended.
    func close() async {
        await writer.close()
        await transport.shutdown()
    }
}

/// All lanes of a worker, so that they drain side by side when it stops.
private struct Lanes: Service {
    let lanes: [LaneService]

    func run() async throws {
        guard !lanes.isEmpty else { return try await gracefulShutdown() }
        try await withThrowingDiscardingTaskGroup { group in
            for lane in lanes { group.addTask { try await lane.run() } }
        }
    }
}
