/// A conversation, or an Aelyst contact, as those who check the simulator see it.
package struct ConversationView: Hashable, Sendable {
    package var provider: SimulatedProvider
    package var account: String
    /// Conversation id; for Aelyst the contact's `id:…`.
    package var id: String
    /// `user:…`, `aiAgent:…` or `email:…`, as it was sent; `nil` is nobody.
    package var assignee: String?
    package var isClosed: Bool
    /// All changes still remembered, oldest first.
    package var history: [AssignmentView]
}

/// One assignment that took effect.
package struct AssignmentView: Hashable, Sendable {
    /// Place among all changes, from 0, in the order they took effect.
    package var sequence: Int
    /// Place of its call in the journal.
    package var call: Int
    /// Arrival, nanoseconds since 1970.
    package var time: Int64
    package var provider: SimulatedProvider
    package var account: String
    /// The conversation id or contact identifier of the call's path.
    package var entity: String
    package var from: String?
    package var to: String?
    package var traceparent: String
    package var requestID: String
}

extension World {
    /// The changes of one conversation that are still remembered, oldest first.
    func history(of assignment: Assignment) -> [(place: Int, change: Change)] {
        var history: [(place: Int, change: Change)] = []
        var place = assignment.lastChange
        while let change = changes[place] {
            history.append((place, change))
            place = change.previous
        }
        return history.reversed()
    }

    func view(_ place: Int, _ change: Change) -> AssignmentView {
        AssignmentView(
            sequence: place,
            call: change.call,
            time: change.time,
            provider: change.provider,
            account: texts.text(of: change.account),
            entity: texts.text(of: change.entity),
            from: change.from == 0 ? nil : texts.text(of: change.from),
            to: change.to == 0 ? nil : texts.text(of: change.to),
            traceparent: change.traceparent,
            requestID: change.requestID
        )
    }

    /// Every conversation or contact of that id, whichever provider and account it belongs to.
    func conversations(_ id: String) -> [ConversationView] {
        var views: [ConversationView] = []
        for (account, workspace) in hatif {
            guard let place = workspace.place(of: id.lowercased()) else { continue }
            let conversation = workspace.conversations[place]
            views.append(view(.hatif, account, conversation.id, conversation.assignment, closed: conversation.closed))
        }
        for (account, workspace) in aelyst {
            guard let contact = AelystWorkspace.Identifier(id).flatMap(workspace.find) else { continue }
            views.append(view(.aelyst, account, "id:\(contact.id)", contact.assignment, closed: contact.closed))
        }
        for (account, workspace) in convor {
            guard let conversation = workspace.conversations[id.lowercased()] else { continue }
            views.append(view(.convor, account, id.lowercased(), conversation.assignment, closed: false))
        }
        return views.sorted { ($0.provider.rawValue, $0.account) < ($1.provider.rawValue, $1.account) }
    }

    private func view(
        _ provider: SimulatedProvider,
        _ account: UInt32,
        _ id: String,
        _ assignment: Assignment,
        closed: Bool
    ) -> ConversationView {
        ConversationView(
            provider: provider,
            account: texts.text(of: account),
            id: id,
            assignee: assignment.assignee == 0 ? nil : texts.text(of: assignment.assignee),
            isClosed: closed,
            history: history(of: assignment).map { view($0.place, $0.change) }
        )
    }

    /// Adds conversations or contacts and returns their ids (for Aelyst `id:…`).
    @discardableResult
    mutating func seed(_ seed: ConversationSeed, now: Int64) -> [String] {
        let account = texts.number(of: seed.account)
        let assignment = Assignment(assignee: texts.number(of: seed.assignee ?? ""))
        var ids: [String] = []
        let count = max(0, min(seed.count, 1_000_000))
        ids.reserveCapacity(count)
        switch seed.provider {
        case .hatif:
            var workspace = hatif.removeValue(forKey: account) ?? HatifWorkspace(number: account)
            let channels = max(1, min(seed.channels, 1_000))
            workspace.grow(channels: channels)
            for index in 0..<count {
                let place = workspace.open(channel: index % channels, now: now)
                workspace.update(place) {
                    $0.assignment = assignment
                    $0.closed = seed.closed
                }
                ids.append(workspace.conversations[place].id)
            }
            hatif[account] = workspace
        case .aelyst:
            var workspace = aelyst.removeValue(forKey: account) ?? AelystWorkspace()
            if let (kind, id) = assignee(assignment) {
                _ = workspace.user(id: Int(id), email: kind == "email" ? String(id) : nil)
            }
            for _ in 0..<count {
                var contact = workspace.add(now: now)
                contact.assignment = assignment
                contact.closed = seed.closed
                workspace.save(contact)
                ids.append("id:\(contact.id)")
            }
            aelyst[account] = workspace
        case .convor:
            var workspace = convor.removeValue(forKey: account) ?? ConvorWorkspace()
            for _ in 0..<count {
                let number = String(workspace.conversations.count + 1, radix: 16)
                let padded = String(repeating: "0", count: max(0, 12 - number.count)) + number
                let id =
                    "c0f0c0de-\(String(0x1_0000 + Int(account & 0xFFFF), radix: 16).dropFirst())-4000-8000-\(padded)"
                workspace.conversations[id] = .init(assignment: assignment, created: now, updated: now)
                ids.append(id)
            }
            convor[account] = workspace
        }
        return ids
    }
}
