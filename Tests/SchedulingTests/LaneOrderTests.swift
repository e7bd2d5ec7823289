import Scheduling
import Testing

/// Whose turn it is.
@Suite struct LaneOrderTests {
    @Test func `one entity's commands go one at a time, in order, while others overtake`() {
        var world = LaneTranscript()
        world.add("a1", entity: 1)
        world.add("a2", entity: 1)
        world.add("b1", entity: 2)
        #expect(world.all() == [.send("a1"), .send("b1")])
        #expect(world.waiting("a2") == .behind(world.id("a1")))
        world.succeed("b1")
        #expect(world.all().isEmpty)
        world.succeed("a1")
        #expect(world.all() == [.send("a2")])
    }

    @Test func `a command that waits for a retry holds its own entity only`() {
        var world = LaneTranscript()
        world.add("a1", entity: 1)
        world.add("a2", entity: 1)
        #expect(world.all() == [.send("a1")])
        world.fail("a1")
        world.add("b1", entity: 2)
        #expect(world.all() == [.send("b1")])
        #expect(world.next() == .wait(start + .milliseconds(500)))
        #expect(world.waiting("a1") == .retry(attempts: 1, at: start + .milliseconds(500)))
        #expect(world.waiting("a2") == .behind(world.id("a1")))
        world.now = start + .milliseconds(500)
        #expect(world.all() == [.send("a1")])
    }

    @Test func `live work goes first, and a tenth of the calls is bulk work's`() {
        var world = LaneTranscript { $0.concurrency = 1 }
        for number in 0..<1_200 {
            world.add("live \(number)")
            world.add("bulk \(number)", .bulk)
        }
        var bulk = 0
        for call in 1...1_000 {
            guard case .send(let name) = world.next() else {
                Issue.record("no call")
                return
            }
            if name.hasPrefix("bulk") { bulk += 1 }
            #expect(abs(Double(bulk) - Double(call) / 10) <= 1.1)
            world.succeed(name)
        }
        #expect(bulk == 100)
    }

    @Test func `bulk work saves no share for a time in which it had nothing to do`() {
        var world = LaneTranscript { $0.concurrency = 1 }
        for number in 0..<100 { world.add("live \(number)") }
        for _ in 0..<50 {
            guard case .send(let name) = world.next() else { break }
            world.succeed(name)
        }
        for number in 0..<10 { world.add("bulk \(number)", .bulk) }
        for _ in 0..<8 {
            guard case .send(let name) = world.next() else { break }
            #expect(name.hasPrefix("live"))
            world.succeed(name)
        }
    }

    @Test func `campaigns take turns, whatever their sizes`() {
        var world = LaneTranscript { $0.concurrency = 1 }
        for number in 0..<100 { world.add("large \(number)", .bulk, flow: 1) }
        for number in 0..<3 { world.add("small \(number)", .bulk, flow: 2) }
        for number in 0..<100 { world.add("other \(number)", .bulk, flow: 3) }
        var turns: [String] = []
        for _ in 0..<13 {
            guard case .send(let name) = world.next() else { break }
            turns.append(String(name.prefix(1)))
            world.succeed(name)
        }
        #expect(turns.joined() == "lsolsolsololo")
    }

    @Test func `a live command overtakes the bulk commands of its entity that wait, not the one that is out`() {
        var world = LaneTranscript()
        world.add("bulk 1", entity: 1, .bulk)
        world.add("bulk 2", entity: 1, .bulk, time: start + .seconds(60))
        #expect(world.all() == [.send("bulk 1")])
        world.add("live", entity: 1)
        #expect(world.all().isEmpty)
        world.succeed("bulk 1")
        #expect(world.all() == [.send("live")])
        world.succeed("live")
        #expect(world.all() == [.send("bulk 2")])
    }

    @Test func `nothing of the entity comes between a command's steps`() {
        var world = LaneTranscript { $0.concurrency = 1 }
        world.add("bulk", entity: 1, .bulk)
        #expect(world.all() == [.send("bulk")])
        world.add("live", entity: 1)
        world.settle("bulk", .proceed(.init(endpoint: 1, path: 0), isCommitted: false, .silent))
        #expect(world.all() == [.send("bulk")])
        world.succeed("bulk")
        #expect(world.all() == [.send("live")])
    }

    @Test func `a bulk command older than a live one applied to its entity is stale`() {
        var world = LaneTranscript()
        world.add("live", entity: 1)
        #expect(world.all() == [.send("live")])
        world.add("older", entity: 1, .bulk, time: start + .nanoseconds(-1))
        world.add("as old", entity: 1, .bulk, time: start)
        world.add("elsewhere", entity: 2, .bulk, time: start + .seconds(-60))
        world.succeed("live")
        #expect(world.all() == [.send("elsewhere"), .stale("older"), .send("as old")])
    }

    @Test func `a live command that failed makes nothing stale`() {
        var world = LaneTranscript()
        world.add("live", entity: 1)
        #expect(world.all() == [.send("live")])
        world.add("older", entity: 1, .bulk, time: start + .seconds(-1))
        world.settle("live", .finished(success: false, .silent))
        #expect(world.all() == [.send("older")])
    }

    @Test func `a bulk command becomes stale while it waits for its retry`() {
        var world = LaneTranscript()
        world.add("bulk", entity: 1, .bulk)
        #expect(world.all() == [.send("bulk")])
        world.fail("bulk")
        world.now = start + .milliseconds(100)
        world.add("live", entity: 1)
        #expect(world.all() == [.send("live")])
        world.succeed("live")
        #expect(world.next() == .wait(start + .milliseconds(500)))
        world.now = start + .milliseconds(500)
        #expect(world.all() == [.stale("bulk")])
        #expect(world.lane.isIdle)
    }

    @Test func `a change that is made is looked at, stale or not`() {
        var world = LaneTranscript()
        world.lane.fence.note(1, time: start)
        world.add("new", entity: 1, .bulk)
        #expect(world.all() == [.send("new")])
        world.lane.fence.note(1, time: start + .seconds(1))
        world.settle("new", .proceed(.init(endpoint: 1, path: 0), isCommitted: true, .silent))
        #expect(world.all() == [.send("new")])
    }

    @Test func `ten waiting commands of an entity make one call, and name the one that won`() {
        var world = LaneTranscript()
        world.add("out", entity: 1, coalesces: true)
        #expect(world.all() == [.send("out")])
        for number in 1...10 { world.add("\(number)", entity: 1, coalesces: true) }
        world.succeed("out")
        #expect(world.all() == (1...9).map { .superseded("\($0)", by: "10") } + [.send("10")])
        world.succeed("10")
        #expect(world.lane.isIdle)
    }

    @Test func `nothing is superseded across a command that does not coalesce`() {
        var world = LaneTranscript { $0.concurrency = 1 }
        world.add("first", entity: 1, coalesces: true)
        world.add("expects", entity: 1)
        world.add("second", entity: 1, coalesces: true)
        world.add("third", entity: 1, coalesces: true)
        #expect(world.all() == [.send("first")])
        world.succeed("first")
        #expect(world.all() == [.send("expects")])
        world.succeed("expects")
        #expect(world.all() == [.superseded("second", by: "third"), .send("third")])
    }

    @Test func `twenty accounts each have their own limit, order and failures`() {
        var lanes = (0..<20).map { _ in LaneTranscript([RateLimit(requests: 3, per: .seconds(60))]) }
        for index in lanes.indices {
            for number in 0..<10 { lanes[index].add("\(number)", entity: UInt128(number)) }
        }
        lanes[7].lane.isPaused = true
        for index in lanes.indices {
            #expect(lanes[index].all() == (index == 7 ? [] : (0..<3).map { .send("\($0)") }))
        }
    }
}
