import Scheduling
import Testing

/// Campaigns that are slowed down or kept back, and entities that are left alone.
@Suite struct LaneFlowTests {
    /// When each of the flow's calls went, in milliseconds after the start.
    private func run(_ world: inout LaneTranscript) -> [(name: String, at: Int64)] {
        var sent: [(name: String, at: Int64)] = []
        while !world.lane.isIdle {
            let events = world.all()
            for case .send(let name) in events {
                sent.append((name, start.duration(to: world.now).nanoseconds / 1_000_000))
                world.succeed(name)
            }
            if events.isEmpty, !world.sleep() { break }
        }
        return sent
    }

    @Test func `a campaign's calls keep their distance, and nobody else waits for them`() {
        var world = LaneTranscript()
        world.lane.limitFlow(7, to: 4, now: start)
        for number in 0..<5 { world.add("slow \(number)", .bulk, flow: 7) }
        for number in 0..<20 {
            world.add("live \(number)")
            world.add("other \(number)", .bulk, flow: 8)
        }
        let sent = run(&world)
        #expect(sent.filter { $0.name.hasPrefix("slow") }.map(\.at) == [0, 250, 500, 750, 1_000])
        #expect(sent.filter { !$0.name.hasPrefix("slow") }.allSatisfy { $0.at == 0 })
        #expect(sent.count == 45)
    }

    @Test func `time that a slow campaign did not use is not made up for in a burst`() {
        var world = LaneTranscript()
        world.lane.limitFlow(7, to: 10, now: start)
        world.now = start + .seconds(60)
        for number in 0..<3 { world.add("\(number)", .bulk, flow: 7) }
        let sent = run(&world)
        #expect(sent.map(\.at) == [60_000, 60_100, 60_200])
    }

    @Test func `the same limit again changes nothing, another one holds at once, and none sets it free`() {
        var world = LaneTranscript()
        world.lane.limitFlow(7, to: 1, now: start)
        for number in 0..<6 { world.add("\(number)", .bulk, flow: 7) }
        let step1 = world.all()
        #expect(step1 == [.send("0")])
        world.lane.limitFlow(7, to: 1, now: start)
        let step2 = world.all()
        #expect(step2 == [])
        world.lane.limitFlow(7, to: 100, now: start)
        let step3 = world.all()
        #expect(step3 == [.send("1")])
        world.lane.limitFlow(7, to: nil, now: start)
        let step4 = world.all()
        #expect(step4.count == 4)
    }

    @Test func `a campaign that is kept back waits for its release, and nothing wakes the lane before`() {
        var world = LaneTranscript()
        world.lane.hold(flow: 7)
        world.add("held", .bulk, flow: 7)
        world.add("other", .bulk, flow: 8)
        let step5 = world.next()
        #expect(step5 == .send("other"))
        let step6 = world.next()
        #expect(step6 == .wait(nil))
        let isWithdrawn = world.lane.withdraw(world.id("held"))
        #expect(isWithdrawn)
        world.add("later", .bulk, flow: 7)
        world.lane.release(flow: 7)
        let step7 = world.next()
        #expect(step7 == .send("later"))
    }

    @Test func `bulk work that may not go does not use up the share of what may`() {
        var world = LaneTranscript([RateLimit(requests: 1, per: .milliseconds(100), scope: .account)])
        world.lane.hold(flow: 7)
        world.add("held", .bulk, flow: 7)
        for number in 0..<50 { world.add("live \(number)") }
        var sent = 0
        while world.lane.backlog.live > 0 {
            let events = world.all()
            for case .send(let name) in events {
                sent += 1
                world.succeed(name)
            }
            if events.isEmpty, !world.sleep() { break }
        }
        #expect(sent == 50)
        #expect(start.duration(to: world.now) <= .milliseconds(4_950))
    }

    @Test func `an entity at rest is left alone until it is over, others are not, and later work waits as well`() {
        var world = LaneTranscript()
        world.lane.rest(1, until: start + .seconds(10))
        world.lane.rest(1, until: start + .seconds(5))
        world.add("first", entity: 1)
        world.add("second", entity: 1)
        world.add("other", entity: 2)
        let step8 = world.all()
        #expect(step8 == [.send("other")])
        let reason = world.waiting("first")
        #expect(reason == .resting(until: start + .seconds(10)))
        _ = world.sleep()
        #expect(world.now == start + .seconds(10))
        let step9 = world.all()
        #expect(step9 == [.send("first")])
        world.succeed("first")
        let step10 = world.all()
        #expect(step10 == [.send("second")])
    }
}
