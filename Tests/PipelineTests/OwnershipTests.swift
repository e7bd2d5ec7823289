import Scheduling
import Testing

@testable import Pipeline

@Suite struct OwnershipTests {
    private let clock = WallClock()

    @Test func `a partition may be written for only while it is held and its lease lasts`() {
        let ownership = Ownership(clock: clock)
        #expect(!ownership.mayWrite(3, epoch: 1))
        ownership.take(3, epoch: 1)
        #expect(!ownership.mayWrite(3, epoch: 1))
        ownership.renew(3, epoch: 1, until: clock.now + .seconds(3_600))
        #expect(ownership.mayWrite(3, epoch: 1))
        #expect(!ownership.mayWrite(4, epoch: 1))
        ownership.renew(3, epoch: 1, until: clock.now)
        #expect(!ownership.mayWrite(3, epoch: 1))
    }

    @Test func `a commit of an earlier holding renews nothing, and its calls are withdrawn`() {
        let ownership = Ownership(clock: clock)
        ownership.take(3, epoch: 1)
        ownership.renew(3, epoch: 1, until: clock.now + .seconds(3_600))
        ownership.release(3)
        #expect(!ownership.mayWrite(3, epoch: 1))
        ownership.take(3, epoch: 2)
        ownership.renew(3, epoch: 1, until: clock.now + .seconds(3_600))
        #expect(!ownership.mayWrite(3, epoch: 2))
        #expect(!ownership.mayWrite(3, epoch: 1))
    }
}
