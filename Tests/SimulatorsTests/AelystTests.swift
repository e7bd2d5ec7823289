import HTTPTypes
import Testing

@testable import Simulators

@Suite struct AelystTests {
    private static func unlimited(_ configuration: inout SimulatorConfiguration) {
        configuration.limits[.aelyst] = LimitPolicy([], enforcement: .off)
    }

    @Test(arguments: ["/aelyst/v1", "/aelyst"])
    func `assignments by id, e-mail and null answer the contact's id`(base: String) async throws {
        try await Harness.run(Self.unlimited) { harness in
            let path = base + "/contact/id:7/conversation/assignee"
            for body in [#"{"assignee":1}"#, #"{"assignee":"agent2@example.com"}"#, #"{"assignee":null}"#] {
                let answer = try await harness.send(.post, path, body)
                #expect(answer.status == 200)
                #expect(answer.json["contactId"]?.int == 7)
            }
            let view = try #require(harness.simulator.conversations("id:7").first)
            #expect(view.history.map(\.to) == ["user:1", "email:agent2@example.com", nil])
        }
    }

    @Test func `the contact shows who has it`() async throws {
        try await Harness.run(Self.unlimited) { harness in
            let body = #"{"assignee":"agent2@example.com"}"#
            _ = try await harness.send(.post, "/aelyst/v1/contact/phone:%2B60121/conversation/assignee", body)
            let contact = try await harness.send(.get, "/aelyst/v1/contact/phone:+60121")
            #expect(contact.json["assignee"]?["id"]?.int == 2)
            #expect(contact.json["phone"]?.string == "+60121")
            #expect(contact.json["status"]?.string == "open")
            #expect(contact.json["created_at"]?.int == 1_777_593_600)
        }
    }

    @Test(arguments: [
        ("id:7", "{}"), ("id:7", #"{"assignee":true}"#), ("id:7", #"{"assignee":"x"}"#), ("id:x", #"{"assignee":1}"#),
        ("7", #"{"assignee":1}"#), ("phone:60", #"{"assignee":1}"#),
    ])
    func `what is not valid is a 400 in the documented form`(identifier: String, body: String) async throws {
        try await Harness.run { harness in
            let answer = try await harness.send(.post, "/aelyst/v1/contact/\(identifier)/conversation/assignee", body)
            #expect(answer.status == 400)
            #expect(
                answer.json
                    == .object([
                        .init(name: "code", value: .number("400")),
                        .init(name: "message", value: .string("Validation error.")),
                    ])
            )
        }
    }

    @Test func `an unknown token is 401, an unknown contact 404`() async throws {
        try await Harness.run {
            $0.accounts = [SimulatedAccount(.aelyst, name: "shop", credential: "secret")]
            $0.strict = true
        } _: { harness in
            let path = "/aelyst/v1/contact/id:7/conversation/assignee"
            let wrong = try await harness.send(.post, path, token: "other", #"{"assignee":1}"#)
            #expect(wrong.status == 401)
            #expect(wrong.json["message"]?.string == "UN_AUTHORIZED")
            #expect(try await harness.send(.post, path, token: nil, #"{"assignee":1}"#).status == 401)
            let missing = try await harness.send(.post, path, token: "secret", #"{"assignee":1}"#)
            #expect(missing.status == 404)
            #expect(missing.json["message"]?.string == "Contact not found")
        }
    }

    @Test func `a closed conversation takes an assignment without effect until it is opened`() async throws {
        try await Harness.run(Self.unlimited) { harness in
            let base = "/aelyst/v1/contact/id:7/conversation"
            _ = try await harness.send(.post, base + "/status", #"{"status":"close","category":"c","summary":"s"}"#)
            #expect(try await harness.send(.post, base + "/assignee", #"{"assignee":1}"#).status == 200)
            #expect(harness.simulator.conversations("id:7").first?.assignee == nil)
            _ = try await harness.send(.post, base + "/status", #"{"status":"open"}"#)
            _ = try await harness.send(.post, base + "/assignee", #"{"assignee":1}"#)
            #expect(harness.simulator.conversations("id:7").first?.assignee == "user:1")
        }
    }

    @Test func `the list goes on by cursor, filters by assignee and points to addresses not to follow`() async throws {
        try await Harness.run {
            Self.unlimited(&$0)
            $0.seeds = [
                ConversationSeed(.aelyst, account: "main", count: 25, assignee: "user:3"),
                ConversationSeed(.aelyst, account: "main", count: 5),
            ]
        } _: { harness in
            func filter(_ value: String) -> String {
                #"{"search":"","timezone":"Asia/Kuala_Lumpur","filter":{"$and":[{"category":"contactField","#
                    + #""field":"assigneeUserId","operator":"isEqualTo","value":\#(value)}]}}"#
            }
            var cursor = 0
            var ids: [Int] = []
            while true {
                let answer = try await harness.send(
                    .post,
                    "/aelyst/v1/contact/list?limit=10&cursorId=\(cursor)",
                    filter(#""3""#)
                )
                ids += answer.json["items"]?.array?.compactMap { $0["id"]?.int } ?? []
                guard let next = answer.json["pagination"]?["next"]?.string else { break }
                #expect(next.hasPrefix("https://api.aelyst.ai/contact/list?"))
                cursor = try #require(Int(next.split(separator: "=").last ?? ""))
            }
            #expect(ids == Array(1...25))
            let nobody = try await harness.send(.post, "/aelyst/v1/contact/list?limit=99", filter("null"))
            #expect(nobody.json["items"]?.array?.count == 5)
            #expect(try await harness.send(.post, "/aelyst/v1/contact/list?limit=100", filter("null")).status == 400)
            #expect(try await harness.send(.post, "/aelyst/v1/contact/list", #"{"filter":null}"#).status == 400)
        }
    }

    @Test func `create answers without an id, upsert with one, and an unknown custom field fails all`() async throws {
        try await Harness.run(Self.unlimited) { harness in
            let created = try await harness.send(.post, "/aelyst/v1/contact/phone:+601", #"{"firstName":"Sara"}"#)
            #expect(created.status == 200)
            #expect(created.json["contactId"] == nil)
            #expect(try await harness.send(.post, "/aelyst/v1/contact/phone:+601", #"{"firstName":"S"}"#).status == 400)

            let body =
                #"{"firstName":"Sara","email":"s@example.com","custom_fields":[{"name":"Company","value":"Acme"}]}"#
            let upserted = try await harness.send(.post, "/aelyst/v1/contact/create_or_update/phone:+601", body)
            let id = try #require(upserted.json["contactId"]?.int)
            let other = try await harness.send(.post, "/aelyst/v1/contact/create_or_update/email:s@example.com", body)
            #expect(other.json["contactId"]?.int == id)
            let contact = try await harness.send(.get, "/aelyst/v1/contact/id:\(id)")
            #expect(contact.json["custom_fields"]?.array?.first?["value"]?.string == "Acme")

            let unknown = #"{"firstName":"X","custom_fields":[{"name":"Nope","value":"1"}]}"#
            let refused = try await harness.send(.post, "/aelyst/v1/contact/create_or_update/phone:+602", unknown)
            #expect(refused.status == 400)
            #expect(harness.simulator.conversations("phone:+602").isEmpty)
            let updated = try await harness.send(.put, "/aelyst/v1/contact/id:\(id)", #"{"lastName":"L"}"#)
            #expect(updated.json["contactId"]?.int == id)
            let fields = try await harness.send(.get, "/aelyst/v1/space/custom_field")
            #expect(fields.json["items"]?.array?.contains { $0["name"]?.string == "Company" } == true)
        }
    }

    @Test func `users are paged and looked up one by one`() async throws {
        try await Harness.run(Self.unlimited) { harness in
            let page = try await harness.send(.get, "/aelyst/v1/space/user?limit=2&cursorId=1")
            #expect(page.json["items"]?.array?.compactMap { $0["id"]?.int } == [2, 3])
            #expect(page.json["pagination"]?["previous"]?.string?.hasSuffix("cursorId=-2") == true)
            #expect(
                try await harness.send(.get, "/aelyst/v1/space/user/4").json["email"]?.string == "agent4@example.com"
            )
            #expect(try await harness.send(.get, "/aelyst/v1/space/user/99").status == 404)
        }
    }
}

@Suite struct ConvorTests {
    @Test func `unassign echoes the conversation with nobody assigned`() async throws {
        try await Harness.run { harness in
            let base = "/convor/api/conversations/\(conversationID)"
            let assigned = try await harness.send(.post, base + "/assign", #"{"operatorId":"op-1"}"#)
            #expect(assigned.json["assignedOperatorId"]?.string == "op-1")
            let unassigned = try await harness.send(.post, base + "/unassign")
            #expect(unassigned.status == 200)
            #expect(unassigned.json["assignedOperatorId"] == .null)
            #expect(unassigned.json["updatedAt"]?.string == "2026-05-01T00:00:00.000Z")
            let view = try #require(harness.simulator.conversations(conversationID).first)
            #expect(view.history.map(\.to) == ["user:op-1", nil])
        }
    }

    @Test func `the assign call goes where the configuration puts it`() async throws {
        try await Harness.run {
            $0.convorAssignPath = "/v9/{id}/operator"
            $0.convorAssignField = "who"
        } _: { harness in
            let moved = try await harness.send(.post, "/convor/v9/c-1/operator", #"{"who":"op"}"#)
            #expect(moved.status == 200)
            #expect(try await harness.send(.post, "/convor/v9/c-1/operator", #"{"operatorId":"op"}"#).status == 400)
            #expect(try await harness.send(.post, "/convor/api/conversations/c-1/assign", "{}").status == 404)
        }
    }

    @Test func `errors have one shape with a correlation id`() async throws {
        try await Harness.run {
            $0.missing = ["gone"]
        } _: { harness in
            let answer = try await harness.send(.post, "/convor/api/conversations/gone/unassign")
            #expect(answer.status == 404)
            #expect(answer.json["error"]?["code"]?.string == "NOT_FOUND")
            #expect(answer.json["error"]?["correlationId"]?.string == "sim-0")
        }
    }
}
