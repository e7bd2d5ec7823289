import EmbeddedKafka
import KafkaClient
import Logging
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(2))) struct OutcomeWriterTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

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
}
