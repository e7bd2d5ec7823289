internal import Dispatch
internal import Scheduling
internal import Synchronization

/// One alarm that is set again and again, to the precision of the system's timers.
///
/// Tasks that sleep would each have to be cancelled whenever the next instant changes, which is with every call.
final class Alarm: Sendable {
    /// Yields when the alarm goes off, or when it was set to an instant that has passed.
    let rings: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let queue = DispatchQueue(label: "bulkhead.alarm")
    private let clock: WallClock
    private let state = Mutex<State>(State())

    private struct State {
        var at = Instant.distantFuture
        var number: UInt64 = 0
    }

    init(clock: WallClock) {
        self.clock = clock
        (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Rings at the instant, or before it if an earlier one was set: whoever hears it looks and sets it again.
    func set(_ instant: Instant) {
        let number: UInt64? = state.withLock { state in
            guard instant < state.at else { return nil }
            state.at = instant
            state.number += 1
            return state.number
        }
        guard let number else { return }
        let left = clock.now.duration(to: instant)
        guard left > .zero else { return ring(number) }
        queue.asyncAfter(
            deadline: .now() + .nanoseconds(Int(left.nanoseconds)),
            qos: .userInitiated,
            flags: .enforceQoS
        ) {
            self.ring(number)
        }
    }

    private func ring(_ number: UInt64) {
        let isCurrent = state.withLock { state in
            guard state.number == number else { return false }
            state.at = .distantFuture
            return true
        }
        if isCurrent { bell.yield() }
    }

    func finish() {
        bell.finish()
    }
}
