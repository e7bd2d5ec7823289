import Foundation
import KafkaClient
import Messages
import Testing

@testable import Pipeline

struct JobCheckpointTests {
    @Test func `the example of the schemas is read, and written again with the same members`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../schemas/examples/valid/status/jobs.json")
        let example = Array(try Data(contentsOf: file))
        let checkpoint = try #require(JobCheckpoint(example))
        let results = TopicPartition(topic: "bulkhead.results", partition: 1)
        #expect(checkpoint.positions[results] == 97)
        #expect(checkpoint.start(of: results) == 90)
        #expect(try JSON(parsing: checkpoint.encoded()) == JSON(parsing: example))
    }
}
