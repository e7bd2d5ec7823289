import EmbeddedKafka
import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(2)))
struct AdminTests {
    @Test func `topics are listed with their partitions`() async throws {
        let cluster = try MockCluster(brokers: 3, topics: ["a": 3, "b": 1])
        let admin = try KafkaAdmin(settings: cluster.settings, logger: quiet)
        #expect(try await admin.topics() == ["a": 3, "b": 1])
    }

    @Test func `a broker that cannot create topics is an error of every topic`() async throws {
        let cluster = try MockCluster()
        let admin = try KafkaAdmin(settings: cluster.settings, logger: quiet)
        let results = await admin.createTopics(
            [TopicSpec(name: "a", partitions: 1, replication: 1), TopicSpec(name: "b", partitions: 1)],
            timeout: .milliseconds(500)
        )
        #expect(results.count == 2)
        #expect(results["a"]??.code == .timedOut || results["a"]??.code == -165)
        #expect(await admin.createTopics([]).isEmpty)
        let refused = await admin.createTopics([TopicSpec(name: "c", partitions: -9)], timeout: .milliseconds(500))
        #expect(refused["c"]??.code == .invalidArgument)
    }
}
