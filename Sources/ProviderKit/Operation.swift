package import Messages

/// What a provider is asked to do for one command.
package enum Operation: Hashable, Sendable {
    case assign(Target, Assignee)
    case unassign(Target)

    package var target: Target {
        switch self {
        case .assign(let target, _), .unassign(let target): target
        }
    }

    /// The assignee once the operation is done; `nil` is nobody.
    package var assignee: Assignee? {
        switch self {
        case .assign(_, let assignee): assignee
        case .unassign: nil
        }
    }
}

/// One call of an operation.
///
/// Each is a request of its own that passes through the account's budget.
package enum Step: String, Hashable, Sendable {
    /// Reads who has the conversation before anything is changed (`expect`, or a call in doubt).
    case check
    /// Opens the conversation, where a provider ignores assignments of closed ones.
    case open
    /// The change itself.
    case act
    /// Reads who has the conversation afterwards; done when it is whom the operation names.
    case verify
}
