import NIOCore

/// Aelyst's lists (`reference/providers.md` 2.3), with their traps.
extension World {
    /// Contacts by ascending id; the cursor is the last id of the page before.
    mutating func listAelystContacts(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        guard let page = cursorPage(visit) else { return refuse(.badRequest("limit"), visit) }
        guard let json = JSON(body), json["search"]?.string != nil else {
            return refuse(.badRequest("search"), visit)
        }
        guard let filter = ContactFilter(json["filter"] ?? .null) else { return refuse(.badRequest("filter"), visit) }
        let ids = aelyst[visit.account]?.ids() ?? []
        guard let workspace = aelyst[visit.account] else { return refuse(.failed, visit) }
        let search = json["search"]?.string?.lowercased() ?? ""
        var items: [AelystWorkspace.Contact] = []
        for id in ids where id > page.cursor {
            guard let contact = workspace.contacts[id] else { continue }
            let user = workspace.user(of: assignee(contact.assignment))
            guard search.isEmpty || contact.fields.values.contains(where: { $0.lowercased().contains(search) }),
                filter.accepts(contact, assignee: user?.id)
            else { continue }
            items.append(contact)
            if items.count > page.limit { break }
        }
        let shown = items.prefix(page.limit)
        return Reply { writer in
            writer.key("items")
            writer.array { writer in for contact in shown { writer.object { write(contact, workspace, &$0) } } }
            let next = items.count > page.limit ? shown.last?.id : nil
            writePagination("contact/list", page, next: next, previous: shown.first?.id, &writer)
        }
    }

    func listAelystUsers(_ visit: Visit) -> Reply {
        guard let page = cursorPage(visit) else { return refuse(.badRequest("limit"), visit) }
        let users = (aelyst[visit.account]?.users ?? []).sorted { $0.id < $1.id }.filter { $0.id > page.cursor }
        return Reply { writer in
            writer.key("items")
            writer.array { writer in
                for user in users.prefix(page.limit) { writer.object { Self.write(user, &$0) } }
            }
            let next = users.count > page.limit ? users.prefix(page.limit).last?.id : nil
            writePagination("space/user", page, next: next, previous: users.first?.id, &writer)
        }
    }

    /// `limit` 1 to 99, default 10; a negative cursor would page backwards, which the simulator does not.
    private func cursorPage(_ visit: Visit) -> (limit: Int, cursor: Int)? {
        let limit = visit.call.query["limit"].map { Int($0) ?? 0 } ?? 10
        let cursor = visit.call.query["cursorId"].map { Int($0) ?? -1 } ?? 0
        return (1..<100).contains(limit) && cursor >= 0 ? (limit, cursor) : nil
    }

    /// The addresses as the documentation has them: another host than the one that was asked, and without `/v1`.
    private func writePagination(
        _ path: String,
        _ page: (limit: Int, cursor: Int),
        next: Int?,
        previous: Int?,
        _ writer: inout JSONWriter
    ) {
        let address = "https://api.aelyst.ai/\(path)?limit=\(page.limit)&cursorId="
        writer.key("pagination")
        writer.object { writer in
            writer.key("next")
            writer.string(next.map { address + String($0) })
            writer.key("previous")
            writer.string(page.cursor == 0 ? nil : previous.map { address + String(-$0) })
        }
    }

    static func write(_ user: AelystWorkspace.User, _ writer: inout JSONWriter) {
        writer.key("id")
        writer.int(user.id)
        writer.key("firstName")
        writer.string(user.firstName)
        writer.key("lastName")
        writer.null()
        writer.key("email")
        writer.string(user.email)
        writer.key("role")
        writer.string("agent")
        writer.key("team")
        writer.null()
        writer.key("restrictions")
        writer.array { _ in }
    }

    func write(_ contact: AelystWorkspace.Contact, _ workspace: AelystWorkspace, _ writer: inout JSONWriter) {
        writer.key("id")
        writer.int(contact.id)
        for field in AelystWorkspace.textFields {
            writer.key(field)
            writer.string(contact.fields[field])
        }
        writer.key("custom_fields")
        writer.array { writer in
            for field in contact.custom {
                writer.object { writer in
                    writer.key("name")
                    writer.string(field.name)
                    writer.key("value")
                    writer.value(field.value)
                }
            }
        }
        writer.key("status")
        writer.string(contact.closed ? "closed" : "open")
        writer.key("tags")
        writer.array { _ in }
        writer.key("assignee")
        if let user = workspace.user(of: assignee(contact.assignment)) {
            writer.object { writer in
                writer.key("id")
                writer.int(user.id)
                writer.key("firstName")
                writer.string(user.firstName)
                writer.key("lastName")
                writer.null()
                writer.key("email")
                writer.string(user.email)
            }
        } else {
            writer.null()
        }
        writer.key("lifecycle")
        writer.string(contact.lifecycle)
        writer.key("created_at")
        writer.int(contact.created / 1_000_000_000)
        writer.key("isBlocked")
        writer.bool(false)
    }
}
