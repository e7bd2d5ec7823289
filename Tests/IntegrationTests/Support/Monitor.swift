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
    /// - Parameter what: what is waited for, as the message of a wait in vain names it.
    /// - Throws: what `ready` throws; ``WaitInVain`` when the value has not changed for ``Patience/limit``, or the task is
    ///   cancelled.
    func wait<Value: Sendable>(_ what: String, _ ready: (State) throws -> Value?) async throws -> Value {
        while true {
            if Task.isCancelled { throw WaitInVain("\(what), until the test's time was over") }
            let (value, version) = try content.withLock { (try ready($0.state), $0.version) }
            if let value { return value }
            if await !change(since: version) { throw WaitInVain(what) }
        }
    }

    /// - Returns: `false` when nothing changed.
    private func change(since version: Int) async -> Bool {
        let id = content.withLock { content in
            content.lastWaiter += 1
            return content.lastWaiter
        }
        let timer = Task {
            try? await Task.sleep(for: Patience.limit)
            content.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
        defer { timer.cancel() }
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
        return content.withLock { $0.version != version } || Task.isCancelled
    }
}

/// How long scenarios wait while nothing at all happens; far more than anything needs, so that no run sits idle for ever.
///
/// The long form has windows of a minute, and lanes that wait for the next one.
enum Patience {
    static let limit = Duration.seconds(Tools.isLong ? 300 : 60)
}

/// A wait that nothing ended, with what the programs said last.
struct WaitInVain: Error, CustomStringConvertible {
    var description: String

    init(_ what: String) {
        let programs = Program.all.map { "\n\($0.summary)" }.joined()
        description = "waited in vain for \(what)\(programs)"
    }
}
