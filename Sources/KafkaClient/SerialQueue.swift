internal import Dispatch

/// A serial executor on a dispatch queue of its own, so that an actor's C calls never hold a thread of Swift's pool.
final class SerialQueue: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// One thread for calls that wait for a broker's answer.
final class BlockingQueue: Sendable {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }

    /// Waits no longer than `limit`; the call itself goes on, and later ones wait for it.
    ///
    /// - Returns: `nil` when there was no answer by then.
    func run<Value: Sendable>(within limit: Duration, _ body: @escaping @Sendable () -> Value) async -> Value? {
        var timer: Task<Void, Never>?
        let value: Value? = await withCheckedContinuation { continuation in
            let waiter = Once(continuation)
            queue.async { waiter.resume(body()) }
            timer = waiter.resume(nil, after: limit)
        }
        timer?.cancel()
        return value
    }

    func start(_ body: @escaping @Sendable () -> Void) {
        queue.async(execute: body)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, within what librdkafka takes as a finite timeout.
    var timeoutMs: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
