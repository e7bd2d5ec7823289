import Scheduling
import Testing

@Suite struct BreakerTests {
    @Test func `failures open it, and it is asked with one call, then closes`() {
        var breaker = Breaker()
        for number in 0..<10 {
            #expect(breaker.opening(now: start) == .now)
            #expect(breaker.send() == false)
            #expect(breaker.failed(now: start, isProbe: false, jitter: 0) == (number == 9))
        }
        #expect(!breaker.isClosed)
        #expect(breaker.reason == .failures)
        #expect(breaker.since == start)
        #expect(breaker.opening(now: start + .seconds(4)) == .at(start + .seconds(5)))

        #expect(breaker.opening(now: start + .seconds(5)) == .now)
        #expect(breaker.send() == true)
        #expect(breaker.opening(now: start + .seconds(6)) == .afterAnswer)
        #expect(breaker.send() == false)
        // Calls that were out when it opened say nothing any more.
        breaker.succeeded(now: start + .seconds(6), isProbe: false)
        breaker.failed(now: start + .seconds(6), isProbe: false, jitter: 0)
        #expect(breaker.opening(now: start + .seconds(6)) == .afterAnswer)
        breaker.succeeded(now: start + .seconds(7), isProbe: true)
        #expect(breaker.isClosed)
        #expect(breaker.reason == nil)
        #expect(breaker.since == nil)
        #expect(breaker.opening(now: start + .seconds(7)) == .now)
    }

    @Test func `each failed probe doubles the pause up to a minute, and a success begins anew`() {
        var breaker = Breaker()
        for _ in 0..<10 { breaker.failed(now: start, isProbe: false, jitter: 0) }
        var now = start + .seconds(5)
        for pause in [10, 20, 40, 60, 60] {
            #expect(breaker.opening(now: now) == .now)
            #expect(breaker.send() == true)
            breaker.failed(now: now, isProbe: true, jitter: 0)
            #expect(breaker.opening(now: now) == .at(now + .seconds(pause)))
            now = now + .seconds(pause)
        }
        #expect(breaker.since == start)
        #expect(breaker.opening(now: now) == .now)
        #expect(breaker.send() == true)
        breaker.succeeded(now: now, isProbe: true)
        breaker.trip(.unauthorized, now: now, jitter: 0)
        #expect(breaker.opening(now: now) == .at(now + .seconds(5)))
    }

    @Test func `less than half failing keeps it closed, and so do few calls and old ones`() {
        var mixed = Breaker()
        for number in 0..<200 {
            if number % 5 >= 3 {
                mixed.failed(now: start, isProbe: false, jitter: 0)
            } else {
                mixed.succeeded(now: start, isProbe: false)
            }
        }
        #expect(mixed.isClosed)

        var few = Breaker()
        for _ in 0..<9 { few.failed(now: start, isProbe: false, jitter: 0) }
        #expect(few.isClosed)
        // Thirty seconds later the nine are forgotten.
        few.failed(now: start + .seconds(30), isProbe: false, jitter: 0)
        #expect(few.isClosed)
        few.failed(now: start + .seconds(30) + .nanoseconds(-1), isProbe: false, jitter: 0)
        #expect(!few.isClosed)
    }

    @Test func `a probe that says nothing lets the next one go`() {
        var breaker = Breaker()
        breaker.trip(.deadLetterBudget, now: start, jitter: 0)
        let later = start + .seconds(5)
        #expect(breaker.opening(now: later) == .now)
        #expect(breaker.send() == true)
        breaker.probeWithdrawn()
        #expect(breaker.opening(now: later) == .now)
        #expect(breaker.send() == true)
    }

    @Test func `calls that were out together and are refused one after the other open it once`() {
        var breaker = Breaker()
        for _ in 0..<16 { breaker.trip(.unauthorized, now: start, jitter: 0) }
        #expect(breaker.opening(now: start) == .at(start + .seconds(5)))
    }

    @Test func `jitter adds up to a tenth`() {
        var breaker = Breaker()
        breaker.trip(.unauthorized, now: start, jitter: 0.5)
        #expect(breaker.opening(now: start) == .at(start + .milliseconds(5_250)))
    }
}
