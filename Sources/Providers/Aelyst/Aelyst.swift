import HTTPTypes
import Messages
package import ProviderKit
package import Scheduling

/// Aelyst: conversations by their contact (`reference/providers.md` 2).
///
/// Limits: 5 requests per second for each method on each exact path (developers.aelyst.ai), so different contacts do not
/// share a window. A status of 449 means that the request is queued and is to be sent again some minutes later.
package struct Aelyst: Provider {
    package static let kind = "aelyst"
    package static let defaultLimits = [RateLimit(requests: 5, per: .seconds(1), scope: .path)]

    package let settings: AelystSettings
    let reader: ResponseReader

    package init(_ settings: AelystSettings) {
        self.settings = settings
        reader = ResponseReader(secrets: [settings.token])
    }

    package var canRead: Bool { true }
    package var queuedPolicy: QueuedPolicy { settings.queued }

    package func refusal(of operation: Operation) -> Refusal? {
        guard case .contact(let contact) = operation.target else {
            return Refusal(
                .rejected,
                field: "conversation",
                reason: "Aelyst assigns by contact: give `contact` as id:…, email:… or phone:+…"
            )
        }
        guard !contact.value.isEmpty else {
            return Refusal(.rejected, field: "contact", reason: "the identifier is empty")
        }
        switch operation.assignee {
        case .aiAgent:
            return Refusal(.rejected, field: "assignee.aiAgent", reason: "Aelyst assigns to `user` or `email` only")
        case .user(""), .email(""):
            return Refusal(.rejected, field: "assignee", reason: "the id is empty")
        case .user, .email, nil:
            return nil
        }
    }

    package func steps(for operation: Operation, check: Bool) -> [Step] {
        var steps: [Step] = check ? [.check] : []
        if settings.openBeforeAssign, operation.assignee != nil { steps.append(.open) }
        steps.append(.act)
        if settings.readBack { steps.append(.verify) }
        return steps
    }

    package func request(for operation: Operation, _ step: Step) throws(EncodingFailure) -> ProviderRequest {
        guard case .contact(let contact) = operation.target, !contact.value.isEmpty else {
            throw EncodingFailure(field: "contact", reason: "Aelyst needs a contact")
        }
        let path = "/contact/\(segment(contact))"
        switch step {
        case .check, .verify:
            return settings.baseURL.call(.get, path, template: "/contact/{identifier}")
        case .open:
            return settings.baseURL.call(
                .post,
                path + "/conversation/status",
                template: "/contact/{identifier}/conversation/status",
                body: jsonObject { $0.field("status", "open") }
            )
        case .act:
            let body = try Self.assignment(operation.assignee)
            return settings.baseURL.call(
                .post,
                path + "/conversation/assignee",
                template: "/contact/{identifier}/conversation/assignee",
                body: body
            )
        }
    }

    /// The identifier as one segment of a path.
    func segment(_ contact: ContactIdentifier) -> String {
        switch settings.identifierEncoding {
        case .keepColon: PercentEncoding.encode(contact.text, keeping: ":")
        case .full: PercentEncoding.encode(contact.text)
        case .minimal: PercentEncoding.encode(contact.text, keeping: ":@!$&'()*+,;=")
        }
    }

    /// `assignee` is required and null unassigns; users are integers, other names text (`reference/providers.md` 2.2).
    private static func assignment(_ assignee: Assignee?) throws(EncodingFailure) -> [UInt8] {
        let value: JSON
        switch assignee {
        case nil: value = .null
        case .email(let address): value = .string(address)
        case .user(let id): value = number(id).map(JSON.integer) ?? .string(id)
        case .aiAgent: throw EncodingFailure(field: "assignee.aiAgent", reason: "Aelyst has no AI agents")
        }
        return jsonObject { writer in
            writer.key("assignee")
            writer.value(value)
        }
    }

    /// An id of decimal digits; one with leading zeros stays text, as a number would lose them.
    private static func number(_ id: String) -> Int64? {
        guard id.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(id), String(value) == id else {
            return nil
        }
        return value
    }

    package func answer(to operation: Operation, _ step: Step, _ response: ProviderResponse) -> Answer {
        guard response.head.status.code != 449 else { return Answer(.queued, reader.detail(response)) }
        switch step {
        case .open, .act:
            return reader.answer(response)
        case .check:
            return holder(in: response)
        case .verify:
            let found = holder(in: response)
            guard let holds = found.shows(operation.assignee) else { return found }
            return holds ? Answer(.done, found.detail) : reader.notApplied(response)
        }
    }

    /// Who has the contact of a response to *Get contact*.
    private func holder(in response: ProviderResponse) -> Answer {
        switch reader.json(response) {
        case .failure(let answer):
            return answer
        case .success(let contact):
            guard let names = Self.holderNames(of: contact) else { return reader.unreadable(response) }
            return Answer(.found(names.first), reader.success(response), otherNames: Array(names.dropFirst()))
        }
    }

    /// The names of who has a contact, none for nobody; `nil` when the object is no contact.
    static func holderNames(of contact: JSON) -> [Assignee]? {
        guard case .object = contact else { return nil }
        switch contact.member("assignee") {
        case nil:
            // Servers may leave out what is null, but an object without an id is not a contact at all.
            return contact.member("id")?.identifier == nil ? nil : []
        case .null?:
            return []
        case let assignee?:
            if case .object(let members) = assignee {
                let email = assignee.member("email")?.identifier.map(Assignee.email)
                let names = [assignee.member("id")?.identifier.map(Assignee.user), email].compactMap { $0 }
                let isNobody = members.allSatisfy { $0.value.isNull }
                return names.isEmpty && !isNobody ? nil : names
            }
            guard let name = assignee.identifier else { return nil }
            return [name.contains("@") ? .email(name) : .user(name)]
        }
    }

    package func authentication(for credential: CredentialName) -> Authentication { .bearer(settings.token) }
}
