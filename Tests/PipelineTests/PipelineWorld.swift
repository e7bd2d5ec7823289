import EmbeddedKafka
import KafkaClient
import Messages
import Pipeline
import ProviderKit
import Scheduling
import ServiceLifecycle

/// Brokers with one partition a topic, workers on them, and what comes out at the end.
struct PipelineWorld: Sendable {
    let cluster: MockCluster
    let topics = TopicNames(prefix: "fleet")
    let producer: KafkaProducer
    let settings: KafkaSettings

    init() throws {
        let names = ["commands", "imports", "results", "failures", "dead-letters", "control", "status"]
        let lanes = ["lane.convor.live", "lane.convor.bulk", "lane.convor.parked"]
        cluster = try MockCluster(topics: .init(uniqueKeysWithValues: (names + lanes).map { ("fleet.\($0)", 1) }))
        settings = cluster.settings.merging(["session.timeout.ms": "6000", "fetch.wait.max.ms": "10"])
        producer = try KafkaProducer(settings: cluster.settings, logger: quiet)
    }

    func worker(
        _ transport: any Transport,
        provider: ProviderEntry,
        _ change: (inout PipelineSettings) -> Void = { _ in }
    ) throws -> Worker {
        var pipeline = PipelineSettings()
        pipeline.commitInterval = .milliseconds(50)
        pipeline.grace = .milliseconds(300)
        change(&pipeline)
        let context = WorkerContext(
            topics: topics,
            catalog: ProviderCatalog([provider]),
            kafka: settings,
            writer: try OutcomeWriter(
                settings: settings,
                deadLetters: topics.deadLetters,
                lease: pipeline.lease,
                logger: quiet
            ),
            transport: transport,
            control: ControlFeed(kafka: settings, topics: topics, logger: quiet),
            settings: pipeline,
            logger: quiet
        )
        return Worker(context: context, lane: LaneService(provider: provider, context: context))
    }

    func write(_ topic: String, _ values: [String]) async throws {
        let records = values.map { ProducerRecord(topic: topic, key: utf8("key"), value: utf8($0)) }
        for result in await producer.send(records) { _ = try result.get() }
    }

    /// Writes commands as intake would.
    func writeLane(_ numbers: [Int]) async throws {
        let records = numbers.map { number in
            let origin = RecordPosition(topic: topics.commands, partition: 0, offset: Int64(number), timestamp: -1)
            let headers = LaneHeaders(origin: origin, key: nil, entity: "convor/main/\(conversation(number))")
            return ProducerRecord(
                topic: topics.live("convor"),
                partition: 0,
                key: utf8("main"),
                value: utf8(unassign(id: "c-\(number)", number)),
                headers: headers.added(to: [MessageHeader]()).map { KafkaHeader(name: $0.name, value: $0.value) }
            )
        }
        for result in await producer.send(records) { _ = try result.get() }
    }

    /// Reads from the beginning of a topic until there are so many records; the test's time limit ends a wait in vain.
    func records(_ topic: String, atLeast count: Int) async throws -> [KafkaRecord] {
        let consumer = try KafkaConsumer(settings: settings, groupID: nil, logger: quiet)
        try await consumer.assign([PartitionOffset(partition: TopicPartition(topic: topic, partition: 0), offset: 0)])
        var records: [KafkaRecord] = []
        while records.count < count {
            for case .records(let new) in try await consumer.nextEvents(maxRecords: 1_000, timeout: .milliseconds(50)) {
                records += new
            }
            try Task.checkCancellation()
        }
        await consumer.close()
        return records
    }

    func outcomes(_ topic: String, atLeast count: Int) async throws -> [Outcome] {
        try await records(topic, atLeast: count).map { try Outcome(decoding: $0.value ?? []) }
    }

    /// What the lane has committed for its live topic.
    func committed() async throws -> PartitionOffset? {
        let consumer = try KafkaConsumer(settings: settings, groupID: topics.laneGroup("convor"), logger: quiet)
        let place = TopicPartition(topic: topics.live("convor"), partition: 0)
        let offset = try await consumer.committed([place]).first
        await consumer.close()
        return offset?.offset == nil ? nil : offset
    }

    /// Looks at the commits until one is as wanted.
    func committed(where isWanted: (Int64, CommitMetadata) -> Bool) async throws -> CommitMetadata {
        while true {
            if let commit = try await committed(), let mark = commit.offset,
                let metadata = CommitMetadata(commit.metadata ?? "", mark: mark), isWanted(mark, metadata)
            {
                return metadata
            }
            try Task.checkCancellation()
        }
    }

    func close() async {
        await producer.close()
        await cluster.close()
    }
}

/// A worker's services, and the way to stop them as a signal would.
struct Worker: Sendable {
    let context: WorkerContext
    let lane: LaneService

    /// Runs the services while the body does, then shuts them down gracefully.
    func run(intake: Bool = false, imports: Bool = false, _ body: () async throws -> Void) async throws {
        var services: [any Service] = [lane]
        if intake { services.append(IntakeService(context: context)) }
        if imports { services.append(ImportService(context: context)) }
        try await run(services, body)
    }

    /// Runs the service that counts campaigns and imports, alone.
    func runJobs(_ body: () async throws -> Void) async throws {
        try await run([JobsService(context: context)], body)
    }

    private func run(_ services: [any Service], _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: ([context.control] + services).map {
                    .init(service: $0, successTerminationBehavior: .ignore, failureTerminationBehavior: .cancelGroup)
                },
                logger: quiet
            )
        )
        async let running: Void = group.run()
        do {
            try await body()
        } catch {
            await group.triggerGracefulShutdown()
            try? await running
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running
        await context.writer.close()
    }
}
