import NIOCore

/// Aelyst's contact and conversation calls (`reference/providers.md` 2.2 to 2.4).
extension World {
    mutating func handleAelyst(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        if aelyst[visit.account] == nil { aelyst[visit.account] = AelystWorkspace() }
        switch visit.call.endpoint {
        case .aelystList: return listAelystContacts(visit, body)
        case .aelystUsers: return listAelystUsers(visit)
        case .aelystUser:
            guard let id = Int(visit.call.entity), let user = aelyst[visit.account]?.users.first(where: { $0.id == id })
            else { return refuse(.notFound, visit) }
            return Reply { Self.write(user, &$0) }
        case .aelystFields, .aelystCreateField: return customFields(visit, body)
        case .unknown: return refuse(.notFound, visit)
        default: break
        }
        guard let identifier = AelystWorkspace.Identifier(visit.call.entity) else {
            return refuse(.badRequest("identifier"), visit)
        }
        switch visit.call.endpoint {
        case .aelystCreate, .aelystUpsert, .aelystUpdate: return writeContact(identifier, visit, body)
        default: break
        }
        guard var contact = aelystContact(identifier, visit) else { return refuse(.notFound, visit) }
        if visit.call.endpoint == .aelystContact, let workspace = aelyst[visit.account] {
            return Reply { write(contact, workspace, &$0) }
        }
        guard let json = JSON(body), case .object = json else { return refuse(.badRequest("body"), visit) }
        switch visit.call.endpoint {
        case .aelystAssign: return assignAelyst(contact, json, visit)
        case .aelystStatus:
            guard let status = json["status"]?.string, status == "open" || status == "close",
                json["summary"] == nil || json["category"] != nil
            else { return refuse(.badRequest("status"), visit) }
            contact.closed = status == "close"
        case .aelystLifecycle:
            guard let name = json["name"], name == .null || name.string != nil else {
                return refuse(.badRequest("name"), visit)
            }
            contact.lifecycle = name.string
        default: return refuse(.notFound, visit)
        }
        aelyst[visit.account]?.save(contact)
        return Self.contactID(contact.id)
    }

    static func contactID(_ id: Int) -> Reply {
        Reply { writer in
            writer.key("contactId")
            writer.int(id)
        }
    }

    /// The contact that a path names, which comes into being here unless the simulator is strict.
    private mutating func aelystContact(_ identifier: AelystWorkspace.Identifier, _ visit: Visit) -> AelystWorkspace
        .Contact?
    {
        guard !configuration.missing.contains(visit.call.entity) else { return nil }
        if let contact = aelyst[visit.account]?.find(identifier) { return contact }
        guard !configuration.strict else { return nil }
        return aelyst[visit.account]?.add(identifier, now: visit.time)
    }

    private mutating func assignAelyst(_ contact: AelystWorkspace.Contact, _ json: JSON, _ visit: Visit) -> Reply {
        let assignee: String
        switch json["assignee"] {
        case .null?: assignee = ""
        case .number(let text)?:
            guard let id = Int(text), id > 0, let user = aelyst[visit.account]?.user(id: id, email: nil) else {
                return refuse(.badRequest("assignee"), visit)
            }
            assignee = "user:\(user.id)"
        case .string(let text)? where text.contains("@"):
            _ = aelyst[visit.account]?.user(id: nil, email: text)
            assignee = "email:" + text
        case .string(let text)?:
            guard let id = Int(text), id > 0, let user = aelyst[visit.account]?.user(id: id, email: nil) else {
                return refuse(.badRequest("assignee"), visit)
            }
            assignee = "user:\(user.id)"
        default: return refuse(.badRequest("assignee"), visit)
        }
        if !(contact.closed && configuration.aelystIgnoresClosed) {
            var assignment = contact.assignment
            change(&assignment, to: assignee, entity: visit.call.entity, visit)
            aelyst[visit.account]?.note(assignment, of: contact.id)
        }
        return Self.contactID(contact.id)
    }

    /// Create, upsert and update: upsert goes by the path first, then by the body's phone or e-mail.
    private mutating func writeContact(
        _ identifier: AelystWorkspace.Identifier,
        _ visit: Visit,
        _ body: ByteBuffer
    ) -> Reply {
        guard !configuration.missing.contains(visit.call.entity), var workspace = aelyst[visit.account] else {
            return refuse(.notFound, visit)
        }
        guard let json = JSON(body), case .object = json else { return refuse(.badRequest("body"), visit) }
        var byID = false
        if case .id = identifier { byID = true }
        var found = workspace.find(identifier)
        switch visit.call.endpoint {
        case .aelystCreate:
            guard !byID, found == nil, json["firstName"]?.string != nil else {
                return refuse(.badRequest("firstName"), visit)
            }
        case .aelystUpsert:
            guard json["firstName"]?.string != nil else { return refuse(.badRequest("firstName"), visit) }
            if found == nil, !byID {
                let others = [json["email"]?.string.map { "email:" + $0 }, json["phone"]?.string.map { "phone:" + $0 }]
                found =
                    others.lazy.compactMap { $0.flatMap { AelystWorkspace.Identifier($0) } }
                    .compactMap { workspace.find($0) }.first
            }
            guard found != nil || !byID || !configuration.strict else { return refuse(.notFound, visit) }
        default:
            guard found != nil || !configuration.strict else { return refuse(.notFound, visit) }
        }
        let custom = (json["custom_fields"]?.array ?? []).map {
            (name: $0["name"]?.string ?? "", value: $0["value"] ?? .null)
        }
        guard custom.allSatisfy({ workspace.customFields.contains($0.name) }) else {
            return refuse(.badRequest("custom_fields"), visit)
        }
        // Taken out, so that the changes below do not copy the workspace.
        aelyst[visit.account] = nil
        var contact = found ?? workspace.add(identifier, now: visit.time)
        for field in AelystWorkspace.textFields {
            if let text = json[field]?.string { contact.fields[field] = text }
        }
        for (name, value) in custom {
            contact.custom.removeAll { $0.name == name }
            contact.custom.append((name, value))
        }
        workspace.save(contact)
        aelyst[visit.account] = workspace
        guard visit.call.endpoint == .aelystCreate else { return Self.contactID(contact.id) }
        // The sibling's create answers without an id (2.5).
        return Reply { writer in
            writer.key("code")
            writer.int(200)
            writer.key("message")
            writer.string("Contact created")
        }
    }

    private mutating func customFields(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        if visit.call.endpoint == .aelystCreateField {
            guard let name = JSON(body)?["name"]?.string, !name.isEmpty else {
                return refuse(.badRequest("name"), visit)
            }
            if aelyst[visit.account]?.customFields.contains(name) == false {
                aelyst[visit.account]?.customFields.append(name)
            }
        }
        return Reply { writer in
            writer.key("items")
            writer.array { writer in
                for (index, name) in (aelyst[visit.account]?.customFields ?? []).enumerated() {
                    writer.object { writer in
                        writer.key("id")
                        writer.int(index + 1)
                        writer.key("name")
                        writer.string(name)
                        writer.key("dataType")
                        writer.string("text")
                    }
                }
            }
            writer.key("pagination")
            writer.object { writer in
                writer.key("next")
                writer.null()
                writer.key("previous")
                writer.null()
            }
        }
    }
}
