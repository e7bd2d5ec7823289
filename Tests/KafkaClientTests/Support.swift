import EmbeddedKafka
import KafkaClient
import Logging
import Testing

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension MockCluster {
    func producer(_ properties: [String: String] = [:]) throws(KafkaError) -> KafkaProducer {
        try KafkaProducer(settings: settings.merging(properties), logger: quiet)
    }

    func consumer(
        group: String? = nil,
        _ properties: [String: String] = [:],
        stallAfter: Duration = .seconds(10)
    ) throws(KafkaError) -> KafkaConsumer {
        let settings = settings.merging(["session.timeout.ms": "4000", "fetch.wait.max.ms": "20"]).merging(properties)
        return try KafkaConsumer(settings: settings, groupID: group, logger: quiet, stallAfter: stallAfter)
    }

    /// Writes values "0", "1", … to one partition.
    func fill(_ topic: String, partition: Int32 = 0, count: Int) async throws {
        let producer = try producer()
        let records = (0..<count).map { ProducerRecord(topic: topic, partition: partition, value: Array("\($0)".utf8)) }
        for outcome in await producer.send(records) { _ = try outcome.get() }
        await producer.close()
    }
}

extension KafkaRecord {
    var text: String? { value.map { String(decoding: $0, as: UTF8.self) } }
}

/// A reader as applications write it: begins at the committed offsets, and gives back when told to.
final class GroupReader {
    let consumer: KafkaConsumer
    var records: [KafkaRecord] = []
    var ends: [TopicPartition: Int64] = [:]
    var assigned: Set<TopicPartition> = []
    var assignments = 0
    var revoking: [TopicPartition] = []
    var stalled: [TopicPartition] = []
    /// Leaves revocations unanswered.
    var holdsOn = false

    init(_ consumer: KafkaConsumer) {
        self.consumer = consumer
    }

    func turn(maxRecords: Int = 1000, timeout: Duration = .milliseconds(20)) async throws {
        for event in try await consumer.nextEvents(maxRecords: maxRecords, timeout: timeout) {
            switch event {
            case .records(let new):
                records += new
            case .assigning(let partitions):
                assignments += 1
                try await consumer.assign(consumer.committed(partitions))
                assigned = Set(await consumer.assignment)
            case .revoking(let partitions, _):
                revoking = partitions
                if !holdsOn { try await giveBack() }
            case .endOfPartition(let partition, let offset):
                ends[partition] = offset
            case .stalled(let partition, _):
                stalled.append(partition)
            case .error:
                break
            }
        }
    }

    func giveBack() async throws {
        try await consumer.completeRevocation()
        revoking = []
        assigned = Set(await consumer.assignment)
    }
}

/// Turns readers until a condition holds; a test's time limit ends a wait in vain.
func turn(_ readers: GroupReader..., until condition: () async throws -> Bool) async throws {
    while try await !condition() {
        for reader in readers { try await reader.turn() }
    }
}

/// A reader of partitions outside any group.
func manualReader(
    _ cluster: MockCluster,
    _ offsets: [PartitionOffset],
    _ properties: [String: String] = [:],
    stallAfter: Duration = .seconds(10)
) async throws -> GroupReader {
    let consumer = try cluster.consumer(group: nil, properties, stallAfter: stallAfter)
    try await consumer.assign(offsets)
    return GroupReader(consumer)
}

func partition(_ topic: String, _ number: Int32 = 0) -> TopicPartition {
    TopicPartition(topic: topic, partition: number)
}

func start(_ topic: String, _ number: Int32 = 0, at offset: Int64? = 0) -> PartitionOffset {
    PartitionOffset(partition: partition(topic, number), offset: offset)
}
