package import Scheduling

/// One account of a provider's API: values in, values out.
///
/// An adapter builds requests and reads answers. It never sends, sleeps, retries or logs; the lane does, and passes each
/// step's response back. Credentials are not part of requests: the lane adds the `Authorization` header right before
/// sending, from what ``authentication(for:)`` describes.
package protocol Provider: Sendable {
    /// The name under `kind` in the settings.
    static var kind: String { get }
    /// The limits that hold when the settings name none.
    static var defaultLimits: [RateLimit] { get }

    /// Why this provider cannot take the operation, found without a call; `nil` when it can.
    func refusal(of operation: Operation) -> Refusal?
    /// The calls that make up the operation, in order; `check` is true when the present assignee must be known first.
    ///
    /// `check` on a provider without a read leaves ``Step/check`` out, see ``canRead``.
    func steps(for operation: Operation, check: Bool) -> [Step]
    /// Whether the present assignee of a target can be read.
    var canRead: Bool { get }
    func request(for operation: Operation, _ step: Step) throws(EncodingFailure) -> ProviderRequest
    func answer(to operation: Operation, _ step: Step, _ response: ProviderResponse) -> Answer
    func authentication(for credential: CredentialName) -> Authentication
    /// How long a command waits that was answered with ``Answer/Verdict/queued``.
    var queuedPolicy: QueuedPolicy { get }
}

extension Provider {
    package var queuedPolicy: QueuedPolicy { QueuedPolicy() }
}

/// Why an operation is not for this provider: ends as `rejected` or, where the provider's API is not known to have such
/// a call, as `unsupported`.
package struct Refusal: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case rejected, unsupported }

    package var kind: Kind
    /// The field of the command's `data`, as `assignee.aiAgent`.
    package var field: String
    /// What was found and what is allowed, in words, without personal data.
    package var reason: String

    package init(_ kind: Kind, field: String, reason: String) {
        self.kind = kind
        self.field = field
        self.reason = reason
    }
}

/// A request that cannot be written, such as an identifier with no place in a path.
package struct EncodingFailure: Error, Hashable, Sendable {
    package var field: String
    package var reason: String

    package init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }
}
