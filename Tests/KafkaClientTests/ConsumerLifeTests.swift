import CRdKafka
import EmbeddedKafka
import Logging
import Testing

@testable import KafkaClient

extension KafkaConsumer {
    /// Makes librdkafka stop fetching without the consumer's knowledge, as its own defect does.
    fileprivate func stopFetchingSecretly(_ partition: TopicPartition) {
        guard let handle else { return }
        _ = PartitionList([partition]).lend { rd_kafka_pause_partitions(handle.client, $0) }
    }
}

@Suite(.timeLimit(.minutes(2)))
struct ConsumerLifeTests {
    @Test func `wake ends a long wait`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let consumer = try cluster.consumer()
        async let events = consumer.nextEvents(maxRecords: 1, timeout: .seconds(3600))
        consumer.wake()
        _ = try await events
        await consumer.close()
    }

    @Test func `cancelling ends a long wait`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let consumer = try cluster.consumer()
        let task = Task { try await consumer.nextEvents(maxRecords: 1, timeout: .seconds(3600)) }
        task.cancel()
        _ = try await task.value
        await consumer.close()
    }

    @Test func `other calls are answered while a reader waits`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let consumer = try cluster.consumer()
        async let events = consumer.nextEvents(maxRecords: 1, timeout: .seconds(3600))
        #expect(await consumer.assignment.isEmpty)
        #expect(try await consumer.watermarks(partition("t")) == Watermarks(low: 0, high: 0))
        consumer.wake()
        _ = try await events
        await consumer.close()
    }

    @Test func `closing ends a wait, can be repeated and refuses everything after it`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let consumer = try cluster.consumer(group: "g")
        try await consumer.subscribe(["t"])
        let waiting = Task { try await consumer.nextEvents(maxRecords: 1, timeout: .seconds(3600)) }
        async let one: Void = consumer.close()
        async let two: Void = consumer.close()
        await one
        await two
        await consumer.close()
        _ = await waiting.result
        let closed = await #expect(throws: KafkaError.self) {
            try await consumer.nextEvents(maxRecords: 1, timeout: .zero)
        }
        #expect(closed?.code == .destroyed)
        await #expect(throws: KafkaError.self) { try await consumer.assign([]) }
        await #expect(throws: KafkaError.self) { try await consumer.commit([start("t")]) }
        await #expect(throws: KafkaError.self) { try await consumer.committed([partition("t")]) }
        #expect(await consumer.memberID == nil)
    }

    @Test func `a question that stays open holds up neither its asker nor the closing`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let consumer = try cluster.consumer()
        _ = try await consumer.watermarks(partition("t"))
        try cluster.setLatency(.seconds(60))
        let error = await #expect(throws: KafkaError.self) {
            try await consumer.watermarks(partition("t"), timeout: .milliseconds(100))
        }
        #expect(error?.code == .timedOut)
        await consumer.close()
    }

    @Test func `a client that is dropped without closing ends its threads`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        var consumer: KafkaConsumer? = try cluster.consumer()
        let destroyed = await consumer?.handle?.destroyed
        consumer = nil
        await destroyed?.wait()
    }

    @Test func `a stalled partition is started again where it stood`() async throws {
        let cluster = try MockCluster(topics: ["t": 2])
        try await cluster.fill("t", count: 10)
        let reader = try await manualReader(cluster, [start("t", 0), start("t", 1)], stallAfter: .milliseconds(400))
        try await turn(reader) { reader.ends.count == 2 }

        await reader.consumer.stopFetchingSecretly(partition("t"))
        try await cluster.fill("t", count: 10)
        try await turn(reader) { reader.records.count == 20 }

        #expect(reader.stalled == [partition("t")])
        #expect(reader.records.map(\.offset) == Array(0..<20))
        await reader.consumer.close()
    }

    @Test func `a broker that is down is no stall, and reading goes on when it is back`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 10)
        let reader = try await manualReader(
            cluster,
            [start("t")],
            ["reconnect.backoff.ms": "20", "reconnect.backoff.max.ms": "50"],
            stallAfter: .milliseconds(50)
        )
        try await turn(reader) { reader.ends.count == 1 }
        try cluster.setBrokerDown()
        for _ in 0..<10 { try await reader.turn() }
        try cluster.setBrokerUp()
        try await cluster.fill("t", count: 10)
        try await turn(reader) { reader.records.count == 20 }
        #expect(reader.stalled.isEmpty)
        await reader.consumer.close()
    }

    @Test func `the client's own log lines reach the log`() async throws {
        let lines = LogLines()
        var logger = Logger(label: "t") { _ in lines.handler }
        logger.logLevel = .trace
        let consumer = try KafkaConsumer(
            settings: KafkaSettings(["bootstrap.servers": "127.0.0.1:1"]),
            groupID: nil,
            logger: logger
        )
        await lines.wait(for: "Kafka client log")
        await consumer.close()
    }
}
