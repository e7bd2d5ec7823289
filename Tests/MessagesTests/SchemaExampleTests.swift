import Foundation
import Messages
import Testing

struct SchemaExampleTests {
    private static let inbound: Set<String> = [
        "bulkhead.conversation.assign.v1", "bulkhead.conversation.unassign.v1", "bulkhead.contacts.import.v1",
        "bulkhead.campaign.start.v1",
    ]

    @Test func `every type has a schema, an example that is valid, and each inbound type one that is not`() throws {
        let valid = Set(Example.all("valid").map(\.kind))
        let invalid = Set(Example.all("invalid").map(\.kind))
        for type in MessageType.allCases where type != .contactsBatch {
            let schema = Example.schemas.appending(path: "\(type.rawValue).schema.json")
            let json = try JSON(parsing: Array(try Data(contentsOf: schema)))
            #expect(json["properties"]?["type"]?["const"] == .string(type.rawValue))
            #expect(valid.contains(type.rawValue))
        }
        #expect(Self.inbound.isSubset(of: invalid))
    }

    @Test(arguments: Example.all("valid").filter { inbound.contains($0.kind) })
    func `a valid command decodes, and what is written of it decodes to the same`(example: Example) throws {
        let message = try decode(example.bytes, at: 1_795_251_600_000)
        #expect(message.event.type == example.kind)
        let encoded =
            switch message {
            case .command(let command): command.encoded()
            case .contactsImport(let command): command.encoded()
            case .campaign(let command): command.encoded()
            case .contactsBatch(let batch): batch.encoded()
            }
        let again = try decode(encoded)
        #expect(again == message)
    }

    // How far outcomes are counted is written and read in Pipeline, and tested there.
    @Test(arguments: Example.all("valid").filter { !inbound.contains($0.kind) && $0.name != "jobs" })
    func `what Bulkhead writes decodes and is written again with the same members`(example: Example) throws {
        let encoded: [UInt8]
        switch example.kind {
        case "bulkhead.outcome.v1": encoded = try Outcome(decoding: example.bytes).encoded()
        case "bulkhead.import.completed.v1": encoded = try ImportCompleted(decoding: example.bytes).encoded()
        case "bulkhead.campaign.completed.v1": encoded = try CampaignCompleted(decoding: example.bytes).encoded()
        case "control": encoded = try ControlMessage(decoding: example.bytes).encoded()
        default:
            switch try StatusMessage(decoding: example.bytes) {
            case .member(let status): encoded = status.encoded()
            case .job(let status): encoded = status.encoded()
            case .importPart(let part): encoded = part.encoded()
            case .campaignPlan(let plan): encoded = plan.encoded()
            }
        }
        #expect(try canonical(encoded) == canonical(example.bytes))
    }

    @Test(arguments: Example.all("invalid"))
    func `an invalid example is rejected at the field its name is about`(example: Example) throws {
        let field = try #require(Self.fields["\(example.kind)/\(example.name)"])
        do throws(Rejection) {
            switch example.kind {
            case "bulkhead.outcome.v1": _ = try Outcome(decoding: example.bytes)
            case "control": _ = try ControlMessage(decoding: example.bytes)
            default: _ = try decode(example.bytes)
            }
            Issue.record("accepted")
        } catch {
            #expect(error.field == field)
            #expect(!error.found.isEmpty && !error.allowed.isEmpty)
        }
    }

    @Test func `every expectation above has its file`() {
        let names = Set(Example.all("invalid").map { "\($0.kind)/\($0.name)" })
        #expect(names == Set(Self.fields.keys))
    }

    @Test(arguments: Example.all("binary/valid"))
    func `a record in binary mode decodes`(example: Example) throws {
        let (value, headers) = try record(example)
        let message = try decode(value, headers, at: 1_000)
        #expect(message.event.id == (example.name == "vcard" ? "i-1" : "a-1001"))
        if case .contactsImport(let command) = message {
            #expect(command.content == .bytes(value))
            #expect(command.defaultCountry == .named("sa"))
            #expect(command.labels == ["imported", "vip"])
            #expect(command.part == .whole)
            #expect(command.time == Timestamp(milliseconds: 1_000))
        }
    }

    @Test(arguments: Example.all("binary/invalid"))
    func `a record in binary mode is rejected at the header that is wrong`(example: Example) throws {
        let fields = [
            "no-ce-id": "ce_id", "ce-time-unreadable": "ce_time", "vcard-without-ce-provider": "ce_provider",
            "ce-part-is-zero": "ce_part", "data-is-not-json": "data",
        ]
        let (value, headers) = try record(example)
        #expect(rejection(of: value, headers)?.field == fields[example.name])
    }

    private func record(_ example: Example) throws -> ([UInt8], [MessageHeader]) {
        let json = try JSON(parsing: example.bytes)
        let headers = try #require(json["headers"]?.elements).map { header in
            MessageHeader(header["name"]?.text ?? "", header["value"]?.text ?? "")
        }
        return (utf8(try #require(json["value"]?.text)), headers)
    }

    /// The value with the members of objects in the order of their keys.
    private func canonical(_ bytes: [UInt8]) throws -> JSON { sorted(try JSON(parsing: bytes)) }

    private func sorted(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): .array(elements.map(sorted))
        case .object(let members):
            .object(members.map { JSON.Member($0.key, sorted($0.value)) }.sorted { $0.key < $1.key })
        default: json
        }
    }

    private static let fields: [String: String] = {
        var fields: [String: String] = [:]
        func add(_ kind: String, _ table: [String: String]) {
            for (name, field) in table { fields["\(kind)/\(name)"] = field }
        }
        add(
            "bulkhead.conversation.assign.v1",
            [
                "specversion-0-3": "specversion", "no-specversion": "specversion", "no-id": "id",
                "empty-source": "source", "no-type": "type", "unknown-type": "type", "time-without-zone": "time",
                "expirytime-is-a-number": "expirytime", "unknown-priority": "priority",
                "camel-case-attribute": "correlationId", "extension-is-an-object": "region",
                "data-content-type-xml": "datacontenttype", "no-data": "data", "data-is-text": "data",
                "no-provider": "data.provider", "provider-with-slash": "data.provider",
                "account-is-a-number": "data.account", "no-target": "data.conversation",
                "conversation-and-contact": "data.contact", "conversation-is-no-uuid": "data.conversation",
                "contact-without-kind": "data.contact", "contact-phone-too-short": "data.contact",
                "no-assignee": "data.assignee", "assignee-is-null": "data.assignee",
                "assignee-empty": "data.assignee", "user-and-email": "data.assignee",
                "assignee-unknown-kind": "data.assignee.team", "assignee-user-is-a-fraction": "data.assignee.user",
                "assignee-email-without-at": "data.assignee.email", "expect-is-null": "data.expect",
                "expect-without-assignee": "data.expect.assignee", "unknown-field": "data.conversationId",
            ]
        )
        add(
            "bulkhead.conversation.unassign.v1",
            ["with-assignee": "data.assignee", "unknown-field": "data.force"]
        )
        add(
            "bulkhead.contacts.import.v1",
            [
                "no-cards": "data.vcards", "text-and-url": "data.url", "url-without-sha256": "data.sha256",
                "url-is-a-path": "data.url", "base64-of-another-alphabet": "data.vcardsBase64",
                "part-zero": "data.part.index", "rule-without-lengths": "data.defaultCountry.nationalLengths",
                "label-is-empty": "data.labels[0]",
            ]
        )
        add(
            "bulkhead.campaign.start.v1",
            [
                "no-campaign": "data.campaign", "no-action": "data.action", "unknown-action": "data.action",
                "assign-without-assignee": "data.assignee", "unassign-with-assignee": "data.assignee",
                "distribute-without-list": "data.distribute", "weight-zero": "data.distribute[0].weight",
                "no-members": "data.targets", "targets-and-select": "data.select", "no-targets": "data.targets",
                "target-of-unknown-form": "data.targets[1]",
                "conversation-and-contact-fields": "data.select.filter", "unknown-status": "data.select.status",
                "error-rate-above-one": "data.options.maxErrorRate",
                "canary-wait-without-unit": "data.options.canary.wait", "unknown-option": "data.options.dryrun",
            ]
        )
        add(
            "bulkhead.outcome.v1",
            [
                "unknown-disposition": "data.disposition", "no-times": "data.times", "no-command": "data.command",
            ]
        )
        add("control", ["unknown-action": "action", "limit-per-number": "limits[0].per"])
        return fields
    }()
}
