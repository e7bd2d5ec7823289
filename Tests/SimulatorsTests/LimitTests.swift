import HTTPTypes
import Testing

@testable import Simulators

private let second: Int64 = 1_000_000_000

@Suite struct LimitTests {
    @Test func `the audit counts each call that an exact log would refuse, and the peak of any window`() {
        var audit = LimitAudit(SimulatedLimit(requests: 3, per: .seconds(1), scope: .account))
        let key = ScopeKey(account: 1, path: "")
        let times: [Int64] = [0, 900_000_000, 950_000_000, 1_000_000_000, 1_100_000_000, 1_899_999_999, 1_900_000_000]
        let violations = times.map { audit.arrival(key, at: $0) }
        // At 1.0 s the first has left. At 1.1 s the window still holds 0.9, 0.95 and 1.0.
        #expect(violations == [false, false, false, false, true, true, false])
        let record = audit.records[key]
        #expect(record?.calls == 7)
        #expect(record?.violations == 2)
        #expect(record?.peak == 5)
    }

    @Test func `utilization is of whole windows since the first call`() throws {
        var audit = LimitAudit(SimulatedLimit(requests: 4, per: .seconds(1), scope: .account))
        let key = ScopeKey(account: 1, path: "")
        for time in [5 * second, 5 * second + 1, 6 * second + 2, 7 * second] {
            _ = audit.arrival(key, at: time)
        }
        let record = try #require(audit.records[key])
        #expect(record.windows == [2, 1, 1])
        #expect(audit.utilization(of: record) == 3.0 / 8.0)
    }

    @Test func `a lowered limit keeps what was counted`() {
        var gate = LimitGate(SimulatedLimit(requests: 4, per: .seconds(1), scope: .account), .slidingLog)
        let key = ScopeKey(account: 1, path: "")
        for time in [Int64(0), 1, 2] { _ = gate.decide(key, at: time, take: true) }
        gate.change(requests: 2)
        let refused = gate.decide(key, at: 10, take: true)
        #expect(!refused.allowed)
        // Two of three have to leave before one may pass.
        #expect(refused.wait == second + 1 - 10)
        #expect(!gate.decide(key, at: second, take: true).allowed)
        #expect(gate.decide(key, at: second + 1, take: true).allowed)
    }

    @Test(arguments: [
        (LimitAlgorithm.slidingLog, [true, true, false, false, true]),
        (.fixedWindow, [true, true, true, true, false]),
        (.tokenBucket, [true, true, false, true, true]),
    ])
    func `algorithms differ around a boundary`(algorithm: LimitAlgorithm, expected: [Bool]) {
        var gate = LimitGate(SimulatedLimit(requests: 2, per: .seconds(1), scope: .account), algorithm)
        let key = ScopeKey(account: 1, path: "")
        let times: [Int64] = [second / 10 * 8, second / 10 * 9, second, second / 10 * 14, second / 10 * 19]
        #expect(times.map { gate.decide(key, at: $0, take: true).allowed } == expected)
    }

    @Test func `a call beyond the limit is refused until the window has moved on`() async throws {
        try await Harness.run { harness in
            let path = "/aelyst/v1/contact/id:1/conversation/assignee"
            for left in (0..<5).reversed() {
                let answer = try await harness.send(.post, path, #"{"assignee":1}"#)
                #expect(answer.status == 200)
                #expect(answer.header("x-ratelimit-limit") == "5")
                #expect(answer.header("x-ratelimit-remaining") == String(left))
            }
            let refused = try await harness.send(.post, path, #"{"assignee":2}"#)
            #expect(refused.status == 429)
            #expect(refused.header("retry-after") == "1")
            #expect(refused.header("x-ratelimit-remaining") == "0")
            #expect(refused.json["message"]?.string == "Too Many Requests")
            // Another path is another bucket.
            let other = try await harness.send(
                .post,
                "/aelyst/v1/contact/id:2/conversation/assignee",
                #"{"assignee":1}"#
            )
            #expect(other.status == 200)
            harness.clock.advance(.seconds(1))
            #expect(try await harness.send(.post, path, #"{"assignee":1}"#).status == 200)

            let statistics = harness.simulator.statistics()
            #expect(statistics.throttled == 1)
            #expect(statistics.violations[.aelyst] == 1)
            #expect(statistics.limits.first { $0.provider == .aelyst }?.peak == 6)
            #expect(harness.simulator.changes().count == 7)
        }
    }

    @Test func `Hatif limits the account without saying for how long, Convor says`() async throws {
        try await Harness.run {
            let limit = SimulatedLimit(requests: 1, per: .seconds(60), scope: .account)
            $0.limits[.hatif] = LimitPolicy([limit], retryAfter: false)
            $0.limits[.convor] = LimitPolicy([limit])
        } _: { harness in
            let token = try await harness.hatifToken()
            let others = try await harness.hatifToken("other")
            #expect(try await harness.assignHatif("c-1", token: token, user: "u").status == 200)
            let refused = try await harness.assignHatif("c-2", token: token, user: "u")
            #expect(refused.status == 429)
            #expect(refused.header("retry-after") == nil)
            #expect(try await harness.assignHatif("c-1", token: others, user: "u").status == 200)

            _ = try await harness.send(.post, "/convor/api/conversations/c-1/unassign")
            harness.clock.advance(.milliseconds(100))
            let later = try await harness.send(.post, "/convor/api/conversations/c-1/unassign")
            #expect(later.status == 429)
            #expect(later.header("retry-after") == "60")
        }
    }

    @Test func `with enforcement off everything passes and is still counted`() async throws {
        try await Harness.run {
            var policy = LimitPolicy.standard(of: .convor)
            policy.limits = [SimulatedLimit(requests: 2, per: .seconds(60), scope: .endpoint)]
            policy.enforcement = .off
            $0.limits[.convor] = policy
        } _: { harness in
            for number in 0..<5 {
                let answer = try await harness.send(.post, "/convor/api/conversations/c-\(number)/unassign")
                #expect(answer.status == 200)
            }
            let limit = try #require(harness.simulator.statistics().limits.first { $0.provider == .convor })
            #expect(limit.violations == 3)
            #expect(limit.peak == 5)
            #expect(limit.busiest.first?.path == "POST /api/conversations/{id}/unassign")
            #expect(limit.busiest.first?.account == "main")
        }
    }

    @Test func `other limits than the audited ones can be enforced, and changed without notice`() async throws {
        try await Harness.run {
            let audited = SimulatedLimit(requests: 100, per: .seconds(60), scope: .account)
            let enforced = SimulatedLimit(requests: 4, per: .seconds(60), scope: .account)
            $0.limits[.convor] = LimitPolicy([audited], enforcement: .other([enforced]))
        } _: { harness in
            func call() async throws -> Int {
                try await harness.send(.post, "/convor/api/conversations/c-1/unassign").status
            }
            for _ in 0..<3 {
                let passed = try await call()
                #expect(passed == 200)
            }
            let halved = SimulatedLimit(requests: 2, per: .seconds(60), scope: .account)
            harness.simulator.setLimits(LimitPolicy([halved]), of: .convor)
            let refused = try await call()
            #expect(refused == 429)
            #expect(harness.simulator.statistics().violations[.convor] == 1)
        }
    }

    @Test func `a call takes from all of its limits or from none`() {
        let minute = SimulatedLimit(requests: 3, per: .seconds(60), scope: .account)
        let burst = SimulatedLimit(requests: 1, per: .seconds(1), scope: .account)
        var desk = LimitDesk(LimitPolicy([minute, burst]))
        func call(at time: Int64) -> Bool {
            desk.admit(account: 1, endpoint: "e", path: "p", at: time).refusedFor == nil
        }
        #expect(call(at: 0))
        for time in 1..<10 { #expect(!call(at: Int64(time))) }
        #expect(call(at: second))
        #expect(call(at: second * 2))
        #expect(!call(at: second * 3))
    }
}
