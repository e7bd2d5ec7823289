import NIOCore

/// Hatif's contacts and the import of vCards (`reference/providers.md` 1.5, 1.6).
extension World {
    mutating func handleHatifContacts(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        switch visit.call.endpoint {
        case .hatifImport: importCards(visit, body)
        case .hatifContacts, .hatifSearchContacts: listContacts(visit, body)
        case .hatifCreateContact: createContact(visit, body)
        case .hatifUpdateContact: updateContact(visit, body)
        case .hatifContactHistory: contactHistory(visit)
        case .hatifDeleteContact:
            hatif[visit.account]?.removeContact(visit.call.entity) == true ? .emptyObject : refuse(.notFound, visit)
        default:
            if let contact = hatif[visit.account]?.contact(visit.call.entity) {
                Reply { write(contact, &$0) }
            } else {
                refuse(.notFound, visit)
            }
        }
    }

    /// Imports all cards or none.
    ///
    /// One that lacks its frame or a number makes the request a 400. Two cards with one number make two contacts, so that
    /// an import sent twice shows.
    private mutating func importCards(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        guard let cards = JSON(body)?.field(anyCase: "VCards")?.array else {
            return refuse(.badRequest("The VCards field is required."), visit)
        }
        var read: [(card: String, name: String, phone: String)] = []
        for card in cards {
            guard let text = card.string, let (name, phone) = Self.nameAndPhone(of: text) else {
                return refuse(.badRequest("A vCard is not valid."), visit)
            }
            read.append((text, name, phone))
        }
        for (card, name, phone) in read {
            hatif[visit.account]?.cards.append(card)
            _ = hatif[visit.account]?.addContact(name: name, phone: phone, now: visit.time) { $0.card = card }
        }
        return .emptyObject
    }

    /// The first `FN` and the first `TEL` of one whole card; as little as the simulator needs.
    private static func nameAndPhone(of card: String) -> (name: String, phone: String)? {
        let lines = card.split(whereSeparator: \.isNewline).map { $0.trimmed }
        guard lines.first?.uppercased() == "BEGIN:VCARD", lines.last?.uppercased() == "END:VCARD",
            lines.count(where: { $0.uppercased() == "BEGIN:VCARD" }) == 1
        else { return nil }
        func value(_ property: String) -> String? {
            let line = lines.first { line in
                let name = line.prefix { $0 != ":" && $0 != ";" }.split(separator: ".").last ?? ""
                return name.uppercased() == property
            }
            return line?.split(separator: ":", maxSplits: 1).dropFirst().first.map { $0.trimmed }
        }
        guard let phone = value("TEL")?.filter({ $0.isNumber || $0 == "+" }), !phone.isEmpty else { return nil }
        return (value("FN") ?? phone, phone)
    }

    private mutating func createContact(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        guard let json = JSON(body), let name = json.field(anyCase: "Name")?.string, !name.isEmpty,
            let phone = json.field(anyCase: "PhoneNumber")?.string, !phone.isEmpty
        else { return refuse(.badRequest("Name and PhoneNumber are required."), visit) }
        let created = hatif[visit.account]?.addContact(name: name, phone: phone, now: visit.time) { contact in
            contact.email = json.field(anyCase: "Email")?.string
            contact.company = json.field(anyCase: "Company")?.string
            contact.position = json.field(anyCase: "Position")?.string
        }
        guard let created else { return refuse(.failed, visit) }
        return Reply { write(created, &$0) }
    }

    /// Empty fields are left alone; each `note` adds another (1.6).
    private mutating func updateContact(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        guard let json = JSON(body) else { return refuse(.badRequest("The request body is not valid JSON."), visit) }
        guard var contact = hatif[visit.account]?.contact(visit.call.entity) else { return refuse(.notFound, visit) }
        func value(_ name: String) -> String? {
            json.field(anyCase: name)?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        func set(_ name: String, _ path: WritableKeyPath<HatifWorkspace.Contact, String?>) {
            guard let new = value(name) else { return }
            contact.edits.append(.init(property: name, old: contact[keyPath: path], new: new, time: visit.time))
            contact[keyPath: path] = new
        }
        if let name = value("Name") {
            contact.edits.append(.init(property: "Name", old: contact.name, new: name, time: visit.time))
            contact.name = name
        }
        if let phone = value("PhoneNumber") {
            contact.edits.append(.init(property: "PhoneNumber", old: contact.phone, new: phone, time: visit.time))
            contact.phone = phone
        }
        set("Email", \.email)
        set("Company", \.company)
        set("Position", \.position)
        if let note = value("note") { contact.notes.append(note) }
        hatif[visit.account]?.updateContact(contact)
        return .emptyObject
    }

    /// Lists contacts whose name and digits contain what the filters `name` and `phoneNumber` say.
    ///
    /// `SkipCount` and `MaxResultCount` may stand in the query or, for a search, in the body.
    private func listContacts(_ visit: Visit, _ body: ByteBuffer) -> Reply {
        let json = visit.call.endpoint == .hatifSearchContacts ? JSON(body) : nil
        let skip = visit.call.query.int("SkipCount") ?? json?.field(anyCase: "skipCount")?.int
        let count = visit.call.query.int("MaxResultCount") ?? json?.field(anyCase: "maxResultCount")?.int
        guard let skip, let count, skip >= 0, (1...1_000).contains(count) else {
            return refuse(.badRequest("SkipCount and MaxResultCount are required."), visit)
        }
        let name = visit.call.query["name"]?.lowercased()
        let digits = visit.call.query["phoneNumber"]?.filter(\.isNumber)
        let matching = (hatif[visit.account]?.contacts ?? []).lazy.compactMap(\.self).filter { contact in
            (name.map { contact.name.lowercased().contains($0) } ?? true)
                && (digits.map { contact.phone.filter(\.isNumber).contains($0) } ?? true)
        }
        return Reply { writer in
            writer.key("totalCount")
            writer.int(matching.reduce(0) { total, _ in total + 1 })
            writer.key("items")
            writer.array { writer in
                for contact in matching.dropFirst(skip).prefix(count) {
                    writer.object { write(contact, &$0) }
                }
            }
        }
    }

    private func contactHistory(_ visit: Visit) -> Reply {
        guard let contact = hatif[visit.account]?.contact(visit.call.entity) else { return refuse(.notFound, visit) }
        return Reply { writer in
            writer.key("totalCount")
            writer.int(contact.edits.count)
            writer.key("items")
            writer.array { writer in
                for (number, edit) in contact.edits.enumerated() {
                    writer.object { writer in
                        writer.key("id")
                        writer.string("\(contact.id.dropLast(2))\(number % 90 + 10)")
                        writer.key("propertyName")
                        writer.string(edit.property)
                        writer.key("oldValue")
                        writer.string(edit.old)
                        writer.key("newValue")
                        writer.string(edit.new)
                        writer.key("creationTime")
                        writer.string(Timestamp.microseconds(edit.time))
                        writer.key("creatorId")
                        writer.null()
                    }
                }
            }
        }
    }

    func write(_ contact: HatifWorkspace.Contact, _ writer: inout JSONWriter) {
        for (key, value) in [
            ("id", contact.id), ("name", contact.name), ("phoneNumber", contact.phone), ("email", contact.email),
            ("company", contact.company), ("position", contact.position),
            ("creationTime", Timestamp.microseconds(contact.created)),
        ] {
            writer.key(key)
            writer.string(value)
        }
        writer.key("contactType")
        writer.int(1)
        writer.key("notes")
        writer.array { writer in for note in contact.notes { writer.string(note) } }
        writer.key("customProperties")
        writer.array { _ in }
    }
}
