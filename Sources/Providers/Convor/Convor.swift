import HTTPTypes
import Messages
package import ProviderKit
package import Scheduling

/// Convor: conversations by UUID, held by operators (`reference/providers.md` 3).
///
/// Only unassigning is documented; assigning and reading work once they are configured. Limits are not documented, so
/// the default is a call per second. A change answers with the conversation, which shows whether it was made. A later
/// read proves nothing, as the vendor's own routing may have moved the conversation on, so nothing is read back.
package struct Convor: Provider {
    package static let kind = "convor"
    package static let defaultLimits = [RateLimit(requests: 1, per: .seconds(1), scope: .account)]

    package let settings: ConvorSettings
    private let reader: ResponseReader

    package init(_ settings: ConvorSettings) {
        self.settings = settings
        reader = ResponseReader(secrets: [settings.token])
    }

    package var canRead: Bool { settings.readPath != nil }

    package func refusal(of operation: Operation) -> Refusal? {
        guard case .conversation = operation.target else {
            return Refusal(.rejected, field: "contact", reason: "Convor has conversations: give `conversation`, a UUID")
        }
        switch operation.assignee {
        case nil:
            return nil
        case .email:
            return Refusal(.rejected, field: "assignee.email", reason: "Convor assigns to operators: give `user`")
        case .aiAgent:
            return Refusal(.rejected, field: "assignee.aiAgent", reason: "Convor assigns to operators: give `user`")
        case .user(""):
            return Refusal(.rejected, field: "assignee", reason: "the id is empty")
        case .user:
            guard settings.assign == nil else { return nil }
            return Refusal(.unsupported, field: "assignee", reason: "assign is not configured")
        }
    }

    package func steps(for operation: Operation, check: Bool) -> [Step] {
        check && canRead ? [.check, .act] : [.act]
    }

    package func request(for operation: Operation, _ step: Step) throws(EncodingFailure) -> ProviderRequest {
        guard case .conversation(let id) = operation.target, !id.isEmpty else {
            throw EncodingFailure(field: "conversation", reason: "Convor needs the id of a conversation")
        }
        switch (step, operation.assignee) {
        case (.check, _), (.verify, _):
            guard let template = settings.readPath else {
                throw EncodingFailure(field: "conversation", reason: "reading is not configured")
            }
            return settings.baseURL.call(.get, try Self.path(template, id), template: template)
        case (.act, nil), (.open, nil):
            let template = "/api/conversations/{id}/unassign"
            return settings.baseURL.call(.post, try Self.path(template, id), template: template)
        case (.act, .user(let operatorID)), (.open, .user(let operatorID)):
            guard let assign = settings.assign else {
                throw EncodingFailure(field: "assignee", reason: "assign is not configured")
            }
            let path = try Self.path(assign.path, id)
            let body = jsonObject { $0.field(assign.field, operatorID) }
            return settings.baseURL.call(assign.method, path, template: assign.path, body: body)
        case (.act, _), (.open, _):
            throw EncodingFailure(field: "assignee", reason: "Convor assigns to operators")
        }
    }

    private static func path(_ template: String, _ id: String) throws(EncodingFailure) -> String {
        // Searched for byte by byte: `firstRange(of:)` takes longer than all the rest of a request.
        var rest = template[...]
        while let open = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
            rest = rest[open...].dropFirst()
            guard rest.utf8.starts(with: "id}".utf8) else { continue }
            return template[..<open] + PercentEncoding.encode(id) + rest.dropFirst(3)
        }
        throw EncodingFailure(field: "conversation", reason: "the configured path has no {id}")
    }

    package func answer(to operation: Operation, _ step: Step, _ response: ProviderResponse) -> Answer {
        let conversation: JSON
        switch reader.json(response) {
        case .failure(let answer): return answer
        case .success(let json): conversation = Self.conversation(in: json)
        }
        guard let value = conversation.member("assignedOperatorId") else {
            // What assigning answers is not documented: its 2xx counts unless the body contradicts it.
            let isUncheckedAssign = step == .act && operation.assignee != nil
            return isUncheckedAssign ? Answer(.done, reader.success(response)) : reader.unreadable(response)
        }
        guard value.isNull || value.identifier != nil else { return reader.unreadable(response) }
        let found = Answer(.found(value.identifier.map(Assignee.user)), reader.success(response))
        if step == .check { return found }
        return found.shows(operation.assignee) == true ? Answer(.done, found.detail) : reader.notApplied(response)
    }

    /// The conversation itself, also where a call wraps it.
    private static func conversation(in json: JSON) -> JSON {
        for wrapper in ["conversation", "data"] {
            if let inner = json.member(wrapper), inner.member("assignedOperatorId") != nil { return inner }
        }
        return json
    }

    package func authentication(for credential: CredentialName) -> Authentication { .bearer(settings.token) }
}
