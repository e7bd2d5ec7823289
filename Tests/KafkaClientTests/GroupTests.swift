import EmbeddedKafka
import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(2)))
struct GroupTests {
    func member(_ cluster: MockCluster, _ properties: [String: String] = [:]) async throws -> GroupReader {
        let consumer = try cluster.consumer(group: "g", properties)
        try await consumer.subscribe(["t"])
        return GroupReader(consumer)
    }

    @Test func `offsets and metadata reach the next member, and commits keep their order`() async throws {
        let cluster = try MockCluster(topics: ["t": 2])
        try await cluster.fill("t", count: 100)
        let first = try await member(cluster)
        try await turn(first) { first.records.count == 100 }
        #expect(await first.consumer.memberID != nil)

        let long = String(repeating: "é", count: 1500)
        let consumer = first.consumer
        async let one = consumer.commit([start("t", 0, at: 10), start("t", 1, at: nil)])
        async let two = consumer.commit([
            PartitionOffset(partition: partition("t"), offset: 20, metadata: "old")
        ])
        #expect(try await one == [CommitResult(partition: partition("t"), error: nil)])
        #expect(try await two == [CommitResult(partition: partition("t"), error: nil)])
        let last = PartitionOffset(partition: partition("t"), offset: 40, metadata: long)
        #expect(try await first.consumer.commit([last]).map(\.error) == [nil])
        await first.consumer.close()

        let second = try await member(cluster)
        try await turn(second) { second.records.count == 60 }
        #expect(second.records.first?.offset == 40)
        let found = try await second.consumer.committed([partition("t", 1), partition("t", 0)])
        #expect(found == [start("t", 1, at: nil), last])
        await second.consumer.close()
    }

    @Test(arguments: ["range", "cooperative-sticky"])
    func `a rebalance waits until the partitions are given back`(assignor: String) async throws {
        let cluster = try MockCluster(topics: ["t": 2])
        let properties = ["partition.assignment.strategy": assignor]
        let first = try await member(cluster, properties)
        try await turn(first) { first.assigned.count == 2 }
        try await cluster.fill("t", partition: 0, count: 10)
        try await cluster.fill("t", partition: 1, count: 10)
        try await turn(first) { first.records.count == 20 }
        let settled = (0..<2).map { PartitionOffset(partition: partition("t", $0), offset: 7) }
        #expect(try await first.consumer.commit(settled).map(\.error) == [nil, nil])

        first.holdsOn = true
        let second = try await member(cluster, properties)
        try await turn(first, second) { !first.revoking.isEmpty }
        // Not for long: whoever takes more than its session's time is out of the group.
        for _ in 0..<5 {
            try await first.turn()
            try await second.turn()
        }
        #expect(second.assigned.isEmpty)

        // Real brokers still take commits now; the embedded one, with the eager protocol, answers that it is too late.
        let answers = try await first.consumer.commit([PartitionOffset(partition: first.revoking[0], offset: 7)])
        // A machine that stands still for a moment takes the session's time, too.
        #expect([nil, .rebalanceInProgress, .unknownMember].contains(answers[0].error?.code))
        try await first.giveBack()
        first.holdsOn = false
        try await turn(first, second) { first.assigned.count == 1 && second.assigned.count == 1 }

        #expect(first.assigned.isDisjoint(with: second.assigned))
        try await turn(first, second) { second.records.count == 3 }
        #expect(second.records.map(\.offset) == [7, 8, 9])
        await first.consumer.close()
        await second.consumer.close()
    }

    @Test(arguments: ["range", "cooperative-sticky"])
    func `the others take over when a member leaves`(assignor: String) async throws {
        let cluster = try MockCluster(topics: ["t": 2])
        let properties = ["partition.assignment.strategy": assignor]
        let first = try await member(cluster, properties)
        let second = try await member(cluster, properties)
        try await turn(first, second) { first.assigned.count == 1 && second.assigned.count == 1 }
        for number in first.assigned {
            _ = try await first.consumer.commit([PartitionOffset(partition: number, offset: 0, metadata: "m")])
        }
        await first.consumer.close()
        try await turn(second) { second.assigned.count == 2 }
        try await cluster.fill("t", partition: 0, count: 5)
        try await cluster.fill("t", partition: 1, count: 5)
        try await turn(second) { second.records.count == 10 }
        await second.consumer.close()
    }

    @Test func `a moved coordinator delays committed offsets only for a moment`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        try await cluster.fill("t", count: 10)
        let first = try await member(cluster)
        try await turn(first) { first.records.count == 10 }
        _ = try await first.consumer.commit([PartitionOffset(partition: partition("t"), offset: 4, metadata: "m")])
        try cluster.pushRequestErrors(.offsetFetch, [.notCoordinator, .notCoordinator])
        let found = try await first.consumer.committed([partition("t")])
        #expect(found == [PartitionOffset(partition: partition("t"), offset: 4, metadata: "m")])
        await first.consumer.close()

        // A member that begins while the coordinator moves gets its records, too.
        let second = try await member(cluster)
        try cluster.pushRequestErrors(.offsetFetch, [.notCoordinator])
        try await turn(second) { second.records.count == 6 }
        #expect(second.stalled.isEmpty)
        await second.consumer.close()
    }

    @Test func `commits of a stranger to a live group and of a groupless consumer are refused`() async throws {
        let cluster = try MockCluster(topics: ["t": 1])
        let groupless = try cluster.consumer()
        await #expect(throws: KafkaError.self) { try await groupless.commit([start("t", at: 1)]) }
        let first = try await member(cluster)
        try await turn(first) { first.assigned.count == 1 }
        let stranger = try cluster.consumer(group: "g")
        do throws(KafkaError) {
            let errors = try await stranger.commit([start("t", at: 1)]).map(\.error?.code)
            #expect(errors == [.unknownMember])
        } catch {
            #expect(error.code == .unknownMember)
        }
        await stranger.close()
        await groupless.close()
        await first.consumer.close()
    }
}
