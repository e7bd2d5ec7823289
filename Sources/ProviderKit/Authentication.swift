/// Which of an account's credentials a request carries.
package enum CredentialName: String, Hashable, Sendable {
    case main
    /// Contact calls, where a provider wants another token for them (`reference/providers.md` 1.1).
    case contacts
}

/// How an account proves itself.
package enum Authentication: Sendable {
    /// A token that does not change.
    case bearer(Secret)
    /// A token that is asked for and expires.
    case clientCredentials(any TokenSource)
}

/// OAuth 2.0 client credentials (RFC 6749 section 4.4) as a pair of pure functions.
package protocol TokenSource: Sendable {
    func tokenRequest() throws(EncodingFailure) -> ProviderRequest
    /// The token in a response of the token endpoint.
    func token(from response: ProviderResponse) throws(TokenFailure) -> AccessToken
}

package struct AccessToken: Sendable {
    package var secret: Secret
    /// How long the token is valid from the moment it was asked for.
    package var lifetime: Duration
    /// How long before its end it is to be renewed; at least 60 s where the lifetime allows.
    package var renewBefore: Duration

    package init(secret: Secret, lifetime: Duration, renewBefore: Duration) {
        self.secret = secret
        self.lifetime = lifetime
        self.renewBefore = renewBefore
    }
}

package struct TokenFailure: Error, Hashable, Sendable {
    /// Whether the credentials themselves were refused, so that asking again is of no use.
    package var refused: Bool
    package var detail: ResponseDetail

    package init(refused: Bool, detail: ResponseDetail) {
        self.refused = refused
        self.detail = detail
    }
}

/// Text that no log, error or dump shows.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for the one place that writes it on the wire.
    package let revealed: String

    package init(_ text: String) {
        revealed = text
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
