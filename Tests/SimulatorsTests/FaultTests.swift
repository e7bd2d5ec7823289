import HTTPTypes
import ProviderKit
import Testing

@testable import Simulators

@Suite struct FaultTests {
    private static let path = "/convor/api/conversations/c-1/assign"
    private static let body = #"{"operatorId":"op"}"#

    @Test func `a status with body and headers strikes as often as it says, without effect`() async throws {
        try await Harness.run { harness in
            harness.simulator.add(
                Fault(.status(503, body: #"{"down":true}"#, headers: ["Retry-After": "9"]), provider: .convor, times: 2)
            )
            for _ in 0..<2 {
                let answer = try await harness.send(.post, Self.path, Self.body)
                #expect(answer.status == 503)
                #expect(answer.header("retry-after") == "9")
                #expect(answer.json["down"]?.bool == true)
            }
            #expect(harness.simulator.changes().isEmpty)
            #expect(try await harness.send(.post, Self.path, Self.body).status == 200)
            #expect(harness.simulator.statistics().faulted == 2)
        }
    }

    @Test(arguments: [
        Fault(.status(500), provider: .hatif), Fault(.status(500), account: "other"),
        Fault(.status(500), method: "GET"),
        Fault(.status(500), pathPrefix: "/v2/"), Fault(.status(500), pathContains: "unassign"),
        Fault(.status(500), entity: "c-2"), Fault(.status(500), times: 0), Fault(.status(500), probability: 0),
    ])
    func `a rule that does not fit lets the call pass`(fault: Fault) async throws {
        try await Harness.run { harness in
            harness.simulator.add(fault)
            let answer = try await harness.send(.post, Self.path, Self.body)
            #expect(answer.status == 200)
        }
    }

    @Test func `the first rule that fits decides, and rules can be removed`() async throws {
        try await Harness.run { harness in
            let first = harness.simulator.add(
                Fault(.status(502), pathPrefix: "/api/", pathContains: "assign", entity: "c-1")
            )
            harness.simulator.add(Fault(.status(504)))
            let answer = try await harness.send(.post, Self.path, Self.body)
            #expect(answer.status == 502)
            harness.simulator.removeFaults(id: first)
            #expect(try await harness.send(.post, Self.path, Self.body).status == 504)
            harness.simulator.removeFaults()
            #expect(try await harness.send(.post, Self.path, Self.body).status == 200)
        }
    }

    @Test(arguments: [(false, 0), (true, 1)])
    func `a connection that ends without an answer is lost, whether the call had its effect or not`(
        applied: Bool,
        changes: Int
    ) async throws {
        try await Harness.run { harness in
            harness.simulator.add(Fault(.reset(applied: applied), times: 1))
            let kind = await harness.failure(of: try harness.request(.post, Self.path, Self.body))
            #expect(kind == .lost)
            #expect(harness.simulator.changes().count == changes)
            #expect(harness.simulator.statistics().count(0) == 1)
            #expect(try await harness.send(.post, Self.path, Self.body).status == 200)
        }
    }

    @Test(arguments: [(false, 0), (true, 1)])
    func `a call that hangs times out`(applied: Bool, changes: Int) async throws {
        try await Harness.run { harness in
            harness.simulator.add(Fault(.hang(applied: applied)))
            let kind = try await harness.failureOnceStruck(.post, Self.path, Self.body)
            #expect(kind == .timeout)
            while harness.simulator.changes().count < changes { await Task.yield() }
            #expect(harness.simulator.changes().isEmpty == (changes == 0))
        }
    }

    @Test(arguments: [(false, 1), (true, 0)])
    func `a late answer comes after the effect, or with it`(late: Bool, changes: Int) async throws {
        try await Harness.run { harness in
            harness.simulator.add(Fault(.delay(.seconds(3_600), late: late)))
            let kind = try await harness.failureOnceStruck(.post, Self.path, Self.body)
            #expect(kind == .timeout)
            while harness.simulator.changes().count < changes { await Task.yield() }
            #expect(harness.simulator.changes().isEmpty == (changes == 0))
        }
    }

    @Test func `449, 429 with and without a delay, and a body that is no JSON`() async throws {
        try await Harness.run { harness in
            let path = "/aelyst/v1/contact/id:1/conversation/assignee"
            for action in [Fault.Action.queued, .throttle(retryAfter: 7), .throttle(retryAfter: nil), .garbage] {
                harness.simulator.add(Fault(action, times: 1))
            }
            let queued = try await harness.send(.post, path, #"{"assignee":1}"#)
            #expect(queued.status == 449)
            #expect(queued.json["code"]?.int == 449)
            let told = try await harness.send(.post, path, #"{"assignee":1}"#)
            #expect(told.status == 429)
            #expect(told.header("retry-after") == "7")
            let untold = try await harness.send(.post, path, #"{"assignee":1}"#)
            #expect(untold.status == 429)
            #expect(untold.header("retry-after") == nil)
            #expect(harness.simulator.changes().isEmpty)
            let garbage = try await harness.send(.post, path, #"{"assignee":1}"#)
            #expect(garbage.status == 200)
            #expect(garbage.json == .null)
            #expect(harness.simulator.changes().count == 1)
        }
    }

    @Test func `an expired token is refused until another is asked for`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            harness.simulator.add(Fault(.expireToken, provider: .hatif, pathPrefix: "/v2/", times: 1))
            #expect(try await harness.assignHatif("c-1", token: token, user: "u").status == 401)
            #expect(try await harness.assignHatif("c-1", token: token, user: "u").status == 401)
            let fresh = try await harness.hatifToken()
            #expect(try await harness.assignHatif("c-1", token: fresh, user: "u").status == 200)
            #expect(harness.simulator.statistics().tokensIssued == 2)
        }
    }

    @Test func `the token endpoint can fail, too`() async throws {
        try await Harness.run { harness in
            harness.simulator.add(Fault(.status(500), pathPrefix: "/connect/", times: 1))
            let form = "client_id=a&client_secret=b&grant_type=client_credentials&scope=VoxaAPI"
            let type = "application/x-www-form-urlencoded"
            let path = "/hatif/connect/token"
            let failed = try await harness.send(.post, path, token: nil, form, contentType: type)
            #expect(failed.status == 500)
            #expect(try await harness.send(.post, path, token: nil, form, contentType: type).status == 200)
        }
    }

    @Test func `chances repeat with the seed`() {
        let call = Router(convorAssignPath: "/a").call(
            HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/hatif/v1/contacts")
        )
        func strikes(seed: UInt64) -> [Bool] {
            var generator = SeededGenerator(seed: seed)
            var book = FaultBook()
            _ = book.add(Fault(.queued, probability: 0.5))
            return (0..<64).map { _ in call.flatMap { book.strike($0, account: "a", using: &generator) } != nil }
        }
        #expect(strikes(seed: 1) == strikes(seed: 1))
        #expect(strikes(seed: 1) != strikes(seed: 2))
        #expect(Set(strikes(seed: 1)).count == 2)
    }
}
