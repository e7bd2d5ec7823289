package import Messages

/// What a provider's response to one step means for the command.
package struct Answer: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// The step is done.
        case done
        /// The step was a read: the assignee found, `nil` for nobody.
        case found(Assignee?)
        /// Too many requests; the command keeps its place and its attempts.
        case throttled
        /// Accepted later: Aelyst's 449. Tried again on its own schedule of minutes, no attempt spent.
        case queued
        /// The token was refused. One refresh is tried where there is one to try.
        case unauthorized
        /// The provider failed or its answer cannot be read; an attempt is spent and the step is tried again.
        case failed
        /// Terminal: no such conversation or contact.
        case notFound
        /// Terminal: the provider says no.
        case refused
    }

    package var verdict: Verdict
    package var detail: ResponseDetail

    package init(_ verdict: Verdict, _ detail: ResponseDetail) {
        self.verdict = verdict
        self.detail = detail
    }
}

/// What an outcome passes on of a provider's response.
package struct ResponseDetail: Hashable, Sendable {
    /// The HTTP status; `nil` when no response arrived.
    package var status: Int?
    /// The provider's own code, as Hatif's `Voxa:…`.
    package var code: String?
    /// The provider's message, cut to 500 characters.
    package var message: String?
    /// The provider's id of the request (`X-Request-Id`, Convor's `correlationId`).
    package var requestID: String?

    package init(status: Int? = nil, code: String? = nil, message: String? = nil, requestID: String? = nil) {
        self.status = status
        self.code = code
        self.message = message.map { String($0.prefix(500)) }
        self.requestID = requestID
    }
}
