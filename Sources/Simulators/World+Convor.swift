import NIOCore

/// One Convor organization: what one API key sees.
struct ConvorWorkspace: Sendable {
    struct Conversation: Sendable {
        var assignment = Assignment()
        let created: Int64
        var updated: Int64
    }

    var conversations: [String: Conversation] = [:]
}

/// Convor's unassign, and the assign call as configured (`reference/providers.md` 3.2, 3.3).
extension World {
    mutating func handleConvor(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        let assignee: String
        switch visit.call.endpoint {
        case .convorUnassign:
            assignee = ""
        case .convorAssign:
            guard let id = JSON(body)?[configuration.convorAssignField]?.scalar, !id.isEmpty else {
                return refuse(.badRequest(configuration.convorAssignField), visit)
            }
            assignee = "user:" + id
        default:
            return refuse(.notFound, visit)
        }
        let id = visit.call.entity.lowercased()
        guard !id.isEmpty, !configuration.missing.contains(id) else { return refuse(.notFound, visit) }
        let existing = convor[visit.account]?.conversations[id]
        guard existing != nil || !configuration.strict else { return refuse(.notFound, visit) }
        var conversation = existing ?? ConvorWorkspace.Conversation(created: visit.time, updated: visit.time)
        change(&conversation.assignment, to: assignee, entity: id, visit)
        conversation.updated = visit.time
        convor[visit.account, default: ConvorWorkspace()].conversations[id] = conversation
        return Reply { write(conversation, id: id, visit, &$0) }
    }

    private func write(
        _ conversation: ConvorWorkspace.Conversation,
        id: String,
        _ visit: Visit,
        _ writer: inout JSONWriter
    ) {
        for (key, value) in [
            ("id", id), ("orgId", texts.text(of: visit.account)), ("visitorId", id),
            ("assignedOperatorId", assignee(conversation.assignment).map { String($0.id) }),
            ("status", "open"), ("priority", "normal"), ("resolvedBy", nil), ("channel", "widget"),
        ] {
            writer.key(key)
            writer.string(value)
        }
        writer.key("aiActive")
        writer.bool(true)
        writer.key("snoozedUntil")
        writer.null()
        writer.key("lastMessageAt")
        writer.string(Timestamp.milliseconds(conversation.created))
        writer.key("metadata")
        writer.object { _ in }
        writer.key("createdAt")
        writer.string(Timestamp.milliseconds(conversation.created))
        writer.key("updatedAt")
        writer.string(Timestamp.milliseconds(conversation.updated))
        writer.key("searchVector")
        writer.string("")
    }
}
