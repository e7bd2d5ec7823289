import HTTPTypes
import Synchronization
import Testing

@testable import Simulators

@Suite struct ControlTests {
    private func lines(_ text: String) -> [JSON] {
        text.split(separator: "\n").compactMap { JSON(Array($0.utf8)) }
    }

    @Test func `the journal holds every call in order of arrival and can be read from a place on`() async throws {
        try await Harness.run { harness in
            for number in 0..<3 {
                _ = try await harness.send(.post, "/convor/api/conversations/c-\(number)/unassign")
            }
            _ = try await harness.send(.post, "/convor/nothing")
            _ = try await harness.send(.post, "/convor/api/conversations/c-0/unassign", token: nil)
            let all = lines(try await harness.send(.get, "/control/calls").text)
            #expect(all.map { $0["sequence"]?.int } == [0, 1, 2, 3, 4])
            #expect(all.map { $0["status"]?.int } == [200, 200, 200, 404, 401])
            #expect(all.first?["endpoint"]?.string == "POST /api/conversations/{id}/unassign")
            #expect(all.last?["account"]?.string == "")
            let later = lines(try await harness.send(.get, "/control/calls?since=1&limit=2").text)
            #expect(later.map { $0["entity"]?.string } == ["c-1", "c-2"])
            let some = lines(
                try await harness.send(.get, "/control/calls?provider=convor&entity=c-0&account=main").text
            )
            #expect(some.count == 1)
            let refused = lines(try await harness.send(.get, "/control/calls?status=404").text)
            #expect(refused.map { $0["sequence"]?.int } == [3])
        }
    }

    @Test func `a long journal comes whole, and a full one keeps the latest`() async throws {
        try await Harness.run {
            $0.limits[.convor] = LimitPolicy([], enforcement: .off)
            $0.journalCapacity = 4_100
        } _: { harness in
            harness.simulator.world.withLock { world in
                let head = HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/convor/nothing")
                guard let call = Router(convorAssignPath: "/a").call(head) else { return }
                for _ in 0..<4_200 {
                    let admission = world.admit(call, at: 0)
                    world.finish(admission.visit, status: 404)
                }
            }
            let all = lines(try await harness.send(.get, "/control/calls").text)
            #expect(all.count == 4_100)
            #expect(all.first?["sequence"]?.int == 100)
            #expect(all.last?["sequence"]?.int == 4_199)
            #expect(harness.simulator.statistics().arrived == 4_200)
        }
    }

    @Test func `a conversation shows its history, a stranger is 404`() async throws {
        try await Harness.run { harness in
            _ = try await harness.send(.post, "/convor/api/conversations/c-1/assign", #"{"operatorId":"a"}"#)
            _ = try await harness.send(.post, "/convor/api/conversations/c-1/unassign")
            let shown = try await harness.send(.get, "/control/conversations/c-1", token: nil)
            let conversation = try #require(shown.json["conversations"]?.array?.first)
            #expect(conversation["assignee"] == .null)
            #expect(conversation["history"]?.array?.map { $0["to"] } == [.string("user:a"), .null])
            #expect(try await harness.send(.get, "/control/conversations/c-2").status == 404)
            let changes = lines(try await harness.send(.get, "/control/changes?since=1").text)
            #expect(changes.map { $0["from"]?.string } == ["user:a"])
        }
    }

    @Test func `faults come and go through the control API`() async throws {
        try await Harness.run { harness in
            let rules = [
                #"{"action":"status","status":418,"body":"{}","headers":{"X-A":"1"},"provider":"convor","times":1}"#,
                #"{"action":"delay","ms":1}"#, #"{"action":"reset"}"#, #"{"action":"lostAnswer"}"#,
                #"{"action":"hang"}"#, #"{"action":"queued449"}"#, #"{"action":"expireToken"}"#,
                #"{"action":"garbageBody"}"#, #"{"action":"throttle429","retryAfter":3}"#,
            ]
            for (index, rule) in rules.enumerated() {
                let added = try await harness.send(.post, "/control/faults", rule)
                #expect(added.json["id"]?.int == index + 1)
            }
            let struck = try await harness.send(.post, "/convor/api/conversations/c-1/unassign")
            #expect(struck.status == 418)
            #expect(struck.header("x-a") == "1")
            let listed = try await harness.send(.get, "/control/faults")
            #expect(listed.json["faults"]?.array?.map { $0["struck"]?.int }.first == 1)
            _ = try await harness.send(.delete, "/control/faults/2")
            #expect(harness.simulator.world.withLock { $0.faults.entries.map(\.id) } == [1, 3, 4, 5, 6, 7, 8, 9])
            _ = try await harness.send(.delete, "/control/faults")
            #expect(try await harness.send(.post, "/convor/api/conversations/c-1/unassign").status == 200)
        }
    }

    @Test(arguments: [
        ("POST", "faults", #"{"action":"explode"}"#), ("POST", "faults", #"{"action":"status","status":99}"#),
        ("POST", "faults", #"{"action":"hang","provider":"nobody"}"#), ("POST", "faults", "{"),
        ("POST", "faults", #"{"action":"hang","probability":2}"#), ("PUT", "limits", #"{"provider":"x"}"#),
        ("PUT", "limits", #"{"provider":"hatif","limits":[{"requests":0,"perMs":1}]}"#),
        ("PUT", "limits", #"{"provider":"hatif","limits":[{"requests":1,"perMs":1,"scope":"moon"}]}"#),
        ("PUT", "limits", #"{"provider":"hatif","algorithm":"guess"}"#),
        ("PUT", "latency", #"{"provider":"hatif","minMs":5,"maxMs":1}"#), ("POST", "seed", #"{"provider":"hatif"}"#),
    ])
    func `a control call that makes no sense says so`(method: String, call: String, body: String) async throws {
        try await Harness.run { harness in
            let answer = try await harness.send(try #require(HTTPRequest.Method(method)), "/control/\(call)", body)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?.string?.isEmpty == false)
        }
    }

    @Test func `unknown addresses are 404`() async throws {
        try await Harness.run { harness in
            for path in ["/", "/control", "/control/nothing", "/other/v1", "/hatif", "/aelyst/v1"] {
                let token = path.hasPrefix("/hatif") ? try await harness.hatifToken() : "main"
                let answer = try await harness.send(.get, path, token: token)
                #expect(answer.status == 404, "\(path)")
            }
        }
    }

    @Test func `limits are shown and halved at run time`() async throws {
        try await Harness.run { harness in
            func call() async throws -> Int {
                try await harness.send(.post, "/convor/api/conversations/c-1/unassign").status
            }
            for _ in 0..<30 { #expect(try await call() == 200) }
            let halved = #"{"provider":"convor","limits":[{"requests":30,"perMs":60000,"scope":"account"}]}"#
            #expect(try await harness.send(.put, "/control/limits", halved).status == 200)
            #expect(try await call() == 429)
            _ = try await harness.send(.put, "/control/limits", #"{"provider":"convor","enforced":false}"#)
            #expect(try await call() == 200)

            let statistics = try await harness.send(.get, "/control/stats")
            #expect(statistics.json["violations"]?.int == 2)
            #expect(statistics.json["throttled"]?.int == 1)
            let limit = statistics.json["limits"]?.array?.first { $0["provider"]?.string == "convor" }
            #expect(limit?["requests"]?.int == 30)
            #expect(limit?["peak"]?.int == 32)
            #expect(limit?["busiest"]?.array?.first?["windows"]?.array == [.number("32")])
            let policy = statistics.json["policies"]?.array?.first { $0["provider"]?.string == "convor" }
            #expect(policy?["enforced"]?.array == [])
            #expect(try await harness.send(.get, "/control/limits").status == 200)
        }
    }

    @Test func `seeds, contacts, latency, tokens and reset`() async throws {
        try await Harness.run { harness in
            let seed = #"{"provider":"hatif","account":"main","count":3,"channels":2,"assignee":"user:x"}"#
            let seeded = try await harness.send(.post, "/control/seed", seed)
            let ids = (seeded.json["ids"]?.array ?? []).compactMap(\.string)
            try #require(ids.count == 3)
            #expect(harness.simulator.conversations(ids[2]).first?.assignee == "user:x")
            _ = try await harness.send(.post, "/control/seed", #"{"provider":"aelyst","account":"main","count":2}"#)
            let convor = try await harness.send(
                .post,
                "/control/seed",
                #"{"provider":"convor","account":"a","count":1}"#
            )
            #expect(convor.json["ids"]?.array?.count == 1)
            let contacts = lines(try await harness.send(.get, "/control/contacts?provider=aelyst").text)
            #expect(contacts.map { $0["id"]?.int } == [1, 2])

            _ = try await harness.send(.put, "/control/latency", #"{"provider":"hatif","minMs":1,"maxMs":2}"#)
            let token = try await harness.hatifToken()
            #expect(try await harness.assignHatif(ids[0], token: token, user: "u").status == 200)
            _ = try await harness.send(.post, "/control/tokens/expire")
            #expect(try await harness.assignHatif(ids[0], token: token, user: "u").status == 401)
            #expect(try await harness.send(.post, "/control/reset").status == 200)
            #expect(harness.simulator.statistics().arrived == 0)
            #expect(harness.simulator.conversations(ids[0]).isEmpty)
        }
    }

    @Test func `a taken port is an error, and a stopped simulator is gone`() async throws {
        let first = Simulator()
        let port = try await first.start()
        await #expect(throws: (any Error).self) { try await Simulator().start(port: port) }
        await first.stop()
        let second = Simulator()
        #expect(try await second.start(port: port) == port)
        await second.stop()
    }
}
