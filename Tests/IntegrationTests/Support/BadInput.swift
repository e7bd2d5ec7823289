import KafkaClient
import Messages

extension KafkaHeader: HeaderField {}

/// A record that is no command, and the field that its outcome has to name.
struct BadInput: Sendable {
    var name: String
    var field: String
    var record: ProducerRecord
    /// What of it can be read, and so names its outcome.
    var source: String?
    var id: String?

    private init(_ name: String, _ field: String, _ value: [UInt8]?, headers: [KafkaHeader] = []) {
        self.name = name
        self.field = field
        record = ProducerRecord(
            topic: "bulkhead.commands",
            partition: 0,
            key: Array("key of \(name)".utf8),
            value: value,
            headers: [KafkaHeader(name: "x-sent-by", text: name)] + headers
        )
    }

    /// Bytes that have neither id nor source.
    private static func bytes(_ name: String, _ field: String, _ text: String) -> BadInput {
        BadInput(name, field, Array(text.utf8))
    }

    /// An event of which id and source can be read.
    private static func event(
        _ name: String,
        _ field: String,
        type: String = "bulkhead.conversation.assign.v1",
        attributes: String = "",
        _ data: String
    ) -> BadInput {
        let id = "b-\(name)"
        let text = """
            {"specversion":"1.0","type":"\(type)","source":"/bad","id":"\(id)"\(attributes),"data":\(data)}
            """
        var input = BadInput(name, field, Array(text.utf8))
        input.source = "/bad"
        input.id = id
        return input
    }

    /// Binary mode with the attributes given.
    private static func binary(_ name: String, _ field: String, _ attributes: [String: String]) -> BadInput {
        let headers = attributes.sorted { $0.key < $1.key }.map { KafkaHeader(name: $0.key, text: $0.value) }
        var input = BadInput(name, field, Array("{\(good)}".utf8), headers: headers)
        input.source = attributes["ce_source"]
        input.id = attributes["ce_id"]
        return input
    }

    private static let good =
        #""provider":"hatif","account":"main","conversation":"\#(SampleCommand.conversation(1))","assignee":{"user":"u"}"#

    private static func conversation(_ text: String) -> String {
        #"{"provider":"hatif","account":"main","conversation":\#(text),"assignee":{"user":"u"}}"#
    }

    private static func assignee(_ text: String, provider: String = "hatif") -> String {
        let target =
            provider == "hatif" ? #""conversation":"\#(SampleCommand.conversation(1))""# : #""contact":"id:1""#
        return #"{"provider":"\#(provider)","account":"main",\#(target),"assignee":\#(text)}"#
    }

    static let all: [BadInput] = notEvents + envelopes + data + modes

    private static let notEvents = [
        bytes("text", "value", "this is not JSON"),
        BadInput("bytes", "value", [0xFF, 0xFE, 0x00, 0x01, 0x80]),
        bytes("cut off", "value", #"{"specversion":"1.0","id":"x"#),
        bytes("list", "value", "[1, 2, 3]"),
        bytes("number", "value", "42"),
        BadInput("empty", "value", []),
        BadInput("tombstone", "value", nil),
        bytes("no event", "specversion", #"{"hello":"world"}"#),
        bytes("deep", "value", String(repeating: "[", count: 5_000)),
        bytes("long", "value", String(repeating: "x", count: 1_500_000)),
    ]

    private static let envelopes = [
        event("unknown type", "type", type: "bulkhead.conversation.reassign.v1", "{\(good)}"),
        event("outcome as a command", "type", type: "bulkhead.outcome.v1", "{\(good)}"),
        event("expiry in words", "expirytime", attributes: #","expirytime":"tomorrow""#, "{\(good)}"),
        event("time in words", "time", attributes: #","time":"now""#, "{\(good)}"),
        event("unknown priority", "priority", attributes: #","priority":"urgent""#, "{\(good)}"),
        event("attribute that is no name", "Priority", attributes: #","Priority":"live""#, "{\(good)}"),
        event("list as an attribute", "correlationid", attributes: #","correlationid":[]"#, "{\(good)}"),
    ]

    private static let data = [
        event("no data", "data", "null"),
        event("text as data", "data", #""text""#),
        event("no provider", "data.provider", #"{"conversation":"\#(SampleCommand.conversation(1))"}"#),
        event("number as provider", "data.provider", #"{"provider":1}"#),
        event("unknown provider", "data.provider", "{\(good)}".replacing("hatif", with: "nobody")),
        event("unknown account", "data.account", "{\(good)}".replacing("main", with: "other")),
        event("no target", "data.conversation", #"{"provider":"hatif","account":"main","assignee":{"user":"u"}}"#),
        event("two targets", "data.contact", #"{\#(good),"contact":"id:1"}"#),
        event("no UUID", "data.conversation", conversation(#""12""#)),
        event("number as conversation", "data.conversation", conversation("12")),
        event(
            "contact for a provider of conversations",
            "data.contact",
            #"{"provider":"hatif","account":"main","contact":"id:1","assignee":{"user":"u"}}"#
        ),
        event(
            "conversation for a provider of contacts",
            "data.conversation",
            "{\(good)}".replacing("hatif", with: "aelyst")
        ),
        event("no assignee", "data.assignee", "{\(good)}".replacing(#","assignee":{"user":"u"}"#, with: "")),
        event("both assignees", "data.assignee", assignee(#"{"user":"u","aiAgent":"a"}"#)),
        event("empty assignee", "data.assignee", assignee("{}")),
        event("unknown assignee", "data.assignee.team", assignee(#"{"team":"t"}"#)),
        event("e-mail where none is taken", "data.assignee.email", assignee(#"{"email":"a@example.com"}"#)),
        event("agent where none is taken", "data.assignee.aiAgent", assignee(#"{"aiAgent":"a"}"#, provider: "aelyst")),
        event("assignee in unassign", "data.assignee", type: "bulkhead.conversation.unassign.v1", "{\(good)}"),
        event("extra field", "data.urgent", #"{\#(good),"urgent":true}"#),
        event("a field twice", "value", #"{\#(good),"provider":"hatif"}"#).unreadable,
        event("expectation of nothing", "data.expect.assignee", #"{\#(good),"expect":{}}"#),
        event("long name", "data.provider", #"{"provider":"\#(String(repeating: "p", count: 2_000))"}"#),
        event("import without cards", "data.vcards", type: "bulkhead.contacts.import.v1", #"{"provider":"hatif"}"#),
    ]

    private static let modes = [
        binary("binary without any attribute", "specversion", [:]),
        binary("binary without version", "ce_specversion", ["ce_id": "m-1", "ce_source": "/bad"]),
        binary("binary without type", "ce_type", ["ce_specversion": "1.0", "ce_id": "m-2", "ce_source": "/bad"]),
        binary(
            "binary without id",
            "ce_id",
            ["ce_specversion": "1.0", "ce_type": "bulkhead.conversation.assign.v1", "ce_source": "/bad"]
        ),
        binary(
            "binary without source",
            "ce_source",
            ["ce_specversion": "1.0", "ce_type": "bulkhead.conversation.assign.v1", "ce_id": "m-3"]
        ),
        binary("other version", "ce_specversion", ["ce_specversion": "0.3", "ce_id": "m-4", "ce_source": "/bad"]),
        binary("batch", "content-type", ["content-type": "application/cloudevents-batch+json"]),
    ]

    /// The same where neither id nor source can be read.
    private var unreadable: BadInput {
        var input = self
        input.source = nil
        input.id = nil
        return input
    }
}
