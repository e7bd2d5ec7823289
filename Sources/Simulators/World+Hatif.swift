import NIOCore

/// Hatif's conversations API (`reference/providers.md` 1.2 to 1.4).
extension World {
    mutating func handleHatif(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        guard !credentials.isForbidden(visit.call) else { return refuse(.forbidden, visit) }
        if hatif[visit.account] == nil { hatif[visit.account] = HatifWorkspace(number: visit.account) }
        switch visit.call.endpoint {
        case .hatifAssign: return assignHatif(visit, body)
        case .hatifConversation:
            guard let place = hatifConversation(visit.call.entity, visit) else { return refuse(.notFound, visit) }
            return Reply { writeConversation(place, visit, &$0) }
        case .hatifTimeline: return timeline(visit)
        case .hatifCreateConversation: return createConversation(visit, body)
        case .hatifList: return listConversations(visit)
        case .hatifChannels: return listChannels(visit)
        case .hatifUsers: return listHatifUsers(visit)
        default:
            guard visit.call.endpoint.isHatifContacts else { return refuse(.notFound, visit) }
            return handleHatifContacts(visit, body)
        }
    }

    /// The place of a conversation, which comes into being here unless the simulator is strict.
    mutating func hatifConversation(_ id: String, _ visit: Visit) -> Int? {
        let id = id.lowercased()
        guard !id.isEmpty, !configuration.missing.contains(id) else { return nil }
        if let place = hatif[visit.account]?.place(of: id) { return place }
        guard !configuration.strict else { return nil }
        return hatif[visit.account]?.open(id: id, channel: 0, now: visit.time)
    }

    private mutating func assignHatif(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        guard let json = JSON(body), case .object = json else {
            return refuse(.badRequest("The request body is not valid JSON."), visit)
        }
        let user = json.field(anyCase: "AssignedUserId")
        let agent = json.field(anyCase: "AssignedAiAgentId")
        for id in [user, agent] where id != nil && id != .null && id?.string == nil {
            return refuse(.badRequest("The id of an assignee must be a string."), visit)
        }
        guard user?.string == nil || agent?.string == nil else {
            return refuse(.badRequest("Only one of AssignedUserId and AssignedAiAgentId can be set."), visit)
        }
        guard let place = hatifConversation(visit.call.entity, visit),
            var assignment = hatif[visit.account]?.conversations[place].assignment
        else { return refuse(.notFound, visit) }
        let assignee = user?.string.map { "user:" + $0 } ?? agent?.string.map { "aiAgent:" + $0 } ?? ""
        change(&assignment, to: assignee, entity: visit.call.entity.lowercased(), visit)
        hatif[visit.account]?.update(place) {
            $0.assignment = assignment
            // The assignation is an event of the timeline, so a sort by activity moves under the reader's feet.
            $0.lastActivity = visit.time
        }
        return .emptyObject
    }

    /// The assignee of a conversation, taken apart.
    func assignee(_ assignment: Assignment) -> (kind: Substring, id: Substring)? {
        guard assignment.assignee != 0 else { return nil }
        let text = texts.text(of: assignment.assignee)
        let kind = text.prefix { $0 != ":" }
        return (kind, text.dropFirst(kind.count + 1))
    }

    /// A conversation as get and create write it: camelCase, status and types as words.
    func writeConversation(_ place: Int, _ visit: Visit, _ writer: inout JSONWriter) {
        guard let workspace = hatif[visit.account] else { return }
        let conversation = workspace.conversations[place]
        let channel = workspace.channels[conversation.channel]
        let assignee = assignee(conversation.assignment)
        let isAgent = assignee?.kind == "aiAgent"
        writer.key("id")
        writer.string(conversation.id)
        writer.key("status")
        writer.string(conversation.closed ? "Closed" : "Open")
        writer.key("contactType")
        writer.string("Individual")
        writer.key("assigneeId")
        writer.string(isAgent ? nil : assignee.map { String($0.id) })
        writer.key("assignedAiAgentId")
        writer.string(isAgent ? assignee.map { String($0.id) } : nil)
        writer.key("isAiAssignee")
        writer.bool(isAgent)
        writer.key("assigneeName")
        writer.string(name(of: assignee, in: workspace))
        writer.key("contactId")
        writer.string(conversation.contactID)
        writer.key("contactName")
        writer.string(conversation.contactName)
        writer.key("phoneNumber")
        writer.string(conversation.phone)
        writer.key("channelId")
        writer.string(channel.id)
        writer.key("channel")
        writer.object { writer in
            writer.key("id")
            writer.string(channel.id)
            writer.key("name")
            writer.string(channel.name)
            writer.key("type")
            writer.string("Voice")
            writer.key("icon")
            writer.null()
            writer.key("phoneNumber")
            writer.string(channel.phone)
        }
        writer.key("tags")
        writer.array { _ in }
        writer.key("unreadCount")
        writer.int(0)
        writer.key("sentiment")
        writer.null()
        writer.key("lastActivityAt")
        writer.string(Timestamp.seconds(conversation.lastActivity))
    }

    func name(of assignee: (kind: Substring, id: Substring)?, in workspace: HatifWorkspace) -> String? {
        assignee.flatMap { assignee in workspace.users.first { $0.userID == assignee.id || $0.id == assignee.id }?.name
        }
    }

    private mutating func createConversation(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        guard let json = JSON(body), let id = json.field(anyCase: "ChannelId")?.string,
            let phone = json.field(anyCase: "PhoneNumber")?.string, !phone.isEmpty
        else { return refuse(.badRequest("ChannelId and PhoneNumber are required."), visit) }
        guard let channel = hatif[visit.account]?.channel(id) else { return refuse(.notFound, visit) }
        let existing = hatif[visit.account]?.conversations.firstIndex { $0.phone == phone && $0.channel == channel }
        let name = json.field(anyCase: "ContactName")?.string
        let opened = existing ?? hatif[visit.account]?.open(channel: channel, phone: phone, name: name, now: visit.time)
        guard let place = opened, var conversation = hatif[visit.account]?.conversations[place] else {
            return refuse(.failed, visit)
        }
        let user = json.field(anyCase: "AssignToUserId")?.string.map { "user:" + $0 }
        let agent = json.field(anyCase: "AssignToAiAgentId")?.string.map { "aiAgent:" + $0 }
        // Whether it changes an existing conversation is not documented; here it does not.
        if existing == nil, let assignee = user ?? agent {
            change(&conversation.assignment, to: assignee, entity: conversation.id, visit)
            hatif[visit.account]?.update(place) { $0 = conversation }
        }
        return Reply { writer in
            writer.key("conversation")
            writer.object { writeConversation(place, visit, &$0) }
            writer.key("contactId")
            writer.string(conversation.contactID)
        }
    }

    private func listHatifUsers(_ visit: Visit) -> Reply {
        var writer = JSONWriter()
        writer.array { writer in
            for user in hatif[visit.account]?.users ?? [] {
                writer.object { writer in
                    writer.key("id")
                    writer.string(user.id)
                    writer.key("userId")
                    writer.string(user.userID)
                    writer.key("email")
                    writer.string(user.isAIAgent ? nil : "\(user.userID.suffix(4))@example.com")
                    writer.key("name")
                    writer.string(user.name)
                    writer.key("role")
                    writer.int(2)
                    writer.key("isAiAgent")
                    writer.bool(user.isAIAgent)
                }
            }
        }
        return Reply(200, json: writer.buffer)
    }
}
