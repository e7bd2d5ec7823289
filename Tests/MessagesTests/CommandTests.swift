import Messages
import Testing

struct CommandTests {
    private func command(_ text: String, _ headers: [MessageHeader] = [], at time: Int64 = 0) throws -> Command {
        guard case .command(let command) = try decode(utf8(text), headers, at: time) else {
            throw Rejection("type", found: "another message", allowed: "a command")
        }
        return command
    }

    @Test func `the example of the design is read`() throws {
        let command = try command(assignExample)
        #expect(
            command.reference
                == CommandReference(id: "a-1001", source: "/crm/routing", type: "bulkhead.conversation.assign.v1")
        )
        #expect(command.time == Timestamp("2026-11-21T09:00:00Z"))
        #expect(command.target == .conversation("3a1a4cb7-e7c1-f045-127b-ad2297847528"))
        #expect(command.assignee == .aiAgent("00aec1fb-ffee-40cc-bf0e-33832c29c61a"))
        #expect(command.entity == "hatif/main/3a1a4cb7-e7c1-f045-127b-ad2297847528")
        #expect(command.priority == .live && command.expect == .absent && command.campaign == nil)
    }

    @Test func `an event without time has that of its record, one without account the default account`() throws {
        let text = assignExample.replacing("\"time\": \"2026-11-21T09:00:00Z\",", with: "")
            .replacing("\"account\": \"main\",", with: "")
        let command = try command(text, at: 1_795_251_600_123)
        #expect(command.time == Timestamp("2026-11-21T09:00:00.123Z"))
        #expect(command.account == "default")
    }

    @Test func `UUIDs become lower case, so that one conversation is one entity`() throws {
        let text = assignExample.replacing("3a1a4cb7-e7c1-f045", with: "3A1A4CB7-E7C1-F045")
        #expect(try command(text).entity == command(assignExample).entity)
    }

    private static let assignees: [(String, Assignee)] = [
        (#"{ "user": 12 }"#, Assignee.user("12")), (#"{ "user": "12" }"#, .user("12")),
        (#"{ "email": "a@example.com" }"#, .email("a@example.com")),
        (#"{ "aiAgent": 9223372036854775807 }"#, .aiAgent("9223372036854775807")),
    ]

    @Test(arguments: assignees) func `an assignee is text or an integer, which is its decimal text`(
        json: String,
        assignee: Assignee
    ) throws {
        let text = assignExample.replacing(#"{ "aiAgent": "00aec1fb-ffee-40cc-bf0e-33832c29c61a" }"#, with: json)
        #expect(try command(text).assignee == assignee)
    }

    @Test(arguments: [
        "application/cloudevents+json", "application/cloudevents+json; charset=UTF-8", "Application/CloudEvents+JSON",
    ])
    func `structured mode is told by the content type`(contentType: String) throws {
        // The attribute in a header would make it binary mode; the content type stands above it.
        let headers = [MessageHeader("Content-Type", contentType), MessageHeader("ce_id", "other")]
        #expect(try command(assignExample, headers).id == "a-1001")
    }

    @Test func `a batch and other encodings of events are rejected`() {
        let headers = [MessageHeader("content-type", "application/cloudevents-batch+json")]
        #expect(rejection(of: utf8("[\(assignExample)]"), headers)?.field == "content-type")
        #expect(rejection(of: utf8("[\(assignExample)]"))?.field == "value")
    }

    @Test func `a trace context beside the event is taken when the event has none`() throws {
        let headers = [MessageHeader("traceparent", "00-aa-bb-01"), MessageHeader("tracestate", "a=1")]
        #expect(try command(assignExample, headers).traceparent == "00-aa-bb-01")
        #expect(try command(assignExample, headers).tracestate == "a=1")
        let own = assignExample.replacing("\"id\":", with: "\"traceparent\": \"00-cc-dd-01\", \"id\":")
        #expect(try command(own, headers).traceparent == "00-cc-dd-01")
    }

    @Test(arguments: [nil, [] as [UInt8]]) func `a record without a value is rejected`(value: [UInt8]?) {
        let found = rejection(of: value)
        #expect(found?.field == "value" && found?.found == "nothing")
    }

    private static let noEvents: [(String, String)] = [
        ("not json", "value"), ("[]", "value"), ("\"text\"", "value"), ("{}", "specversion"),
        (#"{"id":"a"}"#, "specversion"), (#"{"specversion":1.0}"#, "specversion"),
        (#"{"specversion":null}"#, "specversion"), (#"{"specversion":"1.0","id":7}"#, "id"),
        (#"{"specversion":"1.0","data_base64":"e30="}"#, "data_base64"), (#"{"specversion":"1.0","":7}"#, #""""#),
    ]

    @Test(arguments: noEvents) func `a value that is no event is rejected`(text: String, field: String) {
        #expect(rejection(of: utf8(text))?.field == field)
    }

    @Test func `what can be read of a rejected record is kept for its outcome`() throws {
        let text = assignExample.replacing(#""assignee""#, with: #""campaign": "c-1", "agent""#)
            .replacing("\"id\":", with: "\"correlationid\": \"x\", \"id\":")
        let salvaged = try #require(rejection(of: utf8(text))).salvaged
        #expect(salvaged.id == "a-1001" && salvaged.source == "/crm/routing" && salvaged.correlationID == "x")
        #expect(salvaged.type == "bulkhead.conversation.assign.v1")
        #expect(salvaged.provider == "hatif" && salvaged.account == "main" && salvaged.campaign == "c-1")

        let broken = assignExample.replacing("\"2026-11-21T09:00:00Z\"", with: "\"today\"")
        #expect(rejection(of: utf8(broken))?.salvaged.provider == "hatif")
        #expect(rejection(of: utf8("{"))?.salvaged == Rejection.Salvage())
    }

    private static let personal: [(String, String)] = [
        (#""conversation": "sara@example.com""#, "sara"), (#""contact": "phone:0501112223""#, "0501112223"),
        (#""contact": "email:sara at example.com""#, "sara"),
    ]

    @Test(arguments: personal) func `a rejection never shows what may be personal`(target: String, secret: String)
        throws
    {
        let text = assignExample.replacing(#""conversation": "3a1a4cb7-e7c1-f045-127b-ad2297847528""#, with: target)
        let found = try #require(rejection(of: utf8(text)))
        #expect(!found.reason.contains(secret))
    }

    @Test(arguments: [("id", "id"), ("source", "source"), ("subject", "subject"), ("correlationid", "correlationid")])
    func `texts end at the documented length`(attribute: String, field: String) throws {
        func event(_ length: Int) -> [UInt8] {
            let value = String(repeating: "x", count: length)
            var members = try? JSON(parsing: utf8(assignExample)).members?.filter { $0.key != attribute }
            members?.append(.init(attribute, .string(value)))
            return JSON.object(members ?? []).encoded
        }
        #expect(rejection(of: event(256)) == nil)
        #expect(rejection(of: event(257))?.field == field)
        #expect(rejection(of: event(0))?.field == field)
    }

    @Test(arguments: [
        "id:1", "id:12345678901234567890", "email:a@b", "phone:+1234567", "phone:+123456789012345",
    ])
    func `contacts are read by their kind`(text: String) {
        #expect(ContactIdentifier(text: text)?.text == text)
    }

    private static let noContacts: [String] = [
        "", "id:", "id:a", "id:-1", "id:123456789012345678901", "email:", "email:a", "email:@b", "email:a@",
        "email:a@b@c",
        "email:a b@c", "email:a/b@c", "phone:", "phone:1234567", "phone:+123456", "phone:+1234567890123456",
        "phone:+12345a7",
        "name:sara", "ID:1", ":1",
    ]

    @Test(arguments: noContacts) func `what is no contact is refused`(text: String) {
        #expect(ContactIdentifier(text: text) == nil)
    }

    @Test func `binary headers bring back the command`() throws {
        let original = try command(assignExample)
        let data = try #require(try JSON(parsing: original.encoded())["data"]).encoded
        var event = original.event
        event.correlationID = "c"
        event.expiry = Timestamp("2026-11-22T00:00:00Z")
        event.priority = .bulk
        let headers = event.binaryHeaders(contentType: "application/json")
        guard case .command(let again) = try decode(data, headers) else {
            Issue.record("no command")
            return
        }
        #expect(again.event == event && again.action == original.action)
    }

    @Test func `an attribute that stands in two headers is rejected`() throws {
        let headers = try command(assignExample).event.binaryHeaders(contentType: "application/json")
        let found = rejection(of: utf8("{}"), headers + [MessageHeader("ce_id", "b")])
        #expect(found?.field == "ce_id")
    }

    @Test func `card bytes that are not UTF-8 go as Base64 and come back`() throws {
        let event = EventAttributes(id: "i", source: "s", type: .contactsImport, time: Timestamp(milliseconds: 5))
        for length in 1...9 {
            let bytes = [0xFF as UInt8] + (1..<length).map { UInt8($0) }
            let command = ImportCommand(event: event, provider: "hatif", content: .bytes(bytes))
            #expect(try decode(command.encoded()) == .contactsImport(command))
        }
    }

    @Test(arguments: ["=", "QQ", "QQ=", "QQ===", "QR==", "QUI", "QUJ=", "Q=Q=", "QUJD=", "QU-D"])
    func `Base64 that is not exact is rejected`(text: String) {
        let value = utf8(
            #"{"specversion":"1.0","id":"i","source":"s","type":"bulkhead.contacts.import.v1","data":{"provider":"p","vcardsBase64":""#
                + text + #""}}"#
        )
        #expect(rejection(of: value)?.field == "data.vcardsBase64")
    }
}
