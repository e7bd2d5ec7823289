import HTTPTypes
import Messages
import ProviderKit

extension Hatif {
    /// The answer to a response whose body matters only when it is an error.
    ///
    /// A 403 has two meanings (`reference/providers.md` 1.7): with an error object it is a business rule that says no, with
    /// anything else the token lacks the scope, or something before the API shuts us out. Neither of the latter gets
    /// better with the next command.
    func reading(_ response: ProviderResponse) -> Answer {
        var answer = reader.answer(response)
        if response.head.status.code == 403, !Self.isRuleRefusal(response.body) { answer.verdict = .forbidden }
        return answer
    }

    private static func isRuleRefusal(_ body: [UInt8]) -> Bool {
        guard let json = try? JSON(parsing: body), let error = json.member("error") else { return false }
        // ABP leaves the code null in errors that are written for users.
        return error.member("code")?.identifier != nil || error.member("message")?.identifier != nil
    }

    /// Reads a 2xx as JSON.
    func json(_ response: ProviderResponse) -> Reading {
        let answer = reading(response)
        guard answer.verdict == .done else { return .failure(answer) }
        return reader.json(response)
    }

    /// Who has the conversation of a response to *Get conversation*.
    func assignee(in response: ProviderResponse) -> Answer {
        let body: JSON
        switch json(response) {
        case .success(let json): body = json.member("conversation") ?? json
        case .failure(let answer): return answer
        }
        guard let holder = Self.holder(of: body) else { return reader.unreadable(response) }
        return Answer(.found(holder), reader.success(response))
    }

    /// Who has a conversation, in the forms of both get and list; outer `nil` when the object does not say.
    static func holder(of conversation: JSON) -> Assignee?? {
        let user = conversation.member("assigneeId")
        let agent = conversation.member("assignedAiAgentId")
        let isAgent = conversation.member("isAiAssignee")?.boolValue
        guard user != nil || agent != nil else { return nil }
        switch (user?.identifier, agent?.identifier) {
        case (nil, nil):
            // An AI agent without an id cannot be compared with anything.
            return isAgent == true ? nil : .some(nil)
        case (let user?, nil):
            return isAgent == true ? .aiAgent(user) : .user(user)
        case (nil, let agent?):
            return .aiAgent(agent)
        case (let user?, let agent?):
            return isAgent == false ? .user(user) : .aiAgent(agent)
        }
    }
}
