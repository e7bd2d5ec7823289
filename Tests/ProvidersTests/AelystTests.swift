import HTTPTypes
import Messages
import ProviderKit
import Providers
import TestSupport
import Testing

@Suite struct AelystTests {
    @Test(
        arguments: [
            (Assignee.user("1"), #"{"assignee":1}"#), (.user("007"), #"{"assignee":"007"}"#),
            (.user("u-1"), #"{"assignee":"u-1"}"#),
            (.user("99999999999999999999"), #"{"assignee":"99999999999999999999"}"#),
            (.user("-1"), #"{"assignee":"-1"}"#), (.email("abc@gmail.com"), #"{"assignee":"abc@gmail.com"}"#),
            (nil, #"{"assignee":null}"#),
        ] as [(Assignee?, String)]
    )
    func `the assignee is an integer, text or null, and always written`(assignee: Assignee?, body: String) throws {
        let operation = assignee.map { Operation.assign(contact, $0) } ?? .unassign(contact)
        let request = try aelyst().request(for: operation, .act)
        #expect(request.text == body)
        #expect(request.head.method == .post)
        #expect(request.head.authority == "api.aelyst.ai")
        #expect(request.head.path == "/v1/contact/id:17/conversation/assignee")
        #expect(request.endpoint == "POST /contact/{identifier}/conversation/assignee")
    }

    @Test(
        arguments: [
            (
                AelystSettings.IdentifierEncoding.keepColon, ContactIdentifier.Kind.phone, "+60121233112",
                "phone:%2B60121233112"
            ),
            (.keepColon, .email, "a+b@b.c", "email:a%2Bb%40b.c"),
            (.keepColon, .email, "a/b?c@d", "email:a%2Fb%3Fc%40d"),
            (.full, .phone, "+60121233112", "phone%3A%2B60121233112"), (.full, .id, "123", "id%3A123"),
            (.minimal, .phone, "+60121233112", "phone:+60121233112"), (.minimal, .email, "a@b.c", "email:a@b.c"),
            (.minimal, .email, "ü/ä@b", "email:%C3%BC%2F%C3%A4@b"),
        ] as [(AelystSettings.IdentifierEncoding, ContactIdentifier.Kind, String, String)]
    )
    func `an identifier is written in one form everywhere`(
        encoding: AelystSettings.IdentifierEncoding,
        kind: ContactIdentifier.Kind,
        value: String,
        segment: String
    ) throws {
        let provider = aelyst { $0.identifierEncoding = encoding }
        let target = Target.contact(ContactIdentifier(kind: kind, value: value))
        let read = try provider.request(for: .unassign(target), .check)
        let act = try provider.request(for: .unassign(target), .act)
        #expect(read.head.path == "/v1/contact/\(segment)")
        #expect(act.pathScope == "POST /v1/contact/\(segment)/conversation/assignee")
    }

    @Test(arguments: [
        (Operation.assign(contact, .aiAgent("a")), "assignee.aiAgent"),
        (.assign(conversation, .user("1")), "conversation"),
        (.unassign(.contact(ContactIdentifier(kind: .email, value: ""))), "contact"),
    ])
    func `what Aelyst cannot take is rejected before any call`(operation: Operation, field: String) {
        #expect(aelyst().refusal(of: operation)?.kind == .rejected)
        #expect(aelyst().refusal(of: operation)?.field == field)
        #expect(throws: EncodingFailure.self) { try aelyst().request(for: operation, .act) }
    }

    @Test func `opening and reading back are steps of their own when asked for`() throws {
        let assign = Operation.assign(contact, .user("1"))
        #expect(aelyst().steps(for: assign, check: false) == [.act])
        #expect(aelyst().steps(for: assign, check: true) == [.check, .act])
        let careful = aelyst {
            $0.openBeforeAssign = true
            $0.readBack = true
        }
        #expect(careful.steps(for: assign, check: true) == [.check, .open, .act, .verify])
        #expect(careful.steps(for: .unassign(contact), check: false) == [.act, .verify])
        let open = try careful.request(for: assign, .open)
        #expect(open.text == #"{"status":"open"}"#)
        #expect(open.head.path == "/v1/contact/id:17/conversation/status")
    }

    @Test(
        arguments: [
            (200, #"{"contactId":1}"#, Answer.Verdict.done), (400, "", .refused), (401, "", .unauthorized),
            (403, "", .refused), (404, "", .notFound), (409, "", .refused), (422, "", .refused), (429, "", .throttled),
            (449, "", .queued), (500, "", .failed), (502, "", .failed), (301, "", .refused),
        ] as [(Int, String, Answer.Verdict)]
    )
    func `a status means what the table says`(status: Int, body: String, verdict: Answer.Verdict) {
        for step in [Step.act, .open] {
            let answer = aelyst().answer(to: .unassign(contact), step, ProviderResponse(status, body))
            #expect(answer.verdict == verdict)
        }
        if status != 200 {
            let answer = aelyst().answer(to: .unassign(contact), .check, ProviderResponse(status, body))
            #expect(answer.verdict == verdict)
        }
    }

    @Test func `an assignee read is known by id and by e-mail address`() {
        let body = #"{"id":17,"assignee":{"id":5,"firstName":"A","lastName":"B","email":"Abc@Gmail.com"}}"#
        let found = aelyst().answer(to: .unassign(contact), .check, ProviderResponse(200, body))
        #expect(found.verdict == .found(.user("5")))
        #expect(found.shows(.user("5")) == true)
        #expect(found.shows(.email("abc@gmail.com")) == true)
        #expect(found.shows(.email("x@gmail.com")) == false)
        #expect(found.shows(nil) == false)
        let operation = Operation.assign(contact, .email("abc@gmail.com"))
        #expect(aelyst().answer(to: operation, .verify, ProviderResponse(200, body)).verdict == .done)
    }

    @Test(
        arguments: [
            (#"{"id":17,"assignee":null}"#, Answer.Verdict.found(nil)), (#"{"id":17}"#, .found(nil)),
            (#"{"id":17,"assignee":{}}"#, .found(nil)),
            (#"{"id":17,"assignee":{"id":null,"email":null}}"#, .found(nil)),
            (#"{"id":17,"assignee":7}"#, .found(.user("7"))), (#"{"id":17,"assignee":"a@b"}"#, .found(.email("a@b"))),
            (#"{"id":17,"assignee":{"id":null,"email":"a@b"}}"#, .found(.email("a@b"))),
            (#"{"id":17,"assignee":{"name":"x"}}"#, .failed), (#"{"id":17,"assignee":[]}"#, .failed), ("{}", .failed),
            ("", .failed), ("[]", .failed),
        ] as [(String, Answer.Verdict)]
    )
    func `nobody is told from an answer that cannot be read`(body: String, verdict: Answer.Verdict) {
        #expect(aelyst().answer(to: .unassign(contact), .check, ProviderResponse(200, body)).verdict == verdict)
    }

    @Test func `an assignment that a closed conversation ignored is seen when reading back`() {
        let answer = aelyst().answer(
            to: .assign(contact, .user("5")),
            .verify,
            ProviderResponse(200, #"{"id":17,"assignee":null}"#)
        )
        #expect(answer.verdict == .failed)
        #expect(answer.detail.code == AdapterCode.notApplied)
    }
}
