package import HTTPTypes

/// A request to a provider, complete but for its `Authorization` header.
package struct ProviderRequest: Sendable {
    package var head: HTTPRequest
    package var body: [UInt8]
    /// Method and path template, as `POST /v2/conversations/service-account/{id}/assign`: the `endpoint` scope of limits.
    package var endpoint: String
    package var credential: CredentialName

    package init(head: HTTPRequest, body: [UInt8] = [], endpoint: String, credential: CredentialName = .main) {
        self.head = head
        self.body = body
        self.endpoint = endpoint
        self.credential = credential
    }

    /// Method and exact path without the query: the `path` scope of limits.
    package var pathScope: String {
        let path = head.path ?? "/"
        return "\(head.method.rawValue) \(path.prefix { $0 != "?" })"
    }
}

package struct ProviderResponse: Sendable {
    package var head: HTTPResponse
    package var body: [UInt8]

    package init(head: HTTPResponse, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

/// Carries requests to providers.
package protocol Transport: Sendable {
    /// Sends one request and reads its response whole.
    ///
    /// Redirects are not followed: a 3xx is a response like any other, so that credentials stay with the host they are
    /// for.
    /// - Parameter timeout: from the call to the last byte of the response.
    func send(_ request: ProviderRequest, timeout: Duration) async throws(TransportFailure) -> ProviderResponse
}

/// A call that brought no response.
package struct TransportFailure: Error, Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// Nothing was written: name not resolved, connection refused, TLS failed.
        case notSent
        /// No answer in time after the request may have been written.
        case timeout
        /// The connection ended after the request may have been written.
        case lost
        /// The answer was larger than the transport reads.
        case tooLarge
        /// The caller was cancelled; the request may have been written.
        case cancelled
    }

    package var kind: Kind
    /// What happened, in the transport's words, without credentials or addresses of contacts.
    package var reason: String

    package init(_ kind: Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// Whether the provider may have acted on the request.
    package var inDoubt: Bool { kind != .notSent }
}
