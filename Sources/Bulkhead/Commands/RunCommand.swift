internal import ArgumentParser
internal import KafkaClient
internal import Logging
internal import Metrics
internal import Operations
internal import ServiceLifecycle

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a worker until SIGTERM or SIGINT.",
        discussion: """
            On SIGTERM it stops reading, lets calls in flight end within shutdown.grace, publishes their outcomes, commits \
            and leaves its groups; a second SIGINT ends it at once, and nothing is lost by that either. Any number of workers may run: partitions, and with them the budgets of accounts, \
            are shared out by Kafka.
            """
    )

    @OptionGroup var options: SettingsOptions
    @Option(help: "What this worker does, separated by commas: intake, lanes, jobs.")
    var roles = "intake,lanes,jobs"
    @Option(help: "Whose lanes it runs, separated by commas; all when left out.")
    var providers: String?

    func run() async throws {
        let settings = try options.settings()
        let roles = try Self.roles(roles)
        guard !settings.providers.isEmpty else {
            throw Failure(.usage, "Nothing to do: no provider is configured under `providers`.")
        }
        // What waits in lanes is most of a worker's memory; intake alone is faster with a heap for each thread.
        if roles.contains(.lanes) { ProcessHeap.limit() }
        let names = try Self.providers(providers, settings)
        let logger = LogSetup.logger(settings.log)
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let worker = try Worker(settings, roles: roles, providers: names, logger: logger)
        let admin = worker.adminServer(settings.admin.listen, metrics, logger)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: admin),
                .init(service: StartCheck(settings: settings, logger: logger), successTerminationBehavior: .ignore),
            ] + worker.services.map { .init(service: $0) },
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = settings.shutdown.grace + StopSignals.patience / 2
        logger.notice(
            "Worker started",
            metadata: ["roles": .string(roles.map(\.rawValue).sorted().joined(separator: ","))]
        )
        do {
            try await StopSignals(grace: settings.shutdown.grace, logger: logger)
                .run(ServiceGroup(configuration: configuration))
        } catch let error as AdminServerError {
            await worker.close()
            throw Failure(.failed, error.description)
        } catch {
            await worker.close()
            throw Failure(.failed, "The worker ended: \(error)")
        }
        await worker.close()
        logger.notice("Worker stopped")
    }

    private static func roles(_ text: String) throws -> Set<Role> {
        var roles: Set<Role> = []
        for name in text.split(separator: ",") {
            guard let role = Role(rawValue: String(name)) else {
                throw Failure(.usage, "--roles: found \"\(name)\", allowed: intake, lanes, jobs")
            }
            roles.insert(role)
        }
        return roles
    }

    private static func providers(_ text: String?, _ settings: Settings) throws -> [String]? {
        guard let names = text?.split(separator: ",").map(String.init) else { return nil }
        for name in names where settings.providers[name] == nil {
            let known = settings.providers.keys.sorted().joined(separator: ", ")
            throw Failure(.usage, "--providers: found \"\(name)\", allowed: \(known)")
        }
        return names
    }
}
