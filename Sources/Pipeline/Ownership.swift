internal import Scheduling
internal import Synchronization

/// Which partitions are ours right now, looked at immediately before a request is written.
///
/// A partition is held from its assignment to its revocation, and only while a commit for it has succeeded lately: a worker
/// that was cut off or asleep finds its lease over before it knows that others have taken its place.
final class Ownership: Sendable {
    private struct Holding {
        var epoch: Int
        var leaseEnd: Instant
    }

    private let holdings = Mutex<[Int32: Holding]>([:])
    private let clock: WallClock

    init(clock: WallClock) {
        self.clock = clock
    }

    func take(_ partition: Int32, epoch: Int) {
        holdings.withLock { $0[partition] = Holding(epoch: epoch, leaseEnd: .distantPast) }
    }

    func release(_ partition: Int32) {
        holdings.withLock { $0[partition] = nil }
    }

    /// Notes a commit of the epoch that was asked for at `start` and has succeeded.
    func renew(_ partition: Int32, epoch: Int, until leaseEnd: Instant) {
        holdings.withLock { holdings in
            guard holdings[partition]?.epoch == epoch else { return }
            holdings[partition]?.leaseEnd = leaseEnd
        }
    }

    func mayWrite(_ partition: Int32, epoch: Int) -> Bool {
        let now = clock.now
        return holdings.withLock { holdings in
            guard let holding = holdings[partition] else { return false }
            return holding.epoch == epoch && now < holding.leaseEnd
        }
    }

    func leaseEnd(_ partition: Int32) -> Instant {
        holdings.withLock { $0[partition]?.leaseEnd ?? .distantPast }
    }
}
