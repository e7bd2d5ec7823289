import HTTPTypes
import Messages
import ProviderKit
import Providers
import TestSupport
import Testing

@Suite struct ConvorTests {
    private let unassign = Operation.unassign(conversation)
    private let assign = Operation.assign(conversation, .user("op-1"))

    @Test func `unassign is a bare POST`() throws {
        let request = try convor().request(for: unassign, .act)
        #expect(request.head.method == .post)
        #expect(request.head.path == "/api/conversations/\(conversationID)/unassign")
        #expect(request.body.isEmpty)
        #expect(request.head.headerFields[.contentType] == nil)
        #expect(request.endpoint == "POST /api/conversations/{id}/unassign")
    }

    @Test func `assign is unsupported until it is configured`() {
        let refusal = convor().refusal(of: assign)
        #expect(refusal == Refusal(.unsupported, field: "assignee", reason: "assign is not configured"))
        #expect(throws: EncodingFailure.self) { try convor().request(for: assign, .act) }
        #expect(convor { $0.assign = convorAssign }.refusal(of: assign) == nil)
        #expect(convor().refusal(of: unassign) == nil)
    }

    @Test func `a configured assign writes the operator into its field`() throws {
        let provider = convor {
            $0.assign = ConvorSettings.Assign(path: "/x/{id}/y", field: "op", method: .put)
            $0.baseURL = BaseURL(scheme: "http", authority: "127.0.0.1:1", path: "/convor")
        }
        let request = try provider.request(for: assign, .act)
        #expect(request.head.method == .put)
        #expect(request.head.path == "/convor/x/\(conversationID)/y")
        #expect(request.text == #"{"op":"op-1"}"#)
        #expect(request.endpoint == "PUT /x/{id}/y")
    }

    @Test func `a configured path without a place for the id makes no request`() {
        let provider = convor { $0.assign = ConvorSettings.Assign(path: "/assign", field: "op") }
        #expect(throws: EncodingFailure.self) { try provider.request(for: assign, .act) }
    }

    @Test(arguments: [
        (Assignee.email("a@b"), "assignee.email"), (.aiAgent("a"), "assignee.aiAgent"), (.user(""), "assignee"),
    ])
    func `only operators are taken`(assignee: Assignee, field: String) {
        let refusal = convor { $0.assign = convorAssign }.refusal(of: .assign(conversation, assignee))
        #expect(refusal?.kind == .rejected)
        #expect(refusal?.field == field)
    }

    @Test(
        arguments: [
            (#"{"id":"c","assignedOperatorId":null}"#, Answer.Verdict.done, nil),
            (#"{"data":{"assignedOperatorId":null}}"#, .done, nil),
            (#"{"assignedOperatorId":"op-2"}"#, .failed, AdapterCode.notApplied),
            (#"{"assignedOperatorId":{}}"#, .failed, AdapterCode.unreadable),
            ("{}", .failed, AdapterCode.unreadable), ("", .failed, AdapterCode.unreadable),
            (#"{"assignedOperatorId":nul"#, .failed, AdapterCode.unreadable),
        ] as [(String, Answer.Verdict, String?)]
    )
    func `an unassign is done when its answer says so`(body: String, verdict: Answer.Verdict, code: String?) {
        let answer = convor().answer(to: unassign, .act, ProviderResponse(200, body))
        #expect(answer.verdict == verdict)
        #expect(answer.detail.code == code)
    }

    @Test(
        arguments: [
            (#"{"assignedOperatorId":"OP-1"}"#, Answer.Verdict.done), ("{}", .done),
            (#"{"assignedOperatorId":null}"#, .failed), (#"{"assignedOperatorId":"op-2"}"#, .failed), ("", .failed),
            ("garbage", .failed),
        ] as [(String, Answer.Verdict)]
    )
    func `an assign is done unless its answer contradicts it`(body: String, verdict: Answer.Verdict) {
        #expect(
            convor { $0.assign = convorAssign }.answer(to: assign, .act, ProviderResponse(201, body)).verdict == verdict
        )
    }

    @Test func `an error passes on its code and correlation id`() {
        let body = #"{"error":{"code":"CONV_LOCKED","message":"locked","details":{"a":[1]},"correlationId":"c-9"}}"#
        let answer = convor().answer(to: unassign, .act, ProviderResponse(409, body))
        #expect(answer.verdict == .refused)
        #expect(answer.detail == ResponseDetail(status: 409, code: "CONV_LOCKED", message: "locked", requestID: "c-9"))
    }

    @Test func `nothing is read until a path is configured`() throws {
        #expect(!convor().canRead)
        #expect(convor().steps(for: unassign, check: true) == [.act])
        #expect(throws: EncodingFailure.self) { try convor().request(for: unassign, .check) }
        let provider = convor { $0.readPath = "/api/conversations/{id}" }
        #expect(provider.steps(for: unassign, check: true) == [.check, .act])
        #expect(try provider.request(for: unassign, .check).head.path == "/api/conversations/\(conversationID)")
        let answer = provider.answer(to: unassign, .check, ProviderResponse(200, #"{"assignedOperatorId":"op-2"}"#))
        #expect(answer.verdict == .found(.user("op-2")))
    }
}
