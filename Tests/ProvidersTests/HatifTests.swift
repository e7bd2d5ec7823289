import HTTPTypes
import Messages
import ProviderKit
import Providers
import TestSupport
import Testing

@Suite struct HatifTests {
    @Test(arguments: [
        (Operation.assign(conversation, .user("u-1")), #"{"AssignedUserId":"u-1","AssignedAiAgentId":null}"#),
        (.assign(conversation, .aiAgent("a-1")), #"{"AssignedUserId":null,"AssignedAiAgentId":"a-1"}"#),
        (.assign(conversation, .user("\"\\\n")), #"{"AssignedUserId":"\"\\\n","AssignedAiAgentId":null}"#),
        (.unassign(conversation), #"{"AssignedUserId":null,"AssignedAiAgentId":null}"#),
    ])
    func `an assignment writes both keys, nulls included`(operation: Operation, body: String) throws {
        let request = try hatif().request(for: operation, .act)
        #expect(request.text == body)
        #expect(request.head.method == .post)
        #expect(request.head.scheme == "https")
        #expect(request.head.authority == "api.voxa.sa")
        #expect(request.head.path == "/v2/conversations/service-account/\(conversationID)/assign")
        #expect(request.head.headerFields[.contentType] == "application/json")
        #expect(request.endpoint == "POST /v2/conversations/service-account/{id}/assign")
        #expect(request.credential == .main)
    }

    @Test func `an id cannot leave its place in the path`() throws {
        let request = try hatif().request(for: .unassign(.conversation("../x?y#z")), .check)
        #expect(request.head.path == "/v2/conversations/service-account/..%2Fx%3Fy%23z")
    }

    @Test(arguments: [
        (Operation.assign(conversation, .email("a@b.c")), "assignee.email"),
        (.assign(conversation, .user("")), "assignee"),
        (.assign(contact, .user("1")), "contact"),
        (.unassign(contact), "contact"),
    ])
    func `what Hatif cannot take is rejected before any call`(operation: Operation, field: String) {
        let refusal = hatif().refusal(of: operation)
        #expect(refusal?.kind == .rejected)
        #expect(refusal?.field == field)
    }

    @Test(
        arguments: [
            (#"{"id":"c","assigneeId":"u","assignedAiAgentId":null,"isAiAssignee":false}"#, Assignee.user("u")),
            (#"{"Id":"c","AssigneeId":"u","AssignedAiAgentId":null,"IsAiAssignee":false}"#, .user("u")),
            (#"{"assigneeId":"a","assignedAiAgentId":"a","isAiAssignee":true}"#, .aiAgent("a")),
            (#"{"assigneeId":null,"assignedAiAgentId":"a"}"#, .aiAgent("a")),
            (#"{"assigneeId":"a","assignedAiAgentId":null,"isAiAssignee":true}"#, .aiAgent("a")),
            (#"{"assigneeId":"u","assignedAiAgentId":"a","isAiAssignee":false}"#, .user("u")),
            (#"{"assigneeId":null,"assignedAiAgentId":null,"isAiAssignee":false}"#, nil),
            (#"{"assigneeId":null}"#, nil),
            (#"{"conversation":{"assigneeId":"u"},"contactId":"x"}"#, .user("u")),
        ] as [(String, Assignee?)]
    )
    func `a read tells a human from an AI agent in either letter case`(body: String, holder: Assignee?) {
        let answer = hatif().answer(to: .unassign(conversation), .check, ProviderResponse(200, body))
        #expect(answer.verdict == .found(holder))
    }

    @Test(arguments: ["{}", #"{"id":"c"}"#, #"{"assigneeId":null,"isAiAssignee":true}"#, "[]", #"{"assigneeId""#, ""])
    func `a read that does not tell the assignee has failed`(body: String) {
        let answer = hatif().answer(to: .unassign(conversation), .check, ProviderResponse(200, body))
        #expect(answer.verdict == .failed)
        #expect(answer.detail.code == AdapterCode.unreadable)
    }

    @Test func `reading back confirms the assignee whatever the letter case of its id`() {
        let body = #"{"assigneeId":"3A1A4CB7"}"#
        let operation = Operation.assign(conversation, .user("3a1a4cb7"))
        #expect(hatif().answer(to: operation, .verify, ProviderResponse(200, body)).verdict == .done)
        let other = hatif().answer(to: .unassign(conversation), .verify, ProviderResponse(200, body))
        #expect(other.verdict == .failed)
        #expect(other.detail.code == AdapterCode.notApplied)
    }

    @Test(
        arguments: [
            (200, "{}", Answer.Verdict.done), (204, "", .done), (200, "", .done), (200, "<html></html>", .failed),
            (302, "", .refused), (400, "", .refused), (401, "", .unauthorized), (404, "", .notFound),
            (408, "", .failed),
            (409, "", .refused), (413, "", .refused), (418, "", .refused), (422, "", .refused), (425, "", .failed),
            (429, "", .throttled), (449, "", .refused), (500, "", .failed), (501, "", .failed), (503, "", .failed),
            (403, "", .forbidden), (403, "<html><title>Forbidden</title></html>", .forbidden),
            (403, "{}", .forbidden),
            (403, #"{"error":null}"#, .forbidden),
            (403, #"{"error":{"code":"Voxa:0042","message":"Conversation is closed"}}"#, .refused),
            (403, #"{"Error":{"Code":null,"Message":"This user has left"}}"#, .refused),
        ] as [(Int, String, Answer.Verdict)]
    )
    func `a status means what the table says`(status: Int, body: String, verdict: Answer.Verdict) {
        let answer = hatif().answer(
            to: .assign(conversation, .user("u")),
            .act,
            ProviderResponse(status, body, ["X-Request-Id": "r-1"])
        )
        #expect(answer.verdict == verdict)
        #expect(answer.detail.status == status)
        #expect(answer.detail.requestID == "r-1")
    }

    @Test func `contact calls use their own credential only where there is one`() throws {
        let other = HatifCredential(clientID: "def", clientSecret: Secret("s"))
        guard case .clientCredentials(let source) = hatif(contacts: other).authentication(for: .contacts),
            case .clientCredentials(let main) = hatif().authentication(for: .contacts)
        else {
            Issue.record("no client credentials")
            return
        }
        #expect(try source.tokenRequest().text.contains("client_id=def"))
        #expect(try main.tokenRequest().text.contains("client_id=abc"))
    }
}
