import Scheduling
import Testing

/// What a lane waits for, and until when.
@Suite struct LaneWaitTests {
    static let minute = RateLimit(requests: 1, per: .seconds(60))

    @Test func `a slot comes free one window after the answer, and the lane says when`() {
        var world = LaneTranscript([Self.minute])
        world.add("a")
        world.add("b")
        #expect(world.all() == [.send("a")])
        #expect(world.next() == .wait(nil))
        #expect(world.waiting("b") == .limit(until: nil))
        world.now = start + .seconds(2)
        world.succeed("a")
        #expect(world.next() == .wait(start + .seconds(62)))
        #expect(world.waiting("b") == .limit(until: start + .seconds(62)))
        world.now = start + .seconds(62)
        #expect(world.next() == .send("b"))
    }

    @Test
    func `a 429 keeps the command's place and attempts, and closes the account until the instant and a little more`() {
        var world = LaneTranscript { $0.concurrency = 4 }
        world.add("a")
        #expect(world.all() == [.send("a")])
        #expect(world.waiting("a") == .inFlight(since: start))
        world.add("b")
        world.settle("a", .throttled(ProviderWord(retryAt: start + .seconds(30))))
        let reopens = start + .seconds(30) + .milliseconds(125)
        #expect(world.next() == .wait(reopens))
        #expect(world.waiting("b") == .throttled(Closure(until: reopens, authority: .retryAfter)))
        #expect(world.tally("a") == [0, 1])
        world.now = reopens + .nanoseconds(-1)
        #expect(world.next() == .wait(reopens))
        world.now = reopens
        #expect(world.next() == .send("a"))
    }

    @Test func `Retry-After of a failure holds that command and no other`() {
        var world = LaneTranscript()
        world.add("a")
        #expect(world.all() == [.send("a")])
        world.settle("a", .failed(.init(endpoint: 0, path: 0), ProviderWord(retryAt: start + .seconds(90))))
        world.add("b")
        #expect(world.all() == [.send("b")])
        #expect(world.next() == .wait(start + .seconds(90)))
        #expect(world.tally("a") == [1, 0])
    }

    @Test func `the provider's count stands above ours: what others used is not there to be used`() {
        var world = LaneTranscript([RateLimit(requests: 10, per: .seconds(60))])
        world.add("a")
        world.add("b")
        #expect(world.next() == .send("a"))
        world.settle("a", .finished(success: true, ProviderWord(limit: 10, remaining: 0, resetAt: start + .seconds(5))))
        #expect(world.next() == .wait(start + .seconds(5)))
        world.now = start + .seconds(5)
        #expect(world.next() == .send("b"))
    }

    @Test(arguments: [(5, 5), (1_000, 10), (10, 10), (0, 10), (-3, 10)])
    func `a limit in the headers lowers ours and never raises it`(told: Int, effective: Int) {
        var world = LaneTranscript([RateLimit(requests: 10, per: .seconds(60))])
        world.add("a")
        #expect(world.next() == .send("a"))
        world.settle("a", .finished(success: true, ProviderWord(limit: told)))
        #expect(world.lane.budget.limitsInForce().map(\.effective) == [effective])
        for number in 0..<20 { world.add("\(number)") }
        var sent = 1
        while case .send(let name) = world.next() {
            sent += 1
            world.succeed(name)
        }
        #expect(sent == effective)
    }

    @Test func `a 449 waits for minutes on its own schedule and spends no attempt`() {
        var world = LaneTranscript()
        world.add("a")
        for minutes in [1.5, 3, 6, 11.25, 11.25] {
            #expect(world.next() == .send("a"))
            world.settle("a", .queued(.silent))
            let at = world.now + .milliseconds(Int(minutes * 60_000))
            #expect(world.next() == .wait(at))
            #expect(world.waiting("a") == .queuedByProvider(until: at))
            world.now = at
        }
        #expect(world.tally("a") == [0, 5])
    }

    @Test func `an endpoint's window holds nothing of another endpoint`() {
        var world = LaneTranscript([RateLimit(requests: 1, per: .seconds(60), scope: .endpoint)])
        world.add("a", endpoint: 1)
        world.add("b", endpoint: 1)
        world.add("c", endpoint: 2)
        #expect(world.all() == [.send("a"), .send("c")])
        world.succeed("a")
        #expect(world.next() == .wait(start + .seconds(60)))
        world.settle("c", .throttled(ProviderWord(retryAt: start + .seconds(90))))
        world.add("d", endpoint: 3)
        #expect(world.all() == [.send("d")])
        world.now = start + .seconds(60)
        #expect(world.all() == [.send("b")])
        #expect(world.next() == .wait(start + .seconds(90) + .milliseconds(125)))
    }

    @Test func `a path that is full holds its own commands only`() {
        var world = LaneTranscript([RateLimit(requests: 1, per: .seconds(60), scope: .path)])
        world.add("a", path: 1)
        world.add("b", path: 1)
        world.add("c", path: 2)
        world.add("d", path: 1)
        world.add("e", .bulk, path: 3)
        #expect(world.all() == [.send("a"), .send("c"), .send("e")])
        #expect(world.waiting("b") == .limit(until: nil))
        world.now = start + .seconds(1)
        world.succeed("a")
        #expect(world.next() == .wait(start + .seconds(61)))
        #expect(world.waiting("b") == .limit(until: start + .seconds(61)))
        world.now = start + .seconds(61)
        #expect(world.all() == [.send("b")])
        world.succeed("b")
        #expect(world.next() == .wait(start + .seconds(121)))
    }

    @Test func `an expired command is not sent, also when it expires while it waits`() {
        var world = LaneTranscript()
        world.add("late", expiry: start)
        world.add("soon", expiry: start + .milliseconds(400))
        #expect(world.all() == [.expired("late"), .send("soon")])
        world.fail("soon")
        world.now = start + .milliseconds(500)
        #expect(world.all() == [.expired("soon")])
        #expect(world.lane.isIdle)
    }

    @Test func `a paused lane sends nothing, takes answers, and goes on where it was`() {
        var world = LaneTranscript()
        world.add("a", entity: 1)
        world.add("b", entity: 1)
        #expect(world.all() == [.send("a")])
        world.lane.isPaused = true
        world.add("c", entity: 2)
        #expect(world.next() == .wait(nil))
        #expect(world.waiting("c") == .paused)
        world.succeed("a")
        #expect(world.next() == .wait(nil))
        world.lane.isPaused = false
        #expect(world.all() == [.send("c"), .send("b")])
    }

    @Test func `a call that was not made gives its slot back and goes first again`() {
        var world = LaneTranscript([Self.minute])
        world.add("a")
        world.add("b")
        #expect(world.all() == [.send("a")])
        world.settle("a", .withdrawn)
        #expect(world.tally("a") == [0, 0])
        #expect(world.all() == [.send("a")])
        world.succeed("a")
        #expect(world.next() == .wait(start + .seconds(60)))
    }

    @Test func `no more calls are out at once than the setting says`() {
        var world = LaneTranscript { $0.concurrency = 3 }
        for number in 0..<5 { world.add("\(number)") }
        #expect(world.all().count == 3)
        #expect(world.waiting("4") == .concurrency)
        world.succeed("0")
        #expect(world.all() == [.send("3")])
    }

    @Test func `waiting work can be taken out, and work that is out or not the first of its entity cannot`() {
        var world = LaneTranscript { $0.concurrency = 1 }
        world.add("a", entity: 1)
        world.add("b", entity: 1)
        world.add("c", entity: 2)
        #expect(world.all() == [.send("a")])
        #expect(world.lane.withdraw(world.id("a")) == false)
        #expect(world.lane.withdraw(world.id("b")) == false)
        #expect(world.lane.withdraw(world.id("c")) == true)
        world.succeed("a")
        #expect(world.all() == [.send("b")])
        world.succeed("b")
        #expect(world.lane.isIdle)
    }

    @Test func `an answer to work that is not out changes nothing`() {
        var world = LaneTranscript()
        world.add("a")
        #expect(world.settle("a", .finished(success: true, .silent)) == .continues)
        #expect(world.all() == [.send("a")])
        world.succeed("a")
        #expect(world.settle("a", .finished(success: true, .silent)) == .continues)
        #expect(world.lane.isIdle)
        #expect(world.lane.inFlight == 0)
    }

    @Test func `whose word a closure is: the provider's instant, its window's end, or nobody's`() {
        let cases: [(ProviderWord, Closure)] = [
            (
                ProviderWord(resetAt: start + .seconds(20)),
                Closure(until: start + .seconds(20) + .milliseconds(125), authority: .reset)
            ),
            (.silent, Closure(until: start + .seconds(1), authority: .ours)),
        ]
        for (word, closure) in cases {
            var world = LaneTranscript { $0.concurrency = 4 }
            world.add("a")
            #expect(world.all() == [.send("a")])
            world.settle("a", .throttled(word))
            #expect(world.waiting("a") == .throttled(closure))
        }
    }

    @Test func `a 429 that closes a path is told from a window that is full`() {
        var world = LaneTranscript([RateLimit(requests: 5, per: .seconds(60), scope: .path)])
        world.add("a", path: 1)
        world.add("b", path: 2)
        #expect(world.all() == [.send("a"), .send("b")])
        world.settle("a", .throttled(ProviderWord(retryAt: start + .seconds(30))))
        world.succeed("b")
        world.add("c", path: 1)
        world.add("d", path: 2)
        #expect(world.all() == [])
        let closure = Closure(until: start + .seconds(30) + .milliseconds(125), authority: .retryAfter)
        #expect(world.waiting("c") == .throttled(closure))
        // The refusal lowered the limit of all paths, but closed one.
        #expect(world.waiting("d") == .limit(until: start + .seconds(60)))
    }

    @Test func `a live command waits behind the bulk command of its entity that is out`() {
        var world = LaneTranscript()
        world.add("bulk", entity: 1, .bulk)
        #expect(world.all() == [.send("bulk")])
        world.add("live", entity: 1)
        #expect(world.waiting("live") == .behind(world.id("bulk")))
        world.succeed("bulk")
        #expect(world.all() == [.send("live")])
    }

    @Test func `of a retry and a breaker it waits for what opens later`() {
        var world = LaneTranscript { settings in
            settings.breaker.minimumCalls = 1
            settings.breaker.pause = .seconds(30)
        }
        world.add("a")
        #expect(world.all() == [.send("a")])
        world.fail("a")
        #expect(world.waiting("a") == .breaker(.failures, until: start + .milliseconds(31_500)))
    }
}
