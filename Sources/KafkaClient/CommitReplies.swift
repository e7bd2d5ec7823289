internal import CRdKafka
internal import Synchronization

/// Commits that wait for the coordinator's answer.
final class CommitReplies: Sendable {
    typealias Reply = Result<[CommitResult], KafkaError>

    private struct State {
        var lastID: UInt = 0
        var waiting: [UInt: CheckedContinuation<Reply, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Registers a commit; its id travels through librdkafka as the opaque value.
    func register(_ continuation: CheckedContinuation<Reply, Never>) -> UInt {
        state.withLock { state in
            state.lastID &+= 1
            state.waiting[state.lastID] = continuation
            return state.lastID
        }
    }

    func resolve(_ id: UInt, _ reply: Reply) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: reply)
    }

    func resolveAll(_ reply: Reply) {
        let all = state.withLock { state in
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in all { continuation.resume(returning: reply) }
    }

    func receive(event: OpaquePointer) {
        guard let opaque = rd_kafka_event_opaque(event) else { return }
        resolve(UInt(bitPattern: opaque), Self.reply(of: event))
    }

    /// One result per partition; the event's own error stands alone when no partition carries one.
    private static func reply(of event: OpaquePointer) -> Reply {
        let results = (rd_kafka_event_topic_partition_list(event)?.elements ?? .init(start: nil, count: 0)).map {
            item in
            CommitResult(
                partition: item.topicPartition,
                error: item.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(item.err)
            )
        }
        let error = rd_kafka_event_error(event)
        if error != RD_KAFKA_RESP_ERR_NO_ERROR, results.allSatisfy({ $0.error == nil }) {
            return .failure(KafkaError(event: event))
        }
        return .success(results)
    }
}
