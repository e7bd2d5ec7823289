import EmbeddedKafka
import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TopicScanTests {
    @Test func `a scan reads every partition to its end and stops`() async throws {
        let cluster = try MockCluster(topics: ["a": 3, "b": 1, "empty": 2])
        try await cluster.fill("a", partition: 0, count: 1500)
        try await cluster.fill("a", partition: 2, count: 7)
        try await cluster.fill("b", count: 3)
        var counts: [TopicPartition: Int] = [:]
        let ends = try await TopicScan.read(cluster.settings, logger: quiet, topics: ["a", "b", "empty"]) { batch in
            for record in batch { counts[record.topicPartition, default: 0] += 1 }
            return true
        }
        #expect(counts == [partition("a", 0): 1500, partition("a", 2): 7, partition("b"): 3])
        #expect(
            ends == [
                start("a", 0, at: 1500), start("a", 1, at: 0), start("a", 2, at: 7), start("b", at: 3),
                start("empty", 0, at: 0), start("empty", 1, at: 0),
            ]
        )
    }

    @Test(arguments: [
        (Int64?(4), Int64?(8), 4..<8), (nil, 3, 0..<3), (95, nil, 95..<100), (nil, nil, 0..<100), (100, nil, 0..<0),
        (500, nil, 0..<0),
    ])
    func `a scan keeps to its bounds`(from: Int64?, to: Int64?, expected: Range<Int>) async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 100)
        var found: [Int64] = []
        let bounds = to.map { [partition("t"): $0] } ?? [:]
        _ = try await TopicScan.read(cluster.settings, logger: quiet, from: [start("t", at: from)], to: bounds) {
            found += $0.map(\.offset)
            return true
        }
        #expect(found == expected.map { Int64($0) })
    }

    @Test func `a scan ends when its reader has seen enough, and when the topic is missing`() async throws {
        let cluster = try MockCluster(topics: ["t": 1, "gone": 1])
        try await cluster.fill("t", count: 10)
        var batches = 0
        try await TopicScan.read(cluster.settings, logger: quiet, topics: ["t"]) { _ in
            batches += 1
            return false
        }
        #expect(batches == 1)
        try cluster.setTopicError("gone", .unknownTopicOrPartition)
        await #expect(throws: KafkaError(.unknownTopicOrPartition)) {
            try await TopicScan.read(cluster.settings, logger: quiet, topics: ["gone"]) { _ in true }
        }
    }

    @Test func `following reports the old records, the moment it has caught up, and the new ones`() async throws {
        let cluster = try MockCluster(topics: ["t": 2])
        try await cluster.fill("t", partition: 1, count: 5)
        var transcript: [String] = []
        try await TopicScan.follow(cluster.settings, logger: quiet, topics: ["t"], start: .beginning) { event in
            switch event {
            case .records(let records):
                transcript += records.map { "\($0.partition)/\($0.offset)" }
            case .caughtUp:
                transcript.append("caught up")
                try await cluster.fill("t", partition: 0, count: 2)
            }
            return transcript.last != "0/1"
        }
        #expect(transcript == ["1/0", "1/1", "1/2", "1/3", "1/4", "caught up", "0/0", "0/1"])
    }

    @Test func `following from the end sees new records only, until it is cancelled`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 5)
        let (offsets, sink) = AsyncStream.makeStream(of: Int64.self)
        let task = Task {
            try await TopicScan.follow(cluster.settings, logger: quiet, topics: ["t"], start: .end) { event in
                switch event {
                case .records(let records): for record in records { sink.yield(record.offset) }
                case .caughtUp: try await cluster.fill("t", count: 1)
                }
                return true
            }
        }
        var iterator = offsets.makeAsyncIterator()
        #expect(await iterator.next() == 5)
        task.cancel()
        try await task.value
    }
}
