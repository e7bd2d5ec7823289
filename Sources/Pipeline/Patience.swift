/// Waits for a task, until `deadline` or until the waiting task is cancelled; the task itself goes on.
///
/// - Returns: `nil` when the task was not done by then.
func value<Value: Sendable>(
    of task: Task<Value, Never>,
    until deadline: ContinuousClock.Instant
) async -> Value? {
    let (ends, end) = AsyncStream<Value?>.makeStream()
    Task { end.yield(await task.value) }
    let timer = Task {
        try? await Task.sleep(until: deadline, clock: .continuous)
        end.yield(nil)
    }
    defer { timer.cancel() }
    for await value in ends { return value }
    return nil
}
