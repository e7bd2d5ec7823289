import Messages
import Testing
import VCard

struct ContactBatchTests {
    private static let headers = LaneHeaders(
        origin: RecordPosition(topic: "bulkhead.imports", partition: 1, offset: 2, timestamp: 3),
        key: nil,
        entity: "hatif/main"
    ).added(to: [MessageHeader("content-type", "application/cloudevents+json; charset=UTF-8")])

    private static func command(id: String = "i-1") -> ImportCommand {
        ImportCommand(
            event: EventAttributes(
                id: id,
                source: "/crm",
                type: .contactsImport,
                time: Timestamp(milliseconds: 1_795_251_600_123),
                subject: "contacts.vcf",
                correlationID: "c-1",
                expiry: Timestamp(milliseconds: 1_795_251_700_000),
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                tracestate: "a=1"
            ),
            provider: "hatif",
            account: "main",
            content: .bytes([]),
            labels: ["imported", "vip"]
        )
    }

    private static func members(_ file: [UInt8]) -> [ContactBatch.Member] {
        var members: [ContactBatch.Member] = []
        func take(_ card: ImportedCard) {
            if let member = ContactBatch.Member(card) { members.append(member) }
        }
        var contacts = ContactImport(home: nil, language: nil)
        contacts.feed(file, take)
        _ = contacts.finish(take)
        return members
    }

    private static func read(_ bytes: [UInt8]) throws -> ContactBatch? {
        guard case .contactsBatch(let batch) = try decode(bytes, headers) else { return nil }
        return batch
    }

    @Test func `every contact that cards can give comes back as it was`() throws {
        var all: Set<Contact> = []
        for input in VCardFuzz.inputs(2_000, seed: 11) {
            let members = Self.members(input)
            guard !members.isEmpty else { continue }
            let batch = ContactBatch(of: Self.command(), members)
            let encoded = batch.encoded()
            let again = try Self.read(encoded)
            #expect(again == batch)
            // Swift calls texts equal that differ in their bytes.
            #expect(again?.encoded() == encoded)
            all.formUnion(members.map(\.contact))
        }
        // The property says nothing about a field that no contact has.
        #expect(all.contains { !$0.phones.isEmpty && $0.phones[0].extension != nil })
        #expect(all.contains { $0.phones.contains { $0.reason != nil } })
        #expect(all.contains { !$0.emails.isEmpty && !$0.units.isEmpty && !$0.custom.isEmpty })
        #expect(all.contains { $0.photo?.bytes != nil && $0.birthday?.month != nil && !$0.messaging.isEmpty })
        #expect(all.contains { !$0.addresses.isEmpty && $0.language != nil })
        #expect(all.contains { $0.uid != nil && !$0.categories.isEmpty && !$0.notes.isEmpty })
    }

    @Test func `a batch is named after its import and its first card, and each card after the import`() throws {
        let id = String(repeating: "i", count: EventAttributes.maximumLength)
        let member = ContactBatch.Member(
            card: 51,
            line: 400,
            offset: 12_000,
            codes: [Outcome.ImportMember.Code("charset_guessed", line: 401, property: "FN")],
            contact: Contact(displayName: "Sara", uid: "u-1")
        )
        let batch = try #require(try Self.read(ContactBatch(of: Self.command(id: id), [member]).encoded()))
        #expect(batch.id == "\(id)/51")
        #expect(batch.importID == id)
        #expect(batch.type == "bulkhead.contacts.batch.v1")
        #expect(batch.priority == .bulk)
        #expect(batch.expiry == Self.command().expiry && batch.time == Self.command().time)
        #expect(batch.traceparent == Self.command().traceparent && batch.tracestate == "a=1")
        #expect(batch.correlationID == "c-1" && batch.labels == ["imported", "vip"])
        #expect(batch.members.first?.uid == "u-1")
        #expect(batch.members == [member])
        let reference = CommandReference(id: "\(id)/51", source: "/crm", type: "bulkhead.contacts.import.v1")
        #expect(batch.reference(of: member) == reference)
    }

    @Test func `a member has the form of a checked card`() throws {
        let file = utf8("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Sara\r\nTEL:0501234567\r\nEND:VCARD\r\n")
        var line: [UInt8] = []
        var contacts = ContactImport()
        contacts.feed(file) { line = ContactJSON.line($0) }
        let batch = try JSON(parsing: ContactBatch(of: Self.command(), Self.members(file)).encoded())
        let member = try #require(batch["data"]?["members"]?.elements?.first?.members)
        #expect(try JSON(parsing: line).members == member.filter { $0.key != "uid" })
    }

    @Test func `a producer cannot send one`() {
        let batch = ContactBatch(
            of: Self.command(),
            [ContactBatch.Member(card: 1, line: 1, offset: 0, contact: Contact(displayName: "Sara"))]
        )
        let found = rejection(of: batch.encoded())
        #expect(found?.field == "type")
        #expect(found?.reason == InboundMessage.unknownType(batch.type).reason)
        #expect(found?.allowed.contains("batch") == false)
    }

    @Test(arguments: [
        ("\"card\":1", "\"card\":0", "data.members[0].card"),
        ("\"card\":1", "\"card\":9223372036854775807", "data.members[0].card"),
        ("\"card\":1", "\"cards\":1", "data.members[0].card"),
        ("\"displayName\":\"Sara\"", "\"displayName\":\"\"", "data.members[0].contact.displayName"),
        ("\"displayName\":\"Sara\"", "\"displayname\":\"Sara\"", "data.members[0].contact.displayName"),
        ("\"family\":\"\"", "\"family\":null", "data.members[0].contact.name.family"),
        ("\"phones\":[]", "\"phones\":[1]", "data.members[0].contact.phones[0]"),
        ("\"phones\":[]", "\"phones\":[{\"types\":[\"cell\",\"x\"]}]", "data.members[0].contact.phones[0].types[1]"),
        ("\"notes\":[]", "\"notes\":[\"a\",null]", "data.members[0].contact.notes[1]"),
        ("\"birthday\":null", "\"birthday\":{\"year\":1.5}", "data.members[0].contact.birthday.year"),
        ("\"codes\":[]", "\"codes\":[{}]", "data.members[0].codes[0].code"),
        ("\"contact\":{", "\"contacts\":{", "data.members[0].contact"),
        ("\"members\":[{", "\"members\":[],\"x\":[{", "data.members"),
    ]) func `damage is named by its place`(old: String, new: String, field: String) {
        let member = ContactBatch.Member(card: 1, line: 1, offset: 0, contact: Contact(displayName: "Sara"))
        let text = String(decoding: ContactBatch(of: Self.command(), [member]).encoded(), as: UTF8.self)
        #expect(text.contains(old))
        #expect(rejection(of: utf8(text.replacing(old, with: new, maxReplacements: 1)), Self.headers)?.field == field)
    }

    @Test func `what is unknown is passed over and what is missing is empty`() throws {
        let text = """
            {"specversion":"1.0","type":"bulkhead.contacts.batch.v1","source":"/crm","id":"i-1","priority":"bulk","data":{
            "provider":"hatif","account":"main","later":1,"members":[{"card":1,"line":1,"later":[],
            "contact":{"displayName":"Sara","later":{},"phones":[{"raw":"1","later":true}]}}]}}
            """
        let contact = Contact(displayName: "Sara", phones: [Contact.Phone(raw: "1")])
        #expect(try Self.read(utf8(text))?.members.map(\.contact) == [contact])
    }
}
