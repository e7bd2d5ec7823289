/// Hatif's lists (`reference/providers.md` 1.3, 1.4), with their traps.
extension World {
    /// `SkipCount` and `MaxResultCount`; above 1,000 is refused, as the framework does (1.7).
    func page(_ visit: Visit, byDefault count: Int) -> (skip: Int, count: Int)? {
        let skip = visit.call.query.int("SkipCount") ?? 0
        let count = visit.call.query.int("MaxResultCount") ?? count
        guard skip >= 0, (1...1_000).contains(count) else { return nil }
        return (skip, count)
    }

    func listChannels(_ visit: Visit) -> Reply {
        guard let page = page(visit, byDefault: 20) else { return refuse(.badRequest("MaxResultCount"), visit) }
        let channels = hatif[visit.account]?.channels ?? []
        return Reply { writer in
            writer.key("totalCount")
            writer.int(channels.count)
            writer.key("items")
            writer.array { writer in
                for channel in channels.dropFirst(page.skip).prefix(page.count) {
                    writer.object { writer in
                        writer.key("id")
                        writer.string(channel.id)
                        writer.key("name")
                        writer.string(channel.name)
                        writer.key("type")
                        writer.int(1)
                        writer.key("icon")
                        writer.null()
                        writer.key("phoneNumber")
                        writer.object { writer in
                            writer.key("id")
                            writer.string(channel.id)
                            writer.key("number")
                            writer.string(channel.phone)
                        }
                        writer.key("workspaceId")
                        writer.string(texts.text(of: visit.account))
                    }
                }
            }
        }
    }

    /// Lists one channel's conversations.
    ///
    /// Offsets count in what matches now: rows are skipped when the caller changes what it
    /// filters by. `PhoneNumber`, `Name` and `TagIds` change nothing, the first as observed.
    func listConversations(_ visit: Visit) -> Reply {
        guard let page = page(visit, byDefault: 10) else { return refuse(.badRequest("MaxResultCount"), visit) }
        guard let workspace = hatif[visit.account], let channel = workspace.channel(visit.call.entity) else {
            return refuse(.notFound, visit)
        }
        var places = workspace.channels[channel].members.filter {
            matches(workspace.conversations[$0], visit.call.query)
        }
        let sorting = visit.call.query["Sorting"]?.lowercased() ?? ""
        if sorting.hasPrefix("lastactivityat") {
            let conversations = workspace.conversations
            let descending = sorting.hasSuffix("desc")
            places.sort { left, right in
                let times = (conversations[left].lastActivity, conversations[right].lastActivity)
                return times.0 == times.1 ? left < right : (times.0 > times.1) == descending
            }
        }
        let pascal = !configuration.hatifListsInCamelCase
        return Reply { writer in
            writer.key(pascal ? "TotalCount" : "totalCount")
            writer.int(places.count)
            writer.key(pascal ? "Items" : "items")
            writer.array { writer in
                for place in places.dropFirst(page.skip).prefix(page.count) {
                    writer.object { writeListed(place, workspace, pascal: pascal, &$0) }
                }
            }
        }
    }

    private func matches(_ conversation: HatifWorkspace.Conversation, _ query: Query) -> Bool {
        let assignee = assignee(conversation.assignment)
        if let status = query.int("Status"), status != (conversation.closed ? 2 : 1) { return false }
        if let unassigned = query["GetUnAssigned"], unassigned.lowercased() == "true", assignee != nil { return false }
        if let ids = query.list("AssigneeUserIds"), !ids.isEmpty {
            guard let assignee, ids.contains(String(assignee.id)) else { return false }
        }
        if let ids = query.list("ContactIds"), !ids.isEmpty, !ids.contains(conversation.contactID) { return false }
        if let from = query["FromDate"].flatMap(Timestamp.atUTCPlus3), conversation.lastActivity < from { return false }
        if let to = query["ToDate"].flatMap(Timestamp.atUTCPlus3), conversation.lastActivity > to { return false }
        // Nothing here waits for an answer, so nothing is lost.
        return query["IsLost"]?.lowercased() != "true"
    }

    /// A row of the list: status and types as numbers, keys in PascalCase unless configured otherwise.
    private func writeListed(
        _ place: Int,
        _ workspace: HatifWorkspace,
        pascal: Bool,
        _ writer: inout JSONWriter
    ) {
        func key(_ name: String, _ writer: inout JSONWriter) {
            writer.key(pascal ? name : name.prefix(1).lowercased() + name.dropFirst())
        }
        let conversation = workspace.conversations[place]
        let channel = workspace.channels[conversation.channel]
        let assignee = assignee(conversation.assignment)
        let isAgent = assignee?.kind == "aiAgent"
        let texts: [(String, String?)] = [
            ("Id", conversation.id),
            ("Sentiment", nil),
            ("LastActivityAt", Timestamp.seconds(conversation.lastActivity)),
            ("ContactId", conversation.contactID),
            ("ContactName", conversation.contactName),
            ("PhoneNumber", conversation.phone),
            ("ChannelId", channel.id),
            ("AssigneeId", isAgent ? nil : assignee.map { String($0.id) }),
            ("AssignedAiAgentId", isAgent ? assignee.map { String($0.id) } : nil),
            ("AssigneeName", name(of: assignee, in: workspace)),
            ("LastEventStatus", "Answered"),
            ("LastEventPreviewBody", nil),
            ("LastEventOccurredAt", Timestamp.seconds(conversation.lastActivity)),
        ]
        for (name, value) in texts {
            key(name, &writer)
            writer.string(value)
        }
        let lastSource = conversation.assignment.changes > 0 ? 3 : 1
        for (name, value) in [
            ("Status", conversation.closed ? 2 : 1), ("ContactType", 1), ("LastEventSourceType", lastSource),
            ("LastEventDirection", 1), ("LastEventsCount", conversation.assignment.changes), ("UnreadCount", 0),
        ] {
            key(name, &writer)
            writer.int(value)
        }
        key("IsAiAssignee", &writer)
        writer.bool(isAgent)
        key("Tags", &writer)
        writer.array { _ in }
        key("Channel", &writer)
        writer.object { writer in
            key("Id", &writer)
            writer.string(channel.id)
            key("Name", &writer)
            writer.string(channel.name)
            key("Type", &writer)
            writer.int(1)
            key("Icon", &writer)
            writer.null()
            key("PhoneNumber", &writer)
            writer.string(channel.phone)
        }
    }

    /// The assignments of a conversation, latest first unless `Sorting` says otherwise.
    mutating func timeline(_ visit: Visit) -> Reply {
        guard let page = page(visit, byDefault: 10) else { return refuse(.badRequest("MaxResultCount"), visit) }
        guard let place = hatifConversation(visit.call.entity, visit), let workspace = hatif[visit.account] else {
            return refuse(.notFound, visit)
        }
        let assignment = workspace.conversations[place].assignment
        var history = history(of: assignment)
        if visit.call.query["Sorting"]?.lowercased().hasSuffix("asc") != true { history.reverse() }
        return Reply { writer in
            writer.key("TotalCount")
            writer.int(history.count)
            writer.key("Items")
            writer.array { writer in
                for entry in history.dropFirst(page.skip).prefix(page.count) {
                    writer.object { writeAssignation(entry.change, workspace, &$0) }
                }
            }
        }
    }

    private func writeAssignation(_ change: Change, _ workspace: HatifWorkspace, _ writer: inout JSONWriter) {
        let assignee = assignee(Assignment(assignee: change.to))
        let isAgent = assignee?.kind == "aiAgent"
        let name = name(of: assignee, in: workspace)
        writer.key("SourceType")
        writer.int(3)
        writer.key("OccurredAt")
        writer.string(Timestamp.seconds(change.time))
        writer.key("Assignation")
        writer.object { writer in
            for (key, value) in [
                ("AssignedUserId", isAgent ? nil : assignee.map { String($0.id) }),
                ("AssignedUserName", isAgent ? nil : name),
                ("AssignedAiAgentId", isAgent ? assignee.map { String($0.id) } : nil),
                ("AssignedAiAgentName", isAgent ? name : nil),
                ("AssignedByUserId", texts.text(of: change.account)),
                ("AssignedByUserName", "service account"),
            ] {
                writer.key(key)
                writer.string(value)
            }
        }
    }
}
