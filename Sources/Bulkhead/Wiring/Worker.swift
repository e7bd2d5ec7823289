internal import ArgumentParser
internal import Foundation
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
    let status: StatusService
    private let control: ControlFeed
    private let lanes: [LaneService]
    private let intake: IntakeService?
    private let imports: ImportService?
    private let jobs: JobsService?
    private let transport: HTTPTransport
    private let writer: OutcomeWriter

    init(_ settings: Settings, roles: Set<Role>, providers: [String]? = nil, logger: Logger) throws {
        let kafka = KafkaSettings(settings.kafka)
        let topics = TopicNames(prefix: settings.prefix)
        writer = try OutcomeWriter(
            settings: kafka,
            deadLetters: topics.deadLetters,
            lease: roles.contains(.lanes) ? settings.pipeline.lease : nil,
            logger: logger
        )
        // After all that can fail: a client has to be shut down, not just forgotten.
        transport = HTTPTransport(concurrency: settings.connectionsPerHost)
        control = ControlFeed(kafka: kafka, topics: topics, logger: logger)
        // Intake routes to all lanes, whichever of them this worker runs.
        let context = WorkerContext(
            topics: topics,
            catalog: ProviderCatalog(settings),
            kafka: kafka,
            writer: writer,
            transport: transport,
            control: control,
            settings: settings.pipeline,
            imports: settings.importOptions,
            logger: logger
        )
        let entries = context.catalog.providers.values.filter { providers?.contains($0.name) ?? true }
        lanes = roles.contains(.lanes) ? entries.map { LaneService(provider: $0, context: context) } : []
        intake = roles.contains(.intake) ? IntakeService(context: context) : nil
        imports = roles.contains(.intake) ? ImportService(context: context) : nil
        jobs = roles.contains(.jobs) ? JobsService(context: context) : nil
        status = StatusService(
            member: Self.memberName(),
            version: Main.configuration.version,
            roles: roles.map(\.rawValue).sorted(),
            lanes: lanes,
            context: context
        )
        let others = ([intake, imports, jobs] as [(any Service)?]).compactMap(\.self)
        // Services end in reverse order: first those that work, side by side, then what they rely on.
        services = [control, status, Stages(stages: lanes + others)]
    }

    /// Host and process, and a part that differs when the same process number comes back.
    private static func memberName() -> String {
        let info = ProcessInfo.processInfo
        return "\(info.hostName)-\(info.processIdentifier)-\(String(UInt16.random(in: 0 ... .max), radix: 16))"
    }

    /// What the probes go by.
    func health() async -> WorkerHealth {
        var all: [ServiceHealth] = []
        for lane in lanes { all.append(await lane.health()) }
        if let intake { all.append(await intake.health()) }
        if let imports { all.append(await imports.health()) }
        if let jobs { all.append(await jobs.health()) }
        return WorkerHealth(isControlRead: control.isCaughtUp, services: all)
    }

    /// Ends the connections that the services shared, after they have ended.
    func close() async {
        await writer.close()
        await transport.shutdown()
    }
}

/// Intake and lanes of a worker, so that they end side by side when it stops and share the grace time.
private struct Stages: Service {
    let stages: [any Service]

    func run() async throws {
        guard !stages.isEmpty else { return try await gracefulShutdown() }
        try await withThrowingDiscardingTaskGroup { group in
            for stage in stages { group.addTask { try await stage.run() } }
        }
    }
}
