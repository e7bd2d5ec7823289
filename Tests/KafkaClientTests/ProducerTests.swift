import EmbeddedKafka
import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProducerTests {
    func records(_ count: Int, topic: String = "t", bytes: Int = 10) -> [ProducerRecord] {
        (0..<count).map {
            ProducerRecord(
                topic: topic,
                partition: 0,
                key: Array("\($0)".utf8),
                value: Array(repeating: 7, count: bytes)
            )
        }
    }

    @Test(arguments: [KafkaError.Code.notLeader, 7, .transport])
    func `requests that fail for a moment are repeated without repeating a record`(error: KafkaError.Code) async throws
    {
        let cluster = try MockCluster(topics: ["t": 1])
        try cluster.pushRequestErrors(.produce, [error, error])
        let producer = try cluster.producer(["retry.backoff.ms": "10", "reconnect.backoff.ms": "10"])
        let offsets = try await producer.send(records(200)).map { try $0.get().offset }
        #expect(offsets == Array(0..<200))
        let reader = try await manualReader(cluster, [start("t")])
        try await turn(reader) { reader.ends[partition("t")] == 200 }
        #expect(reader.records.map { $0.key.map { String(decoding: $0, as: UTF8.self) } } == (0..<200).map(String.init))
        await reader.consumer.close()
        await producer.close()
    }

    @Test func `a full buffer makes the sender wait instead of fail`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try cluster.producer(["queue.buffering.max.messages": "10"])
        let offsets = try await producer.send(records(500)).map { try $0.get().offset }
        #expect(offsets == Array(0..<500))
        await producer.close()
    }

    @Test func `a record that is too large fails alone`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try cluster.producer()
        var batch = records(3)
        batch[1].value = Array(repeating: 1, count: 2_000_000)
        let outcomes = await producer.send(batch)
        #expect(try outcomes[0].get().offset == 0)
        #expect(throws: KafkaError(.messageTooLarge)) { try outcomes[1].get() }
        #expect(try outcomes[2].get().offset == 1)
        var block = ProducerBlock(passingOn: RecordBlock(), extra: 0)
        for record in batch { block.append(record) }
        let failures = await producer.send(block)
        #expect(failures.map(\.index) == [1])
        #expect(failures.map(\.error) == [KafkaError(.messageTooLarge)])
        await producer.close()
        #expect(await producer.send(block).map(\.index) == [0, 1, 2])
    }

    @Test func `records wait for a broker that is down`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try cluster.producer(["reconnect.backoff.ms": "20", "reconnect.backoff.max.ms": "50"])
        _ = try await producer.send(records(1)[0])
        let impatient = try cluster.producer(["message.timeout.ms": "300"])
        try cluster.setBrokerDown()
        async let outcomes = producer.send(records(20))
        // While these wait, another producer's time runs out: the broker really is down.
        await #expect(throws: KafkaError.self) { try await impatient.send(records(1)[0]) }
        try cluster.setBrokerUp()
        #expect(try await outcomes.map { try $0.get().offset } == Array(1...20))
        await impatient.close()
        await producer.close()
    }

    @Test func `a record without a broker fails when its time is over`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try cluster.producer([
            "message.timeout.ms": "300", "reconnect.backoff.ms": "20", "reconnect.backoff.max.ms": "50",
        ])
        _ = try await producer.send(records(1)[0])
        try cluster.setBrokerDown()
        let error = await #expect(throws: KafkaError.self) { try await producer.send(records(1)[0]) }
        #expect(error?.code == .messageTimedOut)
        #expect(error?.isRetriable == true)
        await producer.close()
    }

    @Test func `an unknown topic or partition is an error of its records`() async throws {
        let cluster = try MockCluster(topics: ["t": 1, "gone": 1])
        try cluster.setTopicError("gone", .unknownTopicOrPartition)
        let producer = try cluster.producer(["topic.metadata.propagation.max.ms": "10", "message.timeout.ms": "3000"])
        var batch = records(2)
        batch[1].partition = 9
        let outcomes = await producer.send(batch)
        #expect(try outcomes[0].get().offset == 0)
        #expect(throws: KafkaError(.unknownPartition)) { try outcomes[1].get() }
        await #expect(throws: KafkaError.self) { try await producer.send(ProducerRecord(topic: "gone", value: [1])) }
        await #expect(throws: KafkaError(.unknownTopicOrPartition)) { try await producer.partitionCount(of: "gone") }
        #expect(try await producer.partitionCount(of: "t") == 1)
        await producer.close()
    }

    @Test func `a fatal error is visible, and every later send fails with it`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        // CLUSTER_AUTHORIZATION_FAILED: this principal may never write idempotently. Pushed first, since a producer asks for
        // its id as soon as it has a connection.
        try cluster.pushRequestErrors(.initProducerID, [31, 31, 31])
        let producer = try cluster.producer()
        let first = await #expect(throws: KafkaError.self) { try await producer.send(records(1)[0]) }
        #expect(first?.isFatal == true)
        #expect(first?.code == 31)
        #expect(producer.fatalError?.code == 31)
        let second = await #expect(throws: KafkaError.self) { try await producer.send(records(1)[0]) }
        #expect(second?.isFatal == true)
        await producer.close()
    }

    @Test func `closing delivers what was sent before`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try cluster.producer(["linger.ms": "60000"])
        async let outcomes = producer.send(records(100))
        // The batch lingers for a minute; only flush ends that.
        await producer.flush()
        await producer.close()
        let offsets = await outcomes.compactMap { try? $0.get().offset }
        #expect(offsets.isEmpty || offsets == Array(0..<100))
    }

    @Test func `closing fails what cannot be delivered, and everybody is answered`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try cluster.producer()
        _ = try await producer.send(records(1)[0])
        try cluster.setBrokerDown()
        async let outcomes = producer.send(records(50))
        await producer.close(timeout: .milliseconds(50))
        #expect(await outcomes.allSatisfy { (try? $0.get()) == nil })
        await producer.close()
        let error = await #expect(throws: KafkaError.self) { try await producer.send(records(1)[0]) }
        #expect(error?.code == .destroyed)
    }
}
