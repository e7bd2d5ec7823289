import Messages
import ProviderKit
import Providers
import TestSupport
import Testing

@Suite struct ErrorTextTests {
    private func detail(_ body: String, _ fields: [String: String] = [:], status: Int = 400) -> ResponseDetail {
        hatif().answer(to: .unassign(conversation), .act, ProviderResponse(status, body, fields)).detail
    }

    @Test(
        arguments: [
            (#"{"error":{"code":"Voxa:1","message":"No"}}"#, "Voxa:1", "No"),
            (#"{"Error":{"Code":7,"Message":"No"}}"#, "7", "No"),
            (
                #"{"error":{"code":null,"message":"Bad","validationErrors":[{"message":"A","members":["x"]},{"message":"B"}]}}"#,
                nil, "Bad A; B"
            ),
            (#"{"error":"invalid_scope","error_description":"No such scope"}"#, "invalid_scope", "No such scope"),
            (#"{"error":"not_allowed"}"#, "not_allowed", "not_allowed"),
            (#"{"error":"Not allowed here"}"#, nil, "Not allowed here"),
            (#"{"code":400,"message":"Validation error."}"#, "400", "Validation error."),
            (#"{"type":"about:blank","title":"Bad","status":400,"traceId":"t"}"#, nil, "Bad"),
            (#"{"title":"Bad","detail":"The id is unknown"}"#, nil, "The id is unknown"),
            (#"{"errors":["one",{"message":"two"},3]}"#, nil, "one; two"),
            (#"{"message":""}"#, nil, nil), (#""just text""#, nil, "just text"), (#"["a","b"]"#, nil, "a; b"),
            ("<html><head><TITLE lang=en>502 Bad\n  Gateway</TITLE></head></html>", nil, "502 Bad Gateway"),
            ("<html><body>no title</body></html>", nil, "(a web page)"), ("<title>", nil, "(a web page)"),
            ("not json", nil, nil), ("", nil, nil), ("{", nil, nil), ("7", nil, nil), ("null", nil, nil),
        ] as [(String, String?, String?)]
    )
    func `code and message are found in every known shape`(body: String, code: String?, message: String?) {
        #expect(detail(body).code == code)
        #expect(detail(body).message == message)
    }

    @Test func `plain text is a message and control characters are not`() {
        let text = detail("a\u{0}b\r\n\tc\u{1B}[0m ", ["Content-Type": "text/plain; charset=utf-8"])
        #expect(text.message == "a b c [0m")
    }

    @Test func `a message is cut to 500 characters as a schema counts them`() {
        let message = detail(#"{"message":"\#(String(repeating: "e\u{301}", count: 600))"}"#).message
        #expect(message?.unicodeScalars.count == 500)
    }

    @Test(
        arguments: [
            (["X-Request-Id": "a"], "a"), (["Request-Id": "b"], "b"), (["X-Correlation-ID": "c"], "c"),
            (["x-request-id": " "], nil), ([:], nil),
        ] as [([String: String], String?)]
    )
    func `a request id comes from the header that has one`(fields: [String: String], id: String?) {
        #expect(detail("", fields).requestID == id)
    }

    @Test func `the body's own id goes before the header's`() {
        let body = #"{"error":{"code":"x","correlationId":"inner"}}"#
        #expect(detail(body, ["X-Request-Id": "outer"]).requestID == "inner")
    }

    @Test(arguments: [
        "Authorization: Bearer abc123 was refused", "bad bearer abc123",
        "token eyJhbGciOiJIUzI1NiJ9.abc123.sig expired",
    ])
    func `what looks like a token is left out`(message: String) {
        let text = detail(#"{"message":"\#(message)"}"#).message
        #expect(text?.contains("abc123") == false)
        #expect(text?.contains("***") == true)
    }

    @Test func `the account's own secret is left out, whole or cut off`() {
        #expect(detail(#"{"message":"got client-secret-9f8e7d!"}"#).message == "got ***!")
        let filler = String(repeating: "x", count: 490)
        let cut = detail(#"{"message":"\#(filler)client-secret-9f8e7d"}"#).message
        #expect(cut == filler + "***")
    }

    @Test func `a redirect names itself and not its address`() {
        let redirect = detail("", ["Location": "https://elsewhere.example/?token=abc"], status: 307)
        #expect(redirect == ResponseDetail(status: 307, code: "redirect"))
    }

    @Test func `a token that the lane asked for can be taken out of a detail`() {
        let detail = ResponseDetail(status: 401, code: "tok-123456", message: "a tok-123456 b", requestID: "tok-123456")
        let clean = detail.redacting(Secret("tok-123456"))
        #expect(clean == ResponseDetail(status: 401, code: "***", message: "a *** b", requestID: "***"))
        #expect(detail.redacting(Secret("")) == detail)
    }
}
