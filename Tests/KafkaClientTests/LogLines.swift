import Logging
import Synchronization

/// Collects log messages and wakes whoever waits for one.
final class LogLines: Sendable {
    private struct State {
        var messages: Set<String> = []
        var waiters: [(String, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var handler: Handler { Handler(lines: self) }

    func wait(for message: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if !state.messages.contains(message) { state.waiters.append((message, continuation)) }
                return state.messages.contains(message)
            }
            if isThere { continuation.resume() }
        }
    }

    fileprivate func add(_ message: String) {
        let ready = state.withLock { state in
            state.messages.insert(message)
            let ready = state.waiters.filter { $0.0 == message }
            state.waiters.removeAll { $0.0 == message }
            return ready
        }
        for (_, continuation) in ready { continuation.resume() }
    }

    struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.add(event.message.description)
        }
    }
}
