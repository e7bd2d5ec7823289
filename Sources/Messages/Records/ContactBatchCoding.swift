internal import VCard

extension ContactBatch {
    /// The batch as an event in structured mode, whose `id` is the import's: with a card's number it could be too long.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 1024 + 1024 * members.count)
        var envelope = event
        envelope.id = importID
        writer.beginObject()
        envelope.encode(into: &writer)
        writer.key("data")
        writer.beginObject()
        writer.field("provider", provider)
        writer.field("account", account)
        if !labels.isEmpty { writer.field("labels", labels) }
        writer.key("members")
        writer.beginArray()
        for member in members { member.encode(into: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    init(_ event: CloudEvent) throws(Rejection) {
        var provider: String?
        var account: String?
        var labels: [String] = []
        var members: [Member] = []
        for field in try event.dataMembers() {
            let value = field.value
            switch field.key {
            case "provider": provider = try value.requiredName("data.provider")
            case "account": account = try value.requiredName("data.account")
            case "labels": labels = try value.texts("data.labels")
            case "members":
                let list = try value.requiredList("data.members", Self.memberCounts, of: "cards")
                members.reserveCapacity(list.count)
                for (index, element) in list.enumerated() {
                    do throws(Rejection) {
                        members.append(try Member(element))
                    } catch {
                        throw error.inside("data.members[\(index)]")
                    }
                }
            default: break
            }
        }
        guard let provider else { throw .missing("data.provider", allowed: "the name of a provider") }
        guard let account else { throw .missing("data.account", allowed: "the name of an account") }
        if members.isEmpty { throw .missing("data.members", allowed: "a list of cards") }
        self.init(event: event.attributes, provider: provider, account: account, labels: labels, members: members)
    }
}

extension ContactBatch.Member {
    /// As ``ContactJSON/line(_:)`` writes an accepted card, and its `uid`.
    fileprivate func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("card", card)
        writer.field("line", line)
        writer.field("offset", offset)
        writer.field("outcome", "accepted")
        writer.field("uid", uid)
        writer.field("codes", codes)
        writer.key("contact")
        writer.json(ContactJSON.contact(contact))
        writer.endObject()
    }

    fileprivate init(_ json: JSON) throws(Rejection) {
        var card: Int?
        var line: Int?
        var offset = 0
        var codes: [Outcome.ImportMember.Code] = []
        var contact: Contact?
        for member in try json.requiredMembers("", allowed: "an object") {
            switch member.key {
            case "card": card = try member.value.position("card", from: 1)
            case "line": line = try member.value.position("line", from: 1)
            case "offset": offset = try member.value.position("offset", from: 0)
            case "codes":
                codes = try member.value.list("codes") { element throws(Rejection) in
                    let code = try element["code"]?.requiredText("code", upTo: .max)
                    guard let code else { throw .missing("code", allowed: "one of the codes") }
                    return Outcome.ImportMember.Code(
                        code,
                        line: try element["line"]?.optional { json throws(Rejection) in
                            try json.position("line", from: 1)
                        },
                        property: try element["property"]?.optionalText("property")
                    )
                }
            case "contact":
                do throws(Rejection) {
                    contact = try Contact(member.value)
                } catch {
                    throw error.inside("contact")
                }
            default: break
            }
        }
        guard let card else { throw .missing("card", allowed: "an integer from 1") }
        guard let line else { throw .missing("line", allowed: "an integer from 1") }
        guard let contact else { throw .missing("contact", allowed: "a contact") }
        self.init(card: card, line: line, offset: offset, codes: codes, contact: contact)
    }
}
