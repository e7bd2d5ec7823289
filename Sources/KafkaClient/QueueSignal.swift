internal import Dispatch
internal import Synchronization

/// Wakes one waiting task: a queue has something, somebody asked for it, or the time is over.
///
/// A raise that nobody waits for is kept for the next wait, so none is lost between looking and waiting.
final class QueueSignal: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
        var deadline = ContinuousClock.now
        /// When the earliest timer under way will fire; most waits end early and the next one uses that timer again.
        var armed: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let timers: DispatchQueue

    init(label: String) {
        timers = DispatchQueue(label: label)
    }

    func raise() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.isRaised = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns after a raise, after `timeout`, or when the task is cancelled; at once when another task waits already.
    func wait(timeout: Duration) async {
        guard timeout > .zero else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let deadline = ContinuousClock.now + timeout
                let isWaiting = state.withLock { state in
                    guard !state.isRaised, state.waiter == nil else {
                        state.isRaised = false
                        return false
                    }
                    state.waiter = continuation
                    state.deadline = deadline
                    arm(&state, for: deadline)
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            raise()
        }
    }

    private func arm(_ state: inout State, for deadline: ContinuousClock.Instant) {
        if let armed = state.armed, armed <= deadline { return }
        state.armed = deadline
        let delay = ContinuousClock.now.duration(to: deadline)
        timers.asyncAfter(deadline: .now() + .milliseconds(Int(max(delay, .zero).timeoutMs))) { [weak self] in
            self?.fire(deadline)
        }
    }

    private func fire(_ instant: ContinuousClock.Instant) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.armed == instant { state.armed = nil }
            guard let waiter = state.waiter else { return nil }
            guard state.deadline <= ContinuousClock.now else {
                arm(&state, for: state.deadline)
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}

/// Opens once and lets everybody through from then on.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [Once<Void>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(()) }
    }

    func wait() async {
        await withCheckedContinuation { add(Once($0)) }
    }

    /// Waits for the opening, but no longer than `limit`.
    func wait(atMost limit: Duration) async {
        var timer: Task<Void, Never>?
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let waiter = Once(continuation)
            add(waiter)
            timer = waiter.resume((), after: limit)
        }
        timer?.cancel()
    }

    private func add(_ waiter: Once<Void>) {
        let isOpen = state.withLock { state in
            if !state.isOpen { state.waiters.append(waiter) }
            return state.isOpen
        }
        if isOpen { waiter.resume(()) }
    }
}

/// A continuation that several may try to resume; the first one does.
final class Once<Value: Sendable>: Sendable {
    private let waiter: Mutex<CheckedContinuation<Value, Never>?>

    init(_ continuation: CheckedContinuation<Value, Never>) {
        waiter = Mutex(continuation)
    }

    func resume(_ value: Value) {
        let first = waiter.withLock { waiter -> CheckedContinuation<Value, Never>? in
            defer { waiter = nil }
            return waiter
        }
        first?.resume(returning: value)
    }

    /// Resumes with `value` unless somebody did before.
    ///
    /// - Returns: the timer, to be cancelled when it is not needed any more.
    func resume(_ value: Value, after limit: Duration) -> Task<Void, Never> {
        Task {
            try? await Task.sleep(for: limit)
            resume(value)
        }
    }
}
