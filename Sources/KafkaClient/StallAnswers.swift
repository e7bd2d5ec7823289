internal import CRdKafka
internal import Synchronization

/// High watermarks that were asked for in the background, until the consumer's next turn takes them.
final class StallAnswers: Sendable {
    private struct State {
        var isAsking = false
        var answers: [(TopicPartition, Watermarks)] = []
    }

    private let state = Mutex(State())

    var isAsking: Bool { state.withLock(\.isAsking) }

    func takeAnswers() -> [(TopicPartition, Watermarks)] {
        state.withLock { state in
            guard !state.answers.isEmpty else { return [] }
            defer { state.answers = [] }
            return state.answers
        }
    }

    /// Asks for each partition; stops at the first failure, since a broker that does not answer is no stall.
    func ask(_ partitions: [TopicPartition], _ handle: ClientHandle) {
        state.withLock { $0.isAsking = true }
        handle.blocking.start {
            var answers: [(TopicPartition, Watermarks)] = []
            for partition in partitions {
                guard case .success(let found) = handle.watermarks(partition, timeout: .seconds(2)) else { break }
                answers.append((partition, found))
            }
            self.state.withLock { state in
                state.answers += answers
                state.isAsking = false
            }
            handle.arrival.raise()
        }
    }
}
