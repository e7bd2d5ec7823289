import Synchronization

/// A value that changes while tests run, and whose changes can be awaited.
final class Monitor<State: Sendable>: Sendable {
    private struct Content {
        var state: State
        var version = 0
        var lastWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let content: Mutex<Content>

    init(_ state: State) {
        content = Mutex(Content(state: state))
    }

    var state: State { content.withLock { $0.state } }

    /// Changes the value and wakes whoever waits.
    func update(_ body: (inout State) -> Void) {
        let waiters = content.withLock { content in
            body(&content.state)
            content.version += 1
            defer { content.waiters = [:] }
            return Array(content.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until `ready` has an answer.
    ///
    /// - Throws: what `ready` throws; `CancellationError`, as when the test's time limit is over.
    func wait<Value: Sendable>(_ ready: (State) throws -> Value?) async throws -> Value {
        while true {
            try Task.checkCancellation()
            let (value, version) = try content.withLock { (try ready($0.state), $0.version) }
            if let value { return value }
            await change(since: version)
        }
    }

    private func change(since version: Int) async {
        let id = content.withLock { content in
            content.lastWaiter += 1
            return content.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = content.withLock { content in
                    guard content.version == version, !Task.isCancelled else { return true }
                    content.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            content.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
