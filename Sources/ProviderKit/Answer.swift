package import Messages

/// What a provider's response to one step means for the command.
package struct Answer: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// The step is done.
        case done
        /// ``Step/check`` read who has the conversation: the assignee found, `nil` for nobody.
        case found(Assignee?)
        /// Too many requests; the command keeps its place and its attempts.
        case throttled
        /// Accepted later: Aelyst's 449. Tried again on its own schedule of minutes, no attempt spent.
        case queued
        /// The token was refused. One refresh is tried where there is one to try.
        case unauthorized
        /// The provider failed or its answer cannot be read; an attempt is spent and the step is tried again.
        case failed
        /// Terminal: the credentials are good, but not for this call.
        case forbidden
        /// Terminal: no such conversation or contact.
        case notFound
        /// Terminal: the provider says no.
        case refused
    }

    package var verdict: Verdict
    package var detail: ResponseDetail
    /// Further names of the assignee found, as the e-mail address of a user.
    package var otherNames: [Assignee]

    package init(_ verdict: Verdict, _ detail: ResponseDetail, otherNames: [Assignee] = []) {
        self.verdict = verdict
        self.detail = detail
        self.otherNames = otherNames
    }

    /// Whether a ``Verdict/found(_:)`` is the given assignee under any of its names; `nil` of any other verdict.
    ///
    /// Letter case does not count: ids are numbers or UUIDs, and no provider tells e-mail addresses apart by it.
    package func shows(_ assignee: Assignee?) -> Bool? {
        guard case .found(let found) = verdict else { return nil }
        guard let assignee, let found else { return found == nil && assignee == nil }
        return ([found] + otherNames).contains { $0.isSame(as: assignee) }
    }
}

extension Assignee {
    /// Whether both name the same person or agent, letter case aside.
    package func isSame(as other: Assignee) -> Bool {
        switch (self, other) {
        case (.user(let left), .user(let right)), (.email(let left), .email(let right)),
            (.aiAgent(let left), .aiAgent(let right)):
            left == right || left.lowercased() == right.lowercased()
        default:
            false
        }
    }
}

/// Codes that adapters themselves put into ``ResponseDetail/code``, where the provider gave none.
package enum AdapterCode {
    /// A 2xx after which the conversation has another assignee than was asked for.
    package static let notApplied = "not_applied"
    /// A 2xx whose body is not what the provider documents.
    package static let unreadable = "unreadable_response"
    /// A 3xx: redirects are not followed.
    package static let redirect = "redirect"
}
