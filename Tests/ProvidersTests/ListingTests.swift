import HTTPTypes
import Messages
import ProviderKit
import Providers
import TestSupport
import Testing

@Suite struct HatifListingTests {
    private func query(_ change: (inout Selection) -> Void) throws -> String? {
        var selection = Selection()
        selection.channels = ["ch-1"]
        change(&selection)
        let path = try hatif().request(for: selection, at: .start).head.path
        return path?.split(separator: "?").last.map(String.init)
    }

    @Test func `a sweep lists the channels and then each of them to its end`() throws {
        var settings = HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("b")))
        settings.pageSize = 2
        let provider = Hatif(settings)
        let responses = [
            "/v1/channels/service-account?SkipCount=0&MaxResultCount=2":
                #"{"totalCount":3,"items":[{"id":"a"},{"id":"b"}]}"#,
            "/v1/channels/service-account?SkipCount=2&MaxResultCount=2": #"{"totalCount":3,"items":[{"id":"c/d"}]}"#,
            "/v2/conversations/service-account/channels/a?SkipCount=0&MaxResultCount=2":
                #"{"TotalCount":3,"Items":[{"Id":"C1","AssigneeId":"u"},{"Id":"C2","AssigneeId":null}]}"#,
            "/v2/conversations/service-account/channels/a?SkipCount=2&MaxResultCount=2":
                #"{"TotalCount":3,"Items":[{"Id":"C3","AssigneeId":null,"AssignedAiAgentId":"ai"}]}"#,
            "/v2/conversations/service-account/channels/b?SkipCount=0&MaxResultCount=2":
                #"{"TotalCount":0,"Items":[]}"#,
            "/v2/conversations/service-account/channels/c%2Fd?SkipCount=0&MaxResultCount=2":
                #"{"items":[{"id":"c4","assigneeId":"u2"}]}"#,
        ]
        var cursor: ListCursor? = .start
        var rows: [ListPage.Row] = []
        var asked: [String] = []
        while let here = cursor, asked.count < 10 {
            let path = try provider.request(for: Selection(), at: here).head.path ?? ""
            asked.append(path)
            let response = ProviderResponse(200, responses[path] ?? "")
            guard case .page(let page) = provider.page(of: Selection(), at: here, response) else {
                Issue.record("no page at \(path)")
                return
            }
            rows += page.rows
            cursor = page.next
        }
        #expect(Set(asked) == Set(responses.keys))
        #expect(rows.map(\.target.name) == ["c1", "c2", "c3", "c4"])
        #expect(rows.map(\.assignee) == [.user("u"), nil, .aiAgent("ai"), .user("u2")])
    }

    @Test func `filters are written as the list documents them`() throws {
        let written = try query {
            $0.status = .closed
            $0.assignees = [.user("u1"), .user("u2")]
            $0.tags = ["t1", "t2"]
            $0.lost = true
        }
        #expect(
            written
                == "Status=2&AssigneeUserIds=u1%2Cu2&TagIds=t1%2Ct2&IsLost=true&SkipCount=0&MaxResultCount=100"
        )
        #expect(try query { $0.unassigned = true }?.contains("GetUnAssigned=true") == true)
    }

    @Test func `dates are written three hours ahead and without a zone`() throws {
        let written = try query { $0.from = Timestamp("2026-03-16T22:30:00Z") }
        #expect(written?.contains("FromDate=2026-03-17T01%3A30%3A00") == true)
        #expect(written?.contains("Z&") == false)
    }

    @Test func `AI agents are told apart here, since the list filters users only`() throws {
        #expect(try query { $0.assignees = [.aiAgent("AI")] }?.contains("Assignee") == false)
        var selection = Selection()
        selection.channels = ["a"]
        selection.assignees = [.aiAgent("AI")]
        let body =
            #"{"items":[{"id":"1","assigneeId":"u"},{"id":"2","assignedAiAgentId":"ai"},{"id":"3","assigneeId":null}]}"#
        let answer = hatif().page(of: selection, at: .start, ProviderResponse(200, body))
        guard case .page(let page) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(page.rows.map(\.target.name) == ["2"])
    }

    @Test func `a selection of contacts is rejected`() {
        var selection = Selection()
        selection.assignee = .nobody
        #expect(hatif().refusal(of: selection)?.field == "select.assignee")
        selection = Selection()
        selection.assignees = [.email("a@b.c")]
        #expect(hatif().refusal(of: selection)?.field == "select.assignees")
        #expect(hatif().refusal(of: Selection()) == nil)
    }

    @Test(
        arguments: [
            (200, "{}", Answer.Verdict.failed), (200, #"{"items":[{"name":"x"}]}"#, .failed),
            (200, #"{"items":[{"i"#, .failed),
            (429, "", .throttled), (403, "", .forbidden), (500, "", .failed), (401, "", .unauthorized),
        ] as [(Int, String, Answer.Verdict)]
    )
    func `a page that cannot be read is never an empty one`(status: Int, body: String, verdict: Answer.Verdict) {
        for cursor in [ListCursor.start, .conversations(channels: ["a"], skip: 0)] {
            guard case .answer(let answer) = hatif().page(of: Selection(), at: cursor, ProviderResponse(status, body))
            else {
                Issue.record("a page of \(body)")
                continue
            }
            #expect(answer.verdict == verdict)
        }
    }
}

@Suite struct AelystListingTests {
    private func body(_ change: (inout Selection) -> Void) throws -> String {
        var selection = Selection()
        change(&selection)
        return try aelyst().request(for: selection, at: .start).text
    }

    private static let assigneeIs =
        #"{"category":"contactField","field":"assigneeUserId","operator":"isEqualTo","value":"#

    @Test func `the assignee becomes a condition, before those of the filter`() throws {
        #expect(
            try body { $0.assignee = .assignee(.user("123")) }
                == #"{"search":"","timezone":"UTC","filter":{"$and":[\#(Self.assigneeIs)"123"}]}}"#
        )
        let filter = try JSON(parsing: Array(#"{"$and":[{"x":1}]}"#.utf8))
        #expect(
            try body {
                $0.assignee = .nobody
                $0.filter = filter
            } == #"{"search":"","timezone":"UTC","filter":{"$and":[\#(Self.assigneeIs)null},{"x":1}]}}"#
        )
        #expect(
            try body { $0.filter = .object([JSON.Member("$or", .array([]))]) }
                == #"{"search":"","timezone":"UTC","filter":{"$or":[]}}"#
        )
        #expect(try body { _ in } == #"{"search":"","timezone":"UTC","filter":{"$and":[]}}"#)
    }

    @Test func `only the cursor of the next address is used`() throws {
        let next = "https://elsewhere.example/contact/list?limit=10&cursorId=42#x"
        let body = #"{"items":[{"id":7,"assignee":{"id":3,"email":"a@b"}},{"id":8}],"pagination":{"next":"\#(next)"}}"#
        let answer = aelyst().page(of: Selection(), at: .start, ProviderResponse(200, body))
        guard case .page(let page) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(page.rows.map(\.target.name) == ["id:7", "id:8"])
        #expect(page.rows.map(\.assignee) == [.user("3"), nil])
        let cursor = try #require(page.next)
        let request = try aelyst().request(for: Selection(), at: cursor)
        #expect(request.head.path == "/v1/contact/list?limit=99&cursorId=42")
        #expect(request.head.authority == "api.aelyst.ai")
        #expect(request.pathScope == "POST /v1/contact/list")
    }

    @Test(arguments: [
        #""pagination":{"next":null}"#, #""pagination":{"next":""}"#, #""pagination":{}"#, #""pagination":null"#,
    ])
    func `no next address is the end`(pagination: String) {
        let answer = aelyst().page(of: Selection(), at: .start, ProviderResponse(200, #"{"items":[],\#(pagination)}"#))
        #expect(answer == .page(ListPage(rows: [], next: nil)))
    }

    @Test(arguments: [
        #"{"items":[],"pagination":{"next":"https://x/y?cursorId=5"}}"#,
        #"{"items":[],"pagination":{"next":"https://x/y?cursorId=abc"}}"#,
        #"{"items":[],"pagination":{"next":"https://x"}}"#,
        #"{"items":[],"pagination":{"next":[]}}"#, #"{"items":[{}]}"#, "{}",
    ])
    func `a list that would repeat or break off has failed`(body: String) {
        guard case .answer(let answer) = aelyst().page(of: Selection(), at: .after(5), ProviderResponse(200, body))
        else {
            Issue.record("a page")
            return
        }
        #expect(answer.verdict == .failed)
    }

    @Test func `what the list cannot select by is rejected`() throws {
        var selection = Selection()
        selection.tags = ["t"]
        #expect(aelyst().refusal(of: selection)?.field == "select.tags")
        selection = Selection()
        selection.assignee = .assignee(.email("a@b.c"))
        #expect(aelyst().refusal(of: selection)?.field == "select.assignee")
        selection.assignee = .nobody
        #expect(aelyst().refusal(of: selection) == nil)
        selection.filter = .object([JSON.Member("$or", .array([]))])
        #expect(aelyst().refusal(of: selection)?.field == "select.filter")
    }
}
