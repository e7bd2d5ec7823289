import Scheduling
import Testing

@testable import Pipeline

@Suite struct DeadLetterPaceTests {
    let start = Instant(milliseconds: 1_000_000)

    @Test(arguments: [1, 3, 7, 50, 333, 20_000])
    func `letters go at exactly the rate`(rate: Int) {
        var pace = ReplayPace(perSecond: rate, now: start)
        var now = start
        for _ in 0..<(10 * rate) {
            now = max(now, pace.due)
            let isDue = pace.take(now: now)
            let isNextDue = pace.take(now: pace.due + .nanoseconds(-1))
            #expect(isDue && !isNextDue)
        }
        // The first letter of the eleventh second.
        #expect(pace.due == start + .seconds(10))
    }

    @Test func `time that was lost is not made up for`() {
        var pace = ReplayPace(perSecond: 10, now: start)
        let later = start + .seconds(60)
        let turns = [pace.take(now: start), pace.take(now: later), pace.take(now: later)]
        #expect(turns == [true, true, false])
        #expect(pace.due == later + .milliseconds(100))
    }

    @Test func `a late timer is made up for at high rates, by 20 ms at most`() {
        var pace = ReplayPace(perSecond: 1_000, now: start)
        var count = 0
        while pace.take(now: start + .milliseconds(5)) { count += 1 }
        #expect(count == 6)
        while pace.take(now: start + .seconds(5)) { count += 1 }
        #expect(count == 6 + 21)
    }

    @Test(arguments: [0, -1, Int.min, Int.max])
    func `rates out of range are clamped`(rate: Int) {
        var pace = ReplayPace(perSecond: rate, now: start)
        let isDue = pace.take(now: start)
        #expect(isDue)
        #expect(pace.due > start)
    }
}
