import HTTPTypes
import Messages
package import ProviderKit
package import Scheduling

/// Hatif (Voxa): conversations by UUID, held by a human or an AI agent (`reference/providers.md` 1).
///
/// Limits: on no page of the vendor; 120 a minute for a whole workspace was observed, so 100 is the default. Assigning
/// answers `{}` whatever came of it, so only a read tells who has a conversation.
package struct Hatif: Provider {
    package static let kind = "hatif"
    package static let defaultLimits = [RateLimit(requests: 100, per: .seconds(60), scope: .account)]

    package let settings: HatifSettings
    let reader: ResponseReader

    package init(_ settings: HatifSettings) {
        self.settings = settings
        reader = ResponseReader(
            secrets: [settings.credential.clientSecret] + [settings.contactsCredential?.clientSecret].compactMap { $0 }
        )
    }

    package var canRead: Bool { true }

    package func refusal(of operation: Operation) -> Refusal? {
        guard case .conversation = operation.target else {
            return Refusal(
                .rejected,
                field: "contact",
                reason: "Hatif assigns conversations: give `conversation`, a UUID"
            )
        }
        switch operation.assignee {
        case .email:
            return Refusal(
                .rejected,
                field: "assignee.email",
                reason: "Hatif knows users by id: give `user` or `aiAgent`"
            )
        case .user(""), .aiAgent(""):
            // Empty text is no id, and whether Hatif takes it for null is not documented.
            return Refusal(.rejected, field: "assignee", reason: "the id is empty")
        case .user, .aiAgent, nil:
            return nil
        }
    }

    package func steps(for operation: Operation, check: Bool) -> [Step] {
        check ? [.check, .act] : [.act]
    }

    package func request(for operation: Operation, _ step: Step) throws(EncodingFailure) -> ProviderRequest {
        guard case .conversation(let id) = operation.target, !id.isEmpty else {
            throw EncodingFailure(field: "conversation", reason: "Hatif needs the id of a conversation")
        }
        let path = "/v2/conversations/service-account/\(PercentEncoding.encode(id))"
        let template = "/v2/conversations/service-account/{id}"
        switch step {
        case .check, .verify:
            return settings.baseURL.call(.get, path, template: template)
        case .act, .open:
            let body = try Self.assignment(operation.assignee)
            return settings.baseURL.call(.post, path + "/assign", template: template + "/assign", body: body)
        }
    }

    /// Both keys, always: one is null, or both (`reference/providers.md` 1.2).
    private static func assignment(_ assignee: Assignee?) throws(EncodingFailure) -> [UInt8] {
        var user: String?
        var agent: String?
        switch assignee {
        case .user(let id): user = id
        case .aiAgent(let id): agent = id
        case .email: throw EncodingFailure(field: "assignee.email", reason: "Hatif knows users by id")
        case nil: break
        }
        return jsonObject { writer in
            writer.field("AssignedUserId", user)
            writer.field("AssignedAiAgentId", agent)
        }
    }

    package func answer(to operation: Operation, _ step: Step, _ response: ProviderResponse) -> Answer {
        switch step {
        case .act, .open:
            return reading(response)
        case .check, .verify:
            let found = assignee(in: response)
            return step == .check ? found : confirming(operation, found, response)
        }
    }

    private func confirming(_ operation: Operation, _ found: Answer, _ response: ProviderResponse) -> Answer {
        guard let holds = found.shows(operation.assignee) else { return found }
        return holds ? Answer(.done, found.detail) : reader.notApplied(response)
    }

    package func authentication(for credential: CredentialName) -> Authentication {
        let chosen = credential == .contacts ? settings.contactsCredential ?? settings.credential : settings.credential
        return .clientCredentials(HatifTokens(settings: settings, credential: chosen, reader: reader))
    }

    /// The credential of contact calls: the main one unless there is another, so that one token serves both.
    var contacts: CredentialName { settings.contactsCredential == nil ? .main : .contacts }
}
