import EmbeddedKafka
import KafkaClient
import Logging
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(2))) struct OutcomeWriterTests {
    /// Writes three records of a topic while the brokers refuse the first so many requests for their size.
    private func values(in topic: String, refusals: Int) async throws -> [[UInt8]?] {
        let cluster = try MockCluster(topics: ["lane": 1, "letters": 1])
        let writer = try OutcomeWriter(settings: cluster.settings, deadLetters: "letters", logger: quiet)
        try cluster.pushRequestErrors(.produce, Array(repeating: .messageTooLarge, count: refusals))
        let records = (1...3).map { ProducerRecord(topic: topic, partition: 0, key: nil, value: [UInt8($0)]) }
        #expect(await writer.deliver(records))
        await writer.close()
        var values: [[UInt8]?] = []
        try await TopicScan.read(cluster.settings, logger: quiet, topics: [topic]) { found in
            values += found.map(\.value)
            return true
        }
        return values
    }

    @Test(arguments: ["lane", "letters"])
    func `records of a batch that was too large are sent one by one, whole and in order`(topic: String) async throws {
        #expect(try await values(in: topic, refusals: 1) == [[1], [2], [3]])
    }

    @Test func `a record that is too large by itself is tried again as it is`() async throws {
        #expect(try await values(in: "lane", refusals: 2).compactMap(\.self).map(\.count) == [1, 1, 1])
    }

    @Test func `a dead letter that is too large by itself goes without its value`() async throws {
        let values = try await values(in: "letters", refusals: 2)
        #expect(values.count == 3)
        #expect(values.count { $0 == nil } == 1)
    }

    @Test func `a record to be published comes back within the lease, stored or not`() async throws {
        let cluster = try MockCluster(topics: ["results": 1])
        let writer = try OutcomeWriter(
            settings: cluster.settings,
            deadLetters: "letters",
            lease: .seconds(1),
            logger: quiet
        )
        let record = ProducerRecord(topic: "results", partition: 0, key: nil, value: [1])
        await #expect(throws: Never.self) { try await writer.publish([record]).first?.get() }
        try cluster.setLatency(.seconds(60))
        let error = await #expect(throws: KafkaError.self) { try await writer.publish([record]).first?.get() }
        #expect(error?.code.isLocal == true)
        try cluster.setLatency(.zero)
        var count = 0
        try await TopicScan.read(cluster.settings, logger: quiet, topics: ["results"]) { found in
            count += found.count
            return true
        }
        #expect(count == 2)
        await writer.close()
    }
}
