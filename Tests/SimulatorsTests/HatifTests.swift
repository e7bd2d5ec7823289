import HTTPTypes
import Testing

@testable import Simulators

@Suite struct HatifTests {
    @Test func `client credentials give a bearer token with a lifetime`() async throws {
        try await Harness.run { harness in
            let form = "client_id=main&client_secret=s&grant_type=client_credentials&scope=VoxaAPI"
            let type = "application/x-www-form-urlencoded"
            let answer = try await harness.send(.post, "/hatif/connect/token", token: nil, form, contentType: type)
            #expect(answer.status == 200)
            #expect(answer.json["expires_in"]?.int == 3_600)
            #expect(answer.json["token_type"]?.string == "Bearer")
        }
    }

    @Test(arguments: [
        ("client_id=a&client_secret=wrong&grant_type=client_credentials", "invalid_client"),
        ("client_id=b&client_secret=right&grant_type=client_credentials", "invalid_client"),
        ("client_id=a&client_secret=right&grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials", "invalid_request"),
    ])
    func `wrong credentials are told apart`(form: String, error: String) async throws {
        try await Harness.run {
            $0.accounts = [SimulatedAccount(.hatif, name: "main", credential: "a", secret: "right")]
        } _: { harness in
            let type = "application/x-www-form-urlencoded"
            let answer = try await harness.send(.post, "/hatif/connect/token", token: nil, form, contentType: type)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?.string == error)
        }
    }

    @Test func `a token ends after its lifetime, and when it is expired by hand`() async throws {
        try await Harness.run { harness in
            let first = try await harness.hatifToken()
            #expect(try await harness.assignHatif(conversationID, token: first, user: "u").status == 200)
            harness.clock.advance(.seconds(3_600))
            let late = try await harness.assignHatif(conversationID, token: first, user: "u")
            #expect(late.status == 401)
            #expect(late.text.isEmpty)

            let second = try await harness.hatifToken()
            harness.simulator.expireTokens(account: "other")
            #expect(try await harness.assignHatif(conversationID, token: second, user: "u").status == 200)
            harness.simulator.expireTokens(account: "main")
            #expect(try await harness.assignHatif(conversationID, token: second, user: "u").status == 401)
        }
    }

    @Test func `a token without the scope is answered 403 without a body`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken(scope: "other")
            let answer = try await harness.send(.get, "/hatif/v1/channels/service-account", token: token)
            #expect(answer.status == 403)
            #expect(answer.text.isEmpty)
        }
    }

    @Test func `a service account may be kept from contact calls`() async throws {
        try await Harness.run {
            $0.accounts = [SimulatedAccount(.hatif, name: "main", credential: "a", contacts: false)]
        } _: { harness in
            let token = try await harness.hatifToken("a")
            let contacts = try await harness.send(.get, "/hatif/v1/contacts?SkipCount=0&MaxResultCount=1", token: token)
            #expect(contacts.status == 403)
            #expect(try await harness.assignHatif(conversationID, token: token, user: "u").status == 200)
        }
    }

    @Test func `assign, reassign and unassign leave a history and show in the conversation`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            let assigned = try await harness.assignHatif(conversationID.uppercased(), token: token, user: "u-1")
            #expect(assigned.status == 200)
            #expect(assigned.text == "{}")
            _ = try await harness.assignHatif(conversationID, token: token, agent: "ai-1")

            let path = "/hatif/v2/conversations/service-account/\(conversationID)"
            let seen = try await harness.send(.get, path, token: token)
            #expect(seen.json["status"]?.string == "Open")
            #expect(seen.json["assigneeId"] == .null)
            #expect(seen.json["assignedAiAgentId"]?.string == "ai-1")
            #expect(seen.json["isAiAssignee"]?.bool == true)
            #expect(seen.json["lastActivityAt"]?.string == "2026-05-01T00:00:00Z")

            _ = try await harness.assignHatif(conversationID, token: token)
            let view = try #require(harness.simulator.conversations(conversationID).first)
            #expect(view.assignee == nil)
            #expect(view.history.map(\.to) == ["user:u-1", "aiAgent:ai-1", nil])
            #expect(view.history.map(\.from) == [nil, "user:u-1", "aiAgent:ai-1"])
            #expect(view.history.allSatisfy { $0.account == "main" })

            let timeline = try await harness.send(.get, path + "/timeline", token: token)
            #expect(timeline.json["TotalCount"]?.int == 3)
            let latest = timeline.json["Items"]?.array?.first
            #expect(latest?["SourceType"]?.int == 3)
            #expect(latest?["Assignation"]?["AssignedUserId"] == .null)
        }
    }

    @Test func `the headers that trace a call are in its change`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            _ = try await harness.send(
                .post,
                "/hatif/v2/conversations/service-account/\(conversationID)/assign",
                token: token,
                #"{"assignedUserId":"u"}"#,
                headers: ["traceparent": trace, "x-request-id": "r-1"]
            )
            let change = try #require(harness.simulator.changes().first)
            #expect(change.traceparent == trace)
            #expect(change.requestID == "r-1")
            #expect(change.to == "user:u")
        }
    }

    @Test(arguments: [
        #"{"AssignedUserId":"a","AssignedAiAgentId":"b"}"#, #"{"AssignedUserId":7}"#, "[]", "{",
    ])
    func `an assignment that cannot be read is a 400 and changes nothing`(body: String) async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            let path = "/hatif/v2/conversations/service-account/\(conversationID)/assign"
            let answer = try await harness.send(.post, path, token: token, body)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?["message"]?.string?.isEmpty == false)
            #expect(harness.simulator.changes().isEmpty)
        }
    }

    @Test func `missing conversations are 404 without a body, and strict knows only seeds`() async throws {
        try await Harness.run {
            $0.missing = [conversationID]
        } _: { harness in
            let token = try await harness.hatifToken()
            let answer = try await harness.assignHatif(conversationID, token: token, user: "u")
            #expect(answer.status == 404)
            #expect(answer.text.isEmpty)
        }
        try await Harness.run {
            $0.strict = true
            $0.seeds = [ConversationSeed(.hatif, account: "main", count: 1)]
        } _: { harness in
            let token = try await harness.hatifToken()
            let known = try #require(harness.simulator.seed(ConversationSeed(.hatif, account: "main", count: 1)).first)
            #expect(try await harness.assignHatif(known, token: token, user: "u").status == 200)
            #expect(try await harness.assignHatif(conversationID, token: token, user: "u").status == 404)
        }
    }

    @Test func `lists write PascalCase, count from offsets and lose rows under a filter that changes`() async throws {
        try await Harness.run {
            let unlimited = LimitPolicy([], enforcement: .off)
            $0.limits[.hatif] = unlimited
            $0.seeds = [ConversationSeed(.hatif, account: "main", count: 30, channels: 2, assignee: "user:old")]
        } _: { harness in
            let token = try await harness.hatifToken()
            let channels = try await harness.send(.get, "/hatif/v1/channels/service-account", token: token)
            #expect(channels.json["totalCount"]?.int == 2)
            let channel = try #require(channels.json["items"]?.array?.first?["id"]?.string)
            let list = "/hatif/v2/conversations/service-account/channels/\(channel)?AssigneeUserIds=old"
            let first = try await harness.send(.get, list, token: token)
            #expect(first.json["TotalCount"]?.int == 15)
            let rows = try #require(first.json["Items"]?.array)
            #expect(rows.count == 10)
            #expect(rows.first?["Status"]?.int == 1)
            #expect(rows.first?["AssigneeId"]?.string == "old")
            for row in rows {
                _ = try await harness.assignHatif(try #require(row["Id"]?.string), token: token, user: "new")
            }
            let second = try await harness.send(.get, list + "&SkipCount=10", token: token)
            #expect(second.json["Items"]?.array?.isEmpty == true)
            let whole = try await harness.send(.get, list + "&SkipCount=0&MaxResultCount=1000", token: token)
            #expect(whole.json["Items"]?.array?.count == 5)
            let ignored = try await harness.send(.get, list + "&PhoneNumber=123", token: token)
            #expect(ignored.json["TotalCount"]?.int == 5)
            let tooMany = try await harness.send(.get, list + "&MaxResultCount=1001", token: token)
            #expect(tooMany.status == 400)
        }
    }

    @Test func `lists filter by status, nobody assigned and dates, and sort by activity`() async throws {
        try await Harness.run {
            $0.limits[.hatif] = LimitPolicy([], enforcement: .off)
            $0.hatifListsInCamelCase = true
        } _: { harness in
            let token = try await harness.hatifToken()
            let open = harness.simulator.seed(ConversationSeed(.hatif, account: "main", count: 3))
            _ = harness.simulator.seed(ConversationSeed(.hatif, account: "main", count: 2, closed: true))
            harness.clock.advance(.seconds(1_800))
            _ = try await harness.assignHatif(open[1], token: token, user: "u")
            let channels = try await harness.send(.get, "/hatif/v1/channels/service-account", token: token)
            let channel = try #require(channels.json["items"]?.array?.first?["id"]?.string)
            let list = "/hatif/v2/conversations/service-account/channels/\(channel)?"
            func ids(_ query: String) async throws -> [String?] {
                let answer = try await harness.send(.get, list + query, token: token)
                return answer.json["items"]?.array?.map { $0["id"]?.string } ?? []
            }
            #expect(try await ids("Status=1") == open)
            #expect(try await ids("Status=2").count == 2)
            #expect(try await ids("Status=1&GetUnAssigned=true") == [open[0], open[2]])
            #expect(try await ids("Status=1&Sorting=LastActivityAt%20DESC") == [open[1], open[0], open[2]])
            // 03:15 at UTC+3 is 00:15 UTC, between the seeds and the assignment.
            #expect(try await ids("FromDate=2026-05-01T03:15:00Z") == [open[1]])
        }
    }

    @Test func `creating a conversation returns the existing one of that number`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            let channels = try await harness.send(.get, "/hatif/v1/channels/service-account", token: token)
            let channel = try #require(channels.json["items"]?.array?.first?["id"]?.string)
            let body = #"{"ChannelId":"\#(channel)","PhoneNumber":"+966500111222","AssignToUserId":"u"}"#
            let path = "/hatif/v2/conversations/service-account/create"
            let first = try await harness.send(.post, path, token: token, body)
            #expect(first.json["conversation"]?["assigneeId"]?.string == "u")
            let second = try await harness.send(.post, path, token: token, body)
            #expect(second.json["conversation"]?["id"] == first.json["conversation"]?["id"])
        }
    }

    @Test func `users are a bare array that tells people from agents`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            let users = try #require(
                try await harness.send(.get, "/hatif/v1/workspaces/users", token: token).json.array
            )
            #expect(
                users.contains { $0["isAiAgent"]?.bool == true && $0["email"] == .null && $0["id"] == $0["userId"] }
            )
            #expect(users.contains { $0["isAiAgent"]?.bool == false && $0["id"] != $0["userId"] })
        }
    }

    @Test func `cards are imported all or not at all, and twice when sent twice`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            let good =
                #"BEGIN:VCARD\nVERSION:3.0\nFN:Sara\nTEL;type=CELL;waid=966500111222:+966 50 011 1222\nEND:VCARD"#
            let path = "/hatif/v1/contacts/import/vcards"
            let bad = try await harness.send(
                .post,
                path,
                token: token,
                #"{"VCards":["\#(good)","BEGIN:VCARD\nEND:VCARD"]}"#
            )
            #expect(bad.status == 400)
            #expect(harness.simulator.importedCards(account: "main").isEmpty)

            let body = #"{"VCards":["\#(good)"]}"#
            #expect(try await harness.send(.post, path, token: token, body).text == "{}")
            _ = try await harness.send(.post, path, token: token, body)
            #expect(harness.simulator.importedCards(account: "main").count == 2)

            let found = try await harness.send(
                .get,
                "/hatif/v1/contacts?SkipCount=0&MaxResultCount=10&phoneNumber=%2B966500111222",
                token: token
            )
            #expect(found.json["totalCount"]?.int == 2)
            #expect(found.json["items"]?.array?.first?["name"]?.string == "Sara")
            #expect(try await harness.send(.post, path, token: token, #"{"vcards":"text"}"#).status == 400)
        }
    }

    @Test func `a contact is created, updated, read with its history, searched and deleted`() async throws {
        try await Harness.run { harness in
            let token = try await harness.hatifToken()
            let created = try await harness.send(
                .post,
                "/hatif/v1/contacts",
                token: token,
                #"{"Name":"Ali","PhoneNumber":"966500"}"#
            )
            let id = try #require(created.json["id"]?.string)
            let path = "/hatif/v1/contacts/\(id)"
            _ = try await harness.send(.put, path, token: token, #"{"name":"Omar","Company":"","note":"n"}"#)
            let read = try await harness.send(.get, path, token: token)
            #expect(read.json["name"]?.string == "Omar")
            #expect(read.json["notes"]?.array == [.string("n")])
            let history = try await harness.send(.get, path + "/history", token: token)
            #expect(history.json["items"]?.array?.first?["creationTime"]?.string == "2026-05-01T00:00:00.000000")
            let search = #"{"skipCount":0,"maxResultCount":50,"customPropertyFilters":[]}"#
            let found = try await harness.send(.post, "/hatif/v1/contacts/search", token: token, search)
            #expect(found.json["totalCount"]?.int == 1)
            #expect(try await harness.send(.delete, path, token: token).status == 200)
            #expect(try await harness.send(.get, path, token: token).status == 404)
            #expect(try await harness.send(.get, "/hatif/v1/contacts", token: token).status == 400)
        }
    }
}
