/// How a command ended.
///
/// A closed list, since metrics are labelled with it.
package enum Disposition: String, Hashable, Sendable, CaseIterable {
    /// The provider did it.
    case applied
    /// It was so already.
    case unchanged
    /// The answer was lost, and a read showed that it is done.
    case reconciled
    /// A later command for the same entity was sent instead.
    case superseded
    /// A dry run would have sent it.
    case simulated
    /// No command: against the schema, or an unknown provider, account or kind.
    case rejected
    /// The provider said no.
    case refused
    case notFound = "not_found"
    case unauthorized
    /// The provider has no such call.
    case unsupported
    case preconditionFailed = "precondition_failed"
    /// A later live command was already applied to the entity.
    case stale
    case expired
    case cancelled
    /// Failed as often as is allowed.
    case exhausted

    package enum Topic: String, Hashable, Sendable, CaseIterable {
        case results, failures
    }

    package var topic: Topic {
        switch self {
        case .applied, .unchanged, .reconciled, .superseded, .simulated: .results
        case .rejected, .refused, .notFound, .unauthorized, .unsupported, .preconditionFailed, .stale, .expired,
            .cancelled, .exhausted:
            .failures
        }
    }

    /// Whether the record also goes to the dead letters, from where it can be replayed.
    package var isDeadLettered: Bool {
        switch self {
        case .rejected, .refused, .notFound, .unauthorized, .exhausted: true
        default: false
        }
    }
}
