internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline

/// Asks Kafka, and no worker, how an installation stands.
struct FleetReader {
    let kafka: KafkaSettings
    let topics: TopicNames
    let logger: Logger
    let catalog: ProviderCatalog
    private let servers: String

    init(_ settings: Settings) {
        kafka = KafkaSettings(settings.kafka)
        topics = TopicNames(prefix: settings.prefix)
        logger = LogSetup.logger(level: .error)
        catalog = ProviderCatalog(settings)
        servers = settings.kafka["bootstrap.servers"] ?? ""
    }

    /// Snapshots of members and jobs, and what is left in the topics.
    func report() async throws -> FleetReport {
        let present = try await KafkaAdmin(settings: kafka, logger: logger).topics(timeout: .seconds(10))
        let fleet = try await snapshot(present)
        return FleetReport(fleet, try await backlog(present), catalog, topics: topics, now: WallClock().now)
    }

    /// The status topic as it stands; nothing where it does not exist yet.
    func snapshot(_ present: [String: Int]) async throws -> FleetSnapshot {
        guard present[topics.status] != nil else { return FleetSnapshot() }
        return try await FleetSnapshot.read(kafka, topics: topics, logger: logger)
    }

    private func backlog(_ present: [String: Int]) async throws -> [TopicPartition: GroupProgress] {
        var groups = [topics.intakeGroup: [topics.commands], topics.importGroup: [topics.imports]]
        for name in catalog.providers.keys {
            groups[topics.laneGroup(name)] = [topics.live(name), topics.bulk(name)]
        }
        var progress: [TopicPartition: GroupProgress] = [:]
        for (group, names) in groups {
            let partitions = names.flatMap { name in
                (0..<Int32(clamping: present[name] ?? 0)).map { TopicPartition(topic: name, partition: $0) }
            }
            progress.merge(
                try await GroupProgress.read(kafka, logger: logger, group: group, partitions: partitions)
            ) { $1 }
        }
        return progress
    }

    /// Does what asks the brokers, and says what to do when they do not answer.
    func answering<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as KafkaError {
            throw Failure(
                .failed,
                "The brokers at \(servers) do not answer: \(error.reason)",
                "Check kafka.bootstrap.servers and that a broker runs there."
            )
        }
    }
}
