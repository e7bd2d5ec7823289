extension Command {
    private static let fields = "provider, account, conversation or contact, assignee, campaign, expect"
    private static let targetAllowed = "exactly one of conversation and contact"

    /// Reads the data of an assign or unassign event.
    init(_ event: CloudEvent, _ type: MessageType) throws(Rejection) {
        let members = try event.dataMembers()
        var provider: String?
        var account = Command.defaultAccount
        var target: Target?
        var assignee: Assignee?
        var campaign: String?
        var expect = Expectation.absent
        for member in members {
            switch member.key {
            case "provider":
                provider = try member.value.requiredName("data.provider")
            case "account":
                if member.value != .null { account = try member.value.requiredName("data.account") }
            case "conversation", "contact":
                guard target == nil else {
                    throw Rejection(
                        "data.\(member.key)",
                        found: "conversation and contact",
                        allowed: Self.targetAllowed
                    )
                }
                target = try Self.target(member)
            case "assignee":
                guard type == .assign else {
                    throw .wrong("data.assignee", member.value, allowed: "no assignee in an unassign command")
                }
                assignee = try Assignee(member.value, "data.assignee")
            case "campaign":
                if member.value != .null { campaign = try member.value.requiredName("data.campaign") }
            case "expect":
                expect = try Expectation(member.value)
            default:
                throw .unknown(member.key, in: "data", allowed: Self.fields)
            }
        }
        guard let provider else { throw .missing("data.provider", allowed: "the name of a provider") }
        guard let target else { throw .missing("data.conversation", allowed: Self.targetAllowed) }
        let action: Action
        if type == .assign {
            guard let assignee else { throw .missing("data.assignee", allowed: Assignee.allowed) }
            action = .assign(target, assignee)
        } else {
            action = .unassign(target)
        }
        self.init(
            event: event.attributes,
            provider: provider,
            account: account,
            action: action,
            campaign: campaign,
            expect: expect
        )
    }

    private static func target(_ member: JSON.Member) throws(Rejection) -> Target {
        if member.key == "conversation" {
            guard let id = member.value.text.flatMap(conversationID) else {
                throw .wrong("data.conversation", member.value, allowed: "a UUID as text")
            }
            return .conversation(id)
        }
        guard let identifier = member.value.text.flatMap(ContactIdentifier.init(text:)) else {
            throw .wrong("data.contact", member.value, allowed: ContactIdentifier.allowed)
        }
        return .contact(identifier)
    }

    /// The command as an event in structured mode.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 640)
        writer.beginObject()
        event.encode(into: &writer)
        writer.key("data")
        writer.beginObject()
        writer.field("provider", provider)
        writer.field("account", account)
        switch target {
        case .conversation(let id): writer.field("conversation", id)
        case .contact(let identifier): writer.field("contact", identifier.text)
        }
        if let assignee { writer.field("assignee", assignee) }
        writer.fieldIfPresent("campaign", campaign)
        switch expect {
        case .absent: break
        case .nobody: encodeExpectation(nil, into: &writer)
        case .assignee(let assignee): encodeExpectation(assignee, into: &writer)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private func encodeExpectation(_ assignee: Assignee?, into writer: inout JSONWriter) {
        writer.key("expect")
        writer.beginObject()
        writer.field("assignee", assignee)
        writer.endObject()
    }
}

extension Command.Expectation {
    private static let allowed = "{ \"assignee\": … } with an assignee, or null for nobody"

    init(_ json: JSON) throws(Rejection) {
        let members = try json.requiredMembers("data.expect", allowed: Self.allowed)
        for member in members where member.key != "assignee" {
            throw .unknown(member.key, in: "data.expect", allowed: Self.allowed)
        }
        guard let member = members.first else { throw .missing("data.expect.assignee", allowed: Self.allowed) }
        self = member.value == .null ? .nobody : .assignee(try Assignee(member.value, "data.expect.assignee"))
    }
}

extension CloudEvent {
    /// The members of an event's data, which has to be a JSON object.
    func dataMembers() throws(Rejection) -> [JSON.Member] {
        if let dataContentType, !Self.isJSON(dataContentType) {
            throw .unexpected("datacontenttype", dataContentType, allowed: "application/json")
        }
        switch payload {
        case .absent: throw .missing("data", allowed: "a JSON object")
        case .json(let json): return try json.requiredMembers("data", allowed: "a JSON object")
        case .bytes: throw Rejection("data", found: "bytes that are not JSON", allowed: "a JSON object")
        }
    }
}
