extension Assignee {
    static let allowed = "an object with exactly one of user, email, aiAgent"

    init(_ json: JSON, _ field: String) throws(Rejection) {
        let members = try json.requiredMembers(field, allowed: Self.allowed)
        guard let member = members.first, members.count == 1 else {
            let keys = members.prefix(4).map { Rejection.shown($0.key) }.joined(separator: " and ")
            throw Rejection(field, found: members.isEmpty ? "an empty object" : keys, allowed: Self.allowed)
        }
        switch member.key {
        case "user": self = .user(try Self.id(member.value, field, "user"))
        case "aiAgent": self = .aiAgent(try Self.id(member.value, field, "aiAgent"))
        case "email":
            guard let address = member.value.text, isAddress(address) else {
                throw .wrong("\(field).email", member.value, allowed: "an e-mail address")
            }
            self = .email(address)
        default: throw .unknown(member.key, in: field, allowed: Self.allowed)
        }
    }

    private static func id(_ json: JSON, _ path: String, _ name: String) throws(Rejection) -> String {
        switch json {
        case .integer(let number) where number >= 0: return String(number)
        case .string(let text) where (1...256).contains(text.utf8.count): return text
        default: throw .wrong("\(path).\(name)", json, allowed: "text of 1 to 256 bytes or an integer from 0")
        }
    }

    /// Reads what ``encode(into:)`` wrote; `nil` for anything else.
    init?(_ json: JSON?) {
        guard let json, let value = try? Assignee(json, "") else { return nil }
        self = value
    }

    func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .user(let id): writer.field("user", id)
        case .email(let address): writer.field("email", address)
        case .aiAgent(let id): writer.field("aiAgent", id)
        }
        writer.endObject()
    }
}

extension JSONWriter {
    mutating func field(_ name: String, _ assignee: Assignee?) {
        key(name)
        if let assignee { assignee.encode(into: &self) } else { null() }
    }
}
