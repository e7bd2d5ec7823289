import Scheduling
import Testing

/// One bad command, a provider that is down, and credentials that are refused: three different things.
@Suite struct LaneFailureTests {
    @Test func `a command that fails while others succeed is exhausted after its attempts, and the account stays open`()
    {
        var world = LaneTranscript()
        world.add("poison")
        var attempts = 0
        var number = 0
        var exhausted = false
        while !exhausted, number < 2_000 {
            for event in world.all() {
                guard case .send(let name) = event else { continue }
                if name == "poison" {
                    attempts += 1
                    exhausted = world.fail("poison") == .exhausted
                } else {
                    world.succeed(name)
                }
            }
            number += 1
            world.now = world.now + .milliseconds(500)
            world.add("good \(number)")
        }
        #expect(attempts == 8)
        #expect(world.lane.lastTally.attempts == 8)
        #expect(world.lane.breaker.isClosed)
    }

    /// Ten hours in which nothing works, then everything does.
    @Test(arguments: [true, false])
    func `an outage exhausts nothing, is probed with one call at a time, and ends with the first success`(reached: Bool)
    {
        var world = LaneTranscript()
        for number in 0..<50 { world.add("\(number)") }
        let end = start + .seconds(36_000)
        var calls = 0
        while world.now < end {
            let isOpen = !world.lane.breaker.isClosed
            let events = world.all()
            if isOpen { #expect(events.count <= 1) }
            for case .send(let name) in events {
                calls += 1
                let settlement = reached ? world.fail(name) : world.settle(name, .unreachable)
                #expect(settlement == .continues)
            }
            if events.isEmpty, !world.sleep() {
                Issue.record("nothing to wait for")
                return
            }
        }
        // One probe a minute, and what was out before the breaker opened.
        #expect(calls > 500 && calls < 750)
        #expect(world.lane.backlog.live == 50)
        #expect(world.lane.breaker.reason == .failures)
        let back = world.now
        while !world.lane.isIdle {
            let events = world.all()
            for case .send(let name) in events { world.succeed(name) }
            if events.isEmpty, !world.sleep() { break }
        }
        #expect(world.lane.isIdle)
        // The last of the retries that were waiting, at most the longest wait of one.
        #expect(back.duration(to: world.now) <= .seconds(366))
    }

    @Test
    func `what failed while others succeeded may be exhausted within five minutes of an outage, and nothing else`() {
        var world = LaneTranscript()
        for number in 0..<9 { world.add("\(number)") }
        // All fail, somebody else succeeds, all fail again: they are the ones who are suspect.
        for case .send(let name) in world.all() { world.fail(name) }
        world.now = start + .milliseconds(100)
        world.add("good")
        for case .send(let name) in world.all() { world.succeed(name) }
        world.now = start + .milliseconds(500)
        for case .send(let name) in world.all() { world.fail(name) }
        // From here on nothing works for ten hours.
        for number in 0..<20 { world.add("fresh \(number)") }
        let end = world.now + .seconds(36_000)
        var exhausted: [String] = []
        var last = world.now
        while world.now < end {
            let events = world.all()
            for case .send(let name) in events where world.fail(name) == .exhausted {
                exhausted.append(name)
                last = world.now
            }
            if events.isEmpty, !world.sleep() { break }
        }
        #expect(!exhausted.contains { $0.hasPrefix("fresh") })
        #expect(start.duration(to: last) <= .seconds(300))
        #expect(world.lane.backlog.live >= 20)
    }

    @Test func `without the right to dead-letter the account closes, keeps the command, and probes`() {
        var world = LaneTranscript { settings in
            settings.retry.maxAttempts = 1
            settings.breaker.minimumCalls = 1_000
            settings.deadLetters.free = 2
        }
        for number in 0..<4 { world.add("\(number)") }
        #expect(world.all().count == 4)
        #expect(world.fail("0") == .exhausted)
        #expect(world.fail("1") == .exhausted)
        #expect(world.fail("2") == .continues)
        #expect(world.lane.breaker.reason == .deadLetterBudget)
        world.succeed("3")
        while world.all().isEmpty, world.sleep() {}
        #expect(world.now >= start + .seconds(5))
        #expect(world.lane.inFlight == 1)
        #expect(world.tally("2")[0] == 0)
        // A probe that fails keeps it closed, one that succeeds opens it, and successes have earned rights.
        #expect(world.fail("2") == .continues)
        while world.all().isEmpty, world.sleep() {}
        world.succeed("2")
        #expect(world.lane.breaker.isClosed)
        world.add("4")
        #expect(world.all() == [.send("4")])
        #expect(world.fail("4") == .exhausted)
    }

    @Test func `refused credentials close the account, are tried with one call, and open it again`() {
        var world = LaneTranscript { $0.concurrency = 4 }
        for number in 0..<8 { world.add("\(number)") }
        #expect(world.all().count == 4)
        for number in 0..<4 { #expect(world.settle("\(number)", .unauthorized) == .continues) }
        #expect(world.lane.breaker.reason == .unauthorized)
        let until = start + .milliseconds(5_250)
        #expect(world.next() == .wait(until))
        #expect(world.waiting("5") == .breaker(.unauthorized, until: until))
        world.now = until
        let probe = world.all()
        #expect(probe.count == 1)
        guard case .send(let name) = probe.first else { return }
        #expect(world.next() == .wait(nil))
        world.succeed(name)
        #expect(world.all().count == 4)
        #expect(world.tally("5") == [0, 0])
    }

    @Test func `a token that was old costs nothing but the call`() {
        var world = LaneTranscript()
        world.add("a")
        #expect(world.all() == [.send("a")])
        world.settle("a", .reauthorize)
        #expect(world.all() == [.send("a")])
        #expect(world.tally("a") == [0, 1])
        #expect(world.lane.breaker.isClosed)
    }

    @Test func `attempts that led to an opening are given back`() {
        var world = LaneTranscript { $0.concurrency = 16 }
        for number in 0..<10 { world.add("\(number)") }
        #expect(world.all().count == 10)
        for number in 0..<9 { world.fail("\(number)") }
        #expect(world.tally("0") == [1, 0])
        world.fail("9")
        #expect(!world.lane.breaker.isClosed)
        for number in 0..<10 { #expect(world.tally("\(number)") == [0, 1]) }
    }

    @Test func `attempts held against a command go on with the next owner, in its place and at its time`() {
        var first = LaneTranscript()
        first.add("bad")
        first.add("good")
        for case .send(let name) in first.all() where name == "bad" { first.fail(name) }
        first.now = first.now + .milliseconds(1)
        first.succeed("good")
        #expect(first.lane.retries.isEmpty)
        while first.all().isEmpty, first.sleep() {}
        first.fail("bad")
        #expect(first.lane.retries.map(\.attempts) == [2])
        guard let at = first.lane.retries.first?.at else {
            Issue.record("no instant")
            return
        }

        var second = LaneTranscript { $0.retry.maxAttempts = 3 }
        second.now = first.now
        second.add("before", entity: 7)
        second.add("bad", entity: 7)
        second.lane.resume(second.id("bad"), attempts: 2, at: at, now: second.now)
        #expect(second.all() == [.send("before")])
        second.succeed("before")
        #expect(second.all().isEmpty)
        #expect(second.waiting("bad") == .retry(attempts: 2, at: at))
        while second.all().isEmpty, second.sleep() {}
        #expect(second.now == at)
        second.add("good")
        for case .send(let name) in second.all() { second.succeed(name) }
        #expect(second.fail("bad") == .exhausted)
        #expect(second.lane.retries.isEmpty)
    }

    /// A few commands at random times in hours of outage, so that seldom or never ten calls are made within 30 seconds.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `an outage exhausts nothing, however few commands there are`(seed: UInt64) {
        var random = SplitMix(state: seed &* 77 &+ 1)
        var world = LaneTranscript { settings in
            settings.retry.maxAttempts = Int.random(in: 6...10, using: &random)
            settings.concurrency = Int.random(in: 1...8, using: &random)
        }
        // What worked before is too long ago to be held against anybody.
        world.add("before")
        for case .send(let name) in world.all() { world.succeed(name) }
        world.now = start + .seconds(301)
        let end = world.now + .seconds(36_000)
        let arrivals = (0..<Int.random(in: 1...12, using: &random))
            .map { _ in world.now + .seconds(Int.random(in: 0..<36_000, using: &random)) }.sorted()
        var added = 0
        while world.now < end {
            world.random = Double.random(in: 0..<1, using: &random)
            let events = world.all()
            for case .send(let name) in events { #expect(world.fail(name) == .continues) }
            guard events.isEmpty else { continue }
            let next = added < arrivals.count ? arrivals[added] : end
            if !world.sleep(atMost: next) {
                if added < arrivals.count { world.add("\(added)") }
                added += 1
            }
        }
        while !world.lane.isIdle {
            let events = world.all()
            for case .send(let name) in events {
                #expect(world.tally(name)[0] < 10)
                world.succeed(name)
            }
            if events.isEmpty, !world.sleep() { break }
        }
        #expect(world.lane.isIdle)
    }

    @Test func `retries that are over before an outage could be seen are spent by a lone command, too`() {
        var world = LaneTranscript { settings in
            settings.retry = RetryPolicy(maxAttempts: 3, base: .milliseconds(10), cap: .milliseconds(20))
        }
        world.add("alone")
        var ends: [Settlement] = []
        while !world.lane.isIdle {
            let events = world.all()
            for case .send(let name) in events { ends.append(world.fail(name)) }
            if events.isEmpty, !world.sleep() { break }
        }
        #expect(ends == [.continues, .continues, .exhausted])
    }

    /// Every command is looked at first, which works, and then fails.
    @Test func `where reading works and writing fails, nothing is exhausted`() {
        var world = LaneTranscript()
        var looked: Set<String> = []
        var calls = 0
        for number in 0..<30 { world.add("\(number)") }
        let end = start + .seconds(3_600)
        while world.now < end {
            let events = world.all()
            for case .send(let name) in events {
                calls += 1
                if looked.insert(name).inserted {
                    world.settle(name, .proceed(.init(endpoint: 1, path: 1), isCommitted: false, .silent))
                } else {
                    looked.remove(name)
                    #expect(world.fail(name) == .continues)
                }
            }
            if events.isEmpty, !world.sleep() { break }
        }
        #expect(calls > 100)
        #expect(world.lane.backlog.live == 30)
    }

    @Test func `a provider that works but does not do what a command asks for exhausts it, alone or not`() {
        var world = LaneTranscript()
        world.add("ignored")
        var ends: [Settlement] = []
        while !world.lane.isIdle {
            let events = world.all()
            for case .send(let name) in events {
                ends.append(world.settle(name, .failed(.init(endpoint: 0, path: 0), .silent, isOwnFault: true)))
            }
            if events.isEmpty, !world.sleep() { break }
        }
        #expect(ends == Array(repeating: .continues, count: 7) + [.exhausted])
        #expect(world.lane.breaker.isClosed)
    }
}
