internal import CRdKafka
package import Logging

/// A topic to be created.
package struct TopicSpec: Hashable, Sendable {
    package var name: String
    package var partitions: Int
    /// Copies of each partition; `nil`: the broker's default (Kafka 2.4 and later, KIP-464).
    package var replication: Int?
    /// Topic settings by Kafka's names, as `cleanup.policy`.
    package var config: [String: String]

    package init(name: String, partitions: Int, replication: Int? = nil, config: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replication = replication
        self.config = config
    }
}

/// Looks at topics and creates them.
package final class KafkaAdmin: Sendable {
    private let handle: ClientHandle

    package init(settings: KafkaSettings, logger: Logger) throws(KafkaError) {
        let log = ClientLog(logger: logger)
        handle = try ClientHandle(kind: .producer, settings: settings) { event in
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_LOG { log.write(event: event) }
        }
    }

    /// Number of partitions by topic.
    package func topics(timeout: Duration = .seconds(30)) async throws(KafkaError) -> [String: Int] {
        try await handle.retrying(for: timeout) { handle, left in
            handle.partitionCounts(topic: nil, timeout: left)
        }
    }

    /// Creates topics; `nil` beside a name means done, `TOPIC_ALREADY_EXISTS` that it was there.
    ///
    /// librdkafka's in-process brokers do not know this request: every topic then fails with `_TIMED_OUT` or
    /// `_UNSUPPORTED_FEATURE`.
    package func createTopics(
        _ topics: [TopicSpec],
        timeout: Duration = .seconds(30)
    ) async -> [String: KafkaError?] {
        guard !topics.isEmpty else { return [:] }
        let handle = self.handle
        return await handle.blocking.run { TopicCreation(handle: handle, timeout: timeout).run(topics) }
    }
}

/// One request for new topics; every C object of it is freed when it returns.
private struct TopicCreation {
    let handle: ClientHandle
    let timeout: Duration

    func run(_ topics: [TopicSpec]) -> [String: KafkaError?] {
        var results: [String: KafkaError?] = [:]
        var new: [OpaquePointer?] = []
        defer { rd_kafka_NewTopic_destroy_array(&new, new.count) }
        for topic in topics {
            switch Self.make(topic) {
            case .success(let pointer): new.append(pointer.raw)
            case .failure(let error): results[topic.name] = error
            }
        }
        guard !new.isEmpty else { return results }
        let asked = topics.filter { results[$0.name] == nil }
        switch send(&new) {
        case .success(let answers):
            for topic in asked {
                let missing = KafkaError(.badMessage, reason: "the broker's answer does not name the topic")
                results[topic.name] = .some(answers[topic.name] ?? missing)
            }
        case .failure(let error):
            for topic in asked { results[topic.name] = error }
        }
        return results
    }

    private func send(_ new: inout [OpaquePointer?]) -> Result<[String: KafkaError?], KafkaError> {
        guard
            let queue = rd_kafka_queue_new(handle.client),
            let options = rd_kafka_AdminOptions_new(handle.client, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        else { return .failure(KafkaError(.erroneousState)) }
        defer {
            rd_kafka_AdminOptions_destroy(options)
            rd_kafka_queue_destroy(queue)
        }
        var text = [CChar](repeating: 0, count: 512)
        let milliseconds = max(100, timeout.timeoutMs)
        rd_kafka_AdminOptions_set_request_timeout(options, min(milliseconds, 3_600_000), &text, text.count)
        rd_kafka_AdminOptions_set_operation_timeout(options, min(milliseconds, 3_600_000), &text, text.count)
        rd_kafka_CreateTopics(handle.client, &new, new.count, options, queue)
        // The request has its own timeout and always answers; the second more is for the way back.
        guard let event = rd_kafka_queue_poll(queue, milliseconds &+ 1000) else {
            return .failure(KafkaError(.timedOut))
        }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return .failure(KafkaError(event: event))
        }
        var count = 0
        guard
            let result = rd_kafka_event_CreateTopics_result(event),
            let list = rd_kafka_CreateTopics_result_topics(result, &count)
        else { return .failure(KafkaError(.badMessage)) }
        var answers: [String: KafkaError?] = [:]
        for topic in UnsafeBufferPointer(start: list, count: count) {
            guard let topic, let name = rd_kafka_topic_result_name(topic) else { continue }
            let code = KafkaError.Code(rawValue: rd_kafka_topic_result_error(topic).rawValue)
            let reason = rd_kafka_topic_result_error_string(topic).map { String(cString: $0) }
            answers[String(cString: name)] = .some(code == .noError ? nil : KafkaError(code, reason: reason))
        }
        return .success(answers)
    }

    /// Carries an owned pointer through a `Result`.
    private struct NewTopic {
        let raw: OpaquePointer
    }

    private static func make(_ topic: TopicSpec) -> Result<NewTopic, KafkaError> {
        var text = [CChar](repeating: 0, count: 512)
        let pointer = rd_kafka_NewTopic_new(
            topic.name,
            Int32(clamping: topic.partitions),
            Int32(clamping: topic.replication ?? -1),
            &text,
            text.count
        )
        guard let pointer else {
            return .failure(KafkaError(.invalidArgument, reason: ClientConfiguration.reason(text)))
        }
        for (name, value) in topic.config.sorted(by: { $0.key < $1.key }) {
            rd_kafka_NewTopic_set_config(pointer, name, value)
        }
        return .success(NewTopic(raw: pointer))
    }
}
