/// A message that asks for something and is identified by its event's `source` and `id`.
package protocol IdentifiedCommand: Hashable, Sendable {
    var event: EventAttributes { get }
    var provider: String { get }
    var account: String { get }
}

extension IdentifiedCommand {
    package var id: String { event.id }
    package var source: String { event.source }
    package var type: String { event.type }
    package var time: Timestamp { event.time }
    package var subject: String? { event.subject }
    package var correlationID: String? { event.correlationID }
    package var expiry: Timestamp? { event.expiry }
    package var traceparent: String? { event.traceparent }
    package var tracestate: String? { event.tracestate }
    package var priority: Priority { event.priority }
    package var reference: CommandReference { CommandReference(id: id, source: source, type: type) }
}

/// Assigns or unassigns one conversation.
package struct Command: IdentifiedCommand {
    package enum Action: Hashable, Sendable {
        case assign(Target, Assignee)
        case unassign(Target)

        package var target: Target {
            switch self {
            case .assign(let target, _), .unassign(let target): target
            }
        }
    }

    /// Who has to have the conversation for the command to be carried out.
    package enum Expectation: Hashable, Sendable {
        /// The command has no precondition.
        case absent
        case nobody
        case assignee(Assignee)
    }

    package var event: EventAttributes
    package var provider: String
    package var account: String
    package var action: Action
    package var campaign: String?
    package var expect: Expectation

    package init(
        event: EventAttributes,
        provider: String,
        account: String = Command.defaultAccount,
        action: Action,
        campaign: String? = nil,
        expect: Expectation = .absent
    ) {
        self.event = event
        self.provider = provider
        self.account = account
        self.action = action
        self.campaign = campaign
        self.expect = expect
    }

    /// The account of commands that name none.
    package static let defaultAccount = "default"

    package var target: Target { action.target }

    package var assignee: Assignee? {
        switch action {
        case .assign(_, let assignee): assignee
        case .unassign: nil
        }
    }

    /// What order is promised for: `<provider>/<account>/<conversation or contact>`.
    package var entity: String { "\(provider)/\(account)/\(target.name)" }
}
