package import Scheduling

/// Wall time that never runs backwards: read once, then carried on by the machine's continuous clock.
package struct WallClock: Clock, Sendable {
    package typealias Instant = Scheduling.Instant

    private let start: ContinuousClock.Instant
    private let wall: Instant

    package init() {
        start = .now
        let time = Timespec.now()
        wall = Instant(nanoseconds: time)
    }

    package var now: Instant { wall + start.duration(to: .now) }
    package var minimumResolution: Duration { .nanoseconds(1) }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await Task.sleep(for: now.duration(to: deadline), tolerance: tolerance)
    }
}
