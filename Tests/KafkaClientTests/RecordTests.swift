import EmbeddedKafka
import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(2)))
struct RecordTests {
    @Test func `a record comes back as it was written`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let producer = try cluster.producer()
        let headers = [
            KafkaHeader(name: "text", text: "grüß"),
            KafkaHeader(name: "null", value: nil),
            KafkaHeader(name: "empty", value: []),
            KafkaHeader(name: "binary", value: [0, 255, 10, 0]),
            KafkaHeader(name: "text", text: "again"),
        ]
        let written = [
            ProducerRecord(
                topic: "t",
                partition: 0,
                key: [0, 1, 0],
                value: [1, 0, 2],
                headers: headers,
                timestamp: 1_700_000_000_123
            ),
            ProducerRecord(topic: "t", partition: 0, key: Array("k".utf8), value: nil),
            ProducerRecord(topic: "t", partition: 0, key: nil, value: []),
            ProducerRecord(topic: "t", partition: 0, key: [], value: Array("last".utf8)),
        ]
        for (index, outcome) in await producer.send(written).enumerated() {
            #expect(try outcome.get() == Delivery(partition: partition("t"), offset: Int64(index)))
        }

        let reader = try await manualReader(cluster, [start("t")])
        try await turn(reader) { reader.records.count == written.count }

        #expect(reader.records.map(\.offset) == [0, 1, 2, 3])
        #expect(reader.records.map(\.key) == written.map(\.key))
        #expect(reader.records.map(\.value) == written.map(\.value))
        #expect(reader.records[0].headers == headers)
        #expect(reader.records[0].timestamp == 1_700_000_000_123)
        #expect(reader.records[1].headers.isEmpty)
        #expect(reader.records[1].timestamp > 1_700_000_000_123)
        await reader.consumer.close()
        await producer.close()
    }

    @Test func `records are passed on in one piece as they came`() async throws {
        let cluster = try MockCluster(topics: ["t": 1, "u": 2])
        let headers = [KafkaHeader(name: "text", text: "grüß"), KafkaHeader(name: "null", value: nil)]
        let read = RecordBlock([
            KafkaRecord(topic: "s", partition: 7, offset: 1, timestamp: 5, key: [1], value: [2, 3], headers: headers),
            KafkaRecord(topic: "s", partition: 7, offset: 2, timestamp: 6, key: [], value: nil, headers: []),
        ])
        var block = ProducerBlock(passingOn: read, extra: 0)
        let topic = block.number(ofTopic: "t")
        for entry in read.entries {
            for header in read.headers[entry.headers] { block.add(header) }
            block.add(RecordBlock.Header(name: "added", value: block.add { $0 += [9, 9] }))
            block.append(topic: topic, partition: 0, timestamp: entry.timestamp, key: entry.key, value: entry.value)
        }
        let other = ProducerRecord(topic: "u", partition: 1, key: nil, value: [], headers: headers, timestamp: 7)
        block.append(other)
        #expect(block[2] == other)
        let producer = try cluster.producer(["queue.buffering.max.messages": "2"])
        #expect(await producer.send(block).isEmpty)

        let reader = try await manualReader(cluster, [start("t"), start("u", 1)])
        try await turn(reader) { reader.records.count == block.count }
        for (number, record) in reader.records.sorted(by: { $0.timestamp < $1.timestamp }).enumerated() {
            #expect(record.topicPartition == partition(block[number].topic, number == 2 ? 1 : 0))
            #expect(record.key == block[number].key)
            #expect(record.value == block[number].value)
            #expect(record.headers == block[number].headers)
            #expect(record.timestamp == block[number].timestamp)
        }
        #expect(reader.records.map(\.headers.last).contains(KafkaHeader(name: "added", value: [9, 9])))
        await reader.consumer.close()
        await producer.close()
    }

    /// Hashes from the Java client's own tests of `Utils.murmur2`.
    @Test(arguments: [("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536)])
    func `a key chooses the partition that the Java client would choose`(key: String, hash: Int) async throws {
        let cluster = try MockCluster(topics: ["t": 13])
        let producer = try cluster.producer()
        let delivery = try await producer.send(ProducerRecord(topic: "t", key: Array(key.utf8), value: [1]))
        #expect(Int(delivery.partition.partition) == (hash & 0x7fff_ffff) % 13)
        await producer.close()
    }

    @Test func `the end of a partition is reported with its offset`() async throws {
        let cluster = try MockCluster(topics: ["t": 2])
        try await cluster.fill("t", partition: 1, count: 3)
        let reader = try await manualReader(cluster, [start("t", 0), start("t", 1)])
        try await turn(reader) { reader.ends.count == 2 }
        #expect(reader.ends == [partition("t", 0): 0, partition("t", 1): 3])
        #expect(reader.records.count == 3)
        let marks = try await reader.consumer.watermarks(partition("t", 1))
        #expect(marks == Watermarks(low: 0, high: 3))
        #expect(await reader.consumer.position(partition("t", 1)) == 3)
        await reader.consumer.close()
    }

    @Test func `a turn ends at the record and byte limits`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 100)
        let reader = try await manualReader(cluster, [start("t")])
        try await turn(reader) { !reader.records.isEmpty || reader.ends.count == 1 }
        reader.records = []
        try await reader.consumer.seek(start("t"))
        while reader.records.isEmpty { try await reader.turn(maxRecords: 7) }
        #expect(reader.records.count <= 7)
        reader.records = []
        while reader.records.isEmpty {
            for event in try await reader.consumer.nextEvents(maxRecords: 50, maxBytes: 1, timeout: .milliseconds(20)) {
                if case .records(let new) = event { reader.records += new }
            }
        }
        #expect(reader.records.count == 1)
        await reader.consumer.close()
    }

    @Test func `a paused partition is silent and continues with the very next record`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 1000)
        let reader = try await manualReader(cluster, [start("t")])
        while reader.records.count < 10 { try await reader.turn(maxRecords: 10 - reader.records.count) }
        try await reader.consumer.pause([partition("t"), partition("not assigned")])
        for _ in 0..<5 { try await reader.turn() }
        #expect(reader.records.count == 10)

        try await reader.consumer.resume([partition("t")])
        try await turn(reader) { reader.records.count >= 1000 }
        #expect(reader.records.map(\.offset) == Array(0..<1000))
        await reader.consumer.close()
    }

    @Test(arguments: [false, true])
    func `seeking continues at the offset, paused or not`(isPaused: Bool) async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 500)
        let reader = try await manualReader(cluster, [start("t")])
        try await turn(reader) { reader.records.count == 500 }
        if isPaused { try await reader.consumer.pause([partition("t")]) }
        reader.records = []

        try await reader.consumer.seek(start("t", at: 123))

        #expect(await reader.consumer.position(partition("t")) == 123)
        if isPaused { try await reader.consumer.resume([partition("t")]) }
        try await turn(reader) { reader.records.count >= 377 }
        #expect(reader.records.map(\.offset) == Array(123..<500))
        await #expect(throws: KafkaError.self) { try await reader.consumer.seek(start("elsewhere")) }
        await reader.consumer.close()
    }

    @Test(arguments: [("earliest", 0), ("latest", 1)])
    func `without an offset reading begins where auto_offset_reset says`(reset: String, expected: Int) async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 1)
        let reader = try await manualReader(cluster, [start("t", at: nil)], ["auto.offset.reset": reset])
        try await turn(reader) { reader.ends[partition("t")] != nil }
        try await cluster.fill("t", count: 1)
        try await turn(reader) { reader.ends[partition("t")] == 2 }
        #expect(reader.records.map(\.offset) == Array(Int64(expected)..<2))
        await reader.consumer.close()
    }
}
