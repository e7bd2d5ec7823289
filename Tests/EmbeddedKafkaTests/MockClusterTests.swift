import EmbeddedKafka
import KafkaClient
import Logging
import Testing

@Suite(.timeLimit(.minutes(2)))
struct MockClusterTests {
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `each broker listens on an address of its own`() throws {
        let cluster = try MockCluster(brokers: 3)
        #expect(Set(cluster.bootstrapServers.split(separator: ",")).count == 3)
        #expect(cluster.settings.properties == ["bootstrap.servers": cluster.bootstrapServers])
    }

    @Test func `what would abort the process is refused instead`() async throws {
        #expect(throws: KafkaError.self) { try MockCluster(brokers: 0) }
        let cluster = try MockCluster(topics: ["t": 1])
        #expect(throws: KafkaError.self) { try cluster.setCoordinator(ofGroup: "g", broker: 2) }
        #expect(throws: KafkaError.self) { try cluster.setBrokerDown(0) }
        #expect(throws: KafkaError.self) { try cluster.createTopic("u", partitions: 0) }
        #expect(throws: KafkaError(.topicAlreadyExists)) { try cluster.createTopic("t", partitions: 1) }
        #expect(throws: KafkaError.self) { try cluster.setLatency(.seconds(-1)) }
        await cluster.close()
        await cluster.close()
        #expect(throws: KafkaError.self) { try cluster.createTopic("v", partitions: 1) }
    }

    @Test func `a moved leader is found again`() async throws {
        let cluster = try MockCluster(brokers: 2, topics: ["t": 1])
        let partition = TopicPartition(topic: "t", partition: 0)
        try cluster.setLeader(of: partition, broker: 1)
        let producer = try KafkaProducer(settings: cluster.settings, logger: quiet)
        let record = ProducerRecord(topic: "t", partition: 0, value: [1])
        #expect(try await producer.send(record).offset == 0)
        try cluster.setLeader(of: partition, broker: 2)
        #expect(try await producer.send(record).offset == 1)
        await producer.close()
    }

    @Test func `a partition without a leader keeps its writers waiting`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let partition = TopicPartition(topic: "t", partition: 0)
        let producer = try KafkaProducer(settings: cluster.settings, logger: quiet)
        try cluster.setLeader(of: partition, broker: nil)
        let impatient = try KafkaProducer(
            settings: cluster.settings.merging(["message.timeout.ms": "300"]),
            logger: quiet
        )
        let record = ProducerRecord(topic: "t", partition: 0, value: [1])
        async let delivery = producer.send(record)
        // While it waits, another producer's time runs out: nobody takes records.
        await #expect(throws: KafkaError(.messageTimedOut)) { try await impatient.send(record) }
        try cluster.setLeader(of: partition, broker: 1)
        #expect(try await delivery.offset == 0)
        await impatient.close()
        await producer.close()
    }

    @Test func `pushed errors that nobody met can be taken back`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try cluster.pushRequestErrors(.produce, [.messageTooLarge, .messageTooLarge])
        try cluster.clearRequestErrors(.produce)
        let producer = try KafkaProducer(settings: cluster.settings, logger: quiet)
        #expect(try await producer.send(ProducerRecord(topic: "t", value: [1])).offset == 0)
        await producer.close()
    }

    @Test func `latency delays answers`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try KafkaProducer(settings: cluster.settings, logger: quiet)
        let record = ProducerRecord(topic: "t", value: [1])
        _ = try await producer.send(record)
        try cluster.setLatency(.milliseconds(300))
        let took = try await ContinuousClock().measure { _ = try await producer.send(record) }
        #expect(took >= .milliseconds(290))
        await producer.close()
    }
}
