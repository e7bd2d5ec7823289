internal import CRdKafka
internal import Dispatch
package import KafkaClient
internal import Synchronization

/// Kafka brokers inside this process, on loopback: librdkafka's mock cluster.
///
/// For tests, demonstrations and trying things out. What differs from real brokers (librdkafka 2.0.2):
/// - a partition keeps at most 5 MiB of batches as they were sent, so compressed, and drops older ones; the limit is fixed;
/// - topics are created by ``createTopic(_:partitions:)`` or on first use with 4 partitions; there is no request for it;
/// - a fetch that waits is not woken by a record, so latency follows `fetch.wait.max.ms`;
/// - the first join of a group takes 3 s, each later rebalance `session.timeout.ms` less 1 s (use 4,000 to 6,000);
/// - two assignors in one group abort the process.
package final class MockCluster: Sendable {
    /// A request of the Kafka protocol, by its key.
    package struct Request: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int16

        package init(rawValue: Int16) {
            self.rawValue = rawValue
        }

        /// Every request that the brokers answer with errors on demand, by its name.
        package static let named: [String: Request] = [
            "produce": .produce, "fetch": .fetch, "listOffsets": .listOffsets, "offsetCommit": .offsetCommit,
            "offsetFetch": .offsetFetch, "findCoordinator": .findCoordinator, "joinGroup": .joinGroup,
            "heartbeat": .heartbeat, "leaveGroup": .leaveGroup, "syncGroup": .syncGroup,
            "apiVersions": .apiVersions, "initProducerId": .initProducerID, "addPartitionsToTxn": .addPartitionsToTxn,
            "addOffsetsToTxn": .addOffsetsToTxn, "endTxn": .endTxn, "txnOffsetCommit": .txnOffsetCommit,
        ]

        package static let produce = Request(rawValue: 0)
        package static let fetch = Request(rawValue: 1)
        package static let listOffsets = Request(rawValue: 2)
        package static let offsetCommit = Request(rawValue: 8)
        package static let offsetFetch = Request(rawValue: 9)
        package static let findCoordinator = Request(rawValue: 10)
        package static let joinGroup = Request(rawValue: 11)
        package static let heartbeat = Request(rawValue: 12)
        package static let leaveGroup = Request(rawValue: 13)
        package static let syncGroup = Request(rawValue: 14)
        package static let apiVersions = Request(rawValue: 18)
        package static let initProducerID = Request(rawValue: 22)
        package static let addPartitionsToTxn = Request(rawValue: 24)
        package static let addOffsetsToTxn = Request(rawValue: 25)
        package static let endTxn = Request(rawValue: 26)
        package static let txnOffsetCommit = Request(rawValue: 28)
    }

    /// As the property `bootstrap.servers` takes it.
    package let bootstrapServers: String
    /// Brokers have the ids 1 to this number.
    package let brokers: Int

    /// Safe to share although the compiler cannot see it: the C objects are thread-safe and freed once.
    private struct Owned: @unchecked Sendable {
        let client: OpaquePointer
        let cluster: OpaquePointer
    }

    /// `nil` once closed.
    private let owned: Mutex<Owned?>

    /// - Parameters:
    ///   - brokers: 1 to 100.
    ///   - topics: numbers of partitions by name.
    package init(brokers: Int = 1, topics: [String: Int] = [:]) throws(KafkaError) {
        guard (1...100).contains(brokers) else {
            throw KafkaError(.invalidArgument, reason: "the number of brokers has to be 1 to 100")
        }
        let configuration = rd_kafka_conf_new()
        // The owner connects to nothing; its log lines are about the mock's own sockets.
        rd_kafka_conf_set_log_cb(configuration, nil)
        var text = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            throw KafkaError(.invalidArgument, reason: "the owner of the brokers could not be made")
        }
        guard let cluster = rd_kafka_mock_cluster_new(client, Int32(brokers)) else {
            rd_kafka_destroy(client)
            throw KafkaError(.erroneousState, reason: "the brokers could not be started")
        }
        bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        self.brokers = brokers
        // As brokers do: the mock would hold an answer back until the one before is acknowledged, for which a client that
        // has nothing to send takes 40 ms.
        for server in bootstrapServers.split(separator: ",") {
            if let port = server.split(separator: ":").last.flatMap({ UInt16($0) }) { bulkhead_send_at_once(port) }
        }
        owned = Mutex(Owned(client: client, cluster: cluster))
        for (name, partitions) in topics { try createTopic(name, partitions: partitions) }
    }

    deinit {
        stop {}
    }

    /// Settings of a client of these brokers.
    package var settings: KafkaSettings { KafkaSettings(["bootstrap.servers": bootstrapServers]) }

    /// Creates a topic.
    ///
    /// - Throws: `TOPIC_ALREADY_EXISTS`; `_INVALID_ARG` unless there are 1 to 10,000 partitions.
    package func createTopic(_ name: String, partitions: Int) throws(KafkaError) {
        guard (1...10_000).contains(partitions), !name.isEmpty else {
            throw KafkaError(.invalidArgument, reason: "a topic needs a name and 1 to 10000 partitions")
        }
        try call { rd_kafka_mock_topic_create($0, name, Int32(partitions), Int32(brokers)) }
    }

    /// The next requests of a kind are answered with these errors, one each; `.transport` closes the connection instead.
    package func pushRequestErrors(_ request: Request, _ errors: [KafkaError.Code]) throws(KafkaError) {
        try call { cluster in
            let codes = errors.map { rd_kafka_resp_err_t(rawValue: $0.rawValue) }
            rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, codes.count, codes)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Takes back pushed errors that no request has met.
    package func clearRequestErrors(_ request: Request) throws(KafkaError) {
        try call { cluster in
            rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// What metadata says about a topic from now on; `.noError` ends it.
    package func setTopicError(_ topic: String, _ error: KafkaError.Code) throws(KafkaError) {
        try call { cluster in
            rd_kafka_mock_topic_set_error(cluster, topic, rd_kafka_resp_err_t(rawValue: error.rawValue))
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Closes a broker's connections and refuses new ones; partitions keep their leaders.
    ///
    /// `nil`: all brokers.
    package func setBrokerDown(_ broker: Int? = nil) throws(KafkaError) {
        let id = try checked(broker)
        try call { rd_kafka_mock_broker_set_down($0, id) }
    }

    /// Accepts connections again; `nil`: all brokers.
    package func setBrokerUp(_ broker: Int? = nil) throws(KafkaError) {
        let id = try checked(broker)
        try call { rd_kafka_mock_broker_set_up($0, id) }
    }

    /// Delays every answer of a broker by this time, 0 to 60 s; `nil`: of all brokers.
    package func setLatency(_ latency: Duration, broker: Int? = nil) throws(KafkaError) {
        let id = try checked(broker)
        guard latency >= .zero, latency <= .seconds(60) else {
            throw KafkaError(.invalidArgument, reason: "a latency has to be 0 to 60 s")
        }
        let (seconds, attoseconds) = latency.components
        let milliseconds = Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        try call { rd_kafka_mock_broker_set_rtt($0, id, milliseconds) }
    }

    /// Moves a partition to another leader; `nil`: it has none, so that nothing can be written or read.
    package func setLeader(of partition: TopicPartition, broker: Int?) throws(KafkaError) {
        guard partition.partition >= 0, !partition.topic.isEmpty else { throw KafkaError(.unknownPartition) }
        let id = try checked(broker)
        try call { rd_kafka_mock_partition_set_leader($0, partition.topic, partition.partition, id) }
    }

    /// Moves a group to another coordinator.
    package func setCoordinator(ofGroup group: String, broker: Int) throws(KafkaError) {
        let id = try checked(broker)
        try call { rd_kafka_mock_coordinator_set($0, "group", group, id) }
    }

    /// Stops the brokers and returns when their threads have ended; safe to call more than once.
    ///
    /// Close the clients first, or they try for ever to reconnect.
    package func close() async {
        await withCheckedContinuation { continuation in
            stop { continuation.resume() }
        }
    }

    /// Stopping takes up to a second and must not hold a thread of Swift's pool.
    private func stop(_ whenStopped: @escaping @Sendable () -> Void) {
        let last = owned.withLock { owned in
            defer { owned = nil }
            return owned
        }
        guard let last else {
            whenStopped()
            return
        }
        DispatchQueue(label: "kafka.mock.end").async {
            rd_kafka_mock_cluster_destroy(last.cluster)
            rd_kafka_destroy(last.client)
            whenStopped()
        }
    }

    /// The id as librdkafka takes it, -1 for all brokers.
    ///
    /// A broker that does not exist would abort the process, as a coordinator at least.
    private func checked(_ broker: Int?) throws(KafkaError) -> Int32 {
        guard let broker else { return -1 }
        guard (1...brokers).contains(broker) else {
            throw KafkaError(.invalidArgument, reason: "there is no such broker")
        }
        return Int32(broker)
    }

    private func call(_ body: (OpaquePointer) -> rd_kafka_resp_err_t) throws(KafkaError) {
        let error = owned.withLock { owned in
            guard let owned else { return KafkaError.Code.destroyed }
            return KafkaError.Code(rawValue: body(owned.cluster).rawValue)
        }
        if error != .noError { throw KafkaError(error) }
    }
}
