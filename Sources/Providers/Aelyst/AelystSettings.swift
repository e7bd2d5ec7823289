package import ProviderKit
package import Scheduling

/// Settings of one Aelyst account, which is one workspace.
package struct AelystSettings: Sendable {
    package var baseURL = BaseURL(scheme: "https", authority: "api.aelyst.ai", path: "/v1")
    package var token: Secret
    /// How identifiers are written in paths; default ``IdentifierEncoding/keepColon``.
    package var identifierEncoding = IdentifierEncoding.keepColon
    /// How long a command waits after a 449; default 2 minutes, doubled up to 15.
    package var queued = QueuedPolicy()
    /// How long a just created contact is left alone (`reference/providers.md` 2.4); default 10 s.
    package var createDelay: Duration = .seconds(10)
    /// Opens a conversation before it is assigned, since assigning a closed one may answer 200 and do nothing
    /// (`reference/providers.md` 2.5); default off, as it doubles the calls and reopens what was closed.
    package var openBeforeAssign = false
    /// Reads the contact after the change and counts it as done only if it shows; default off.
    package var readBack = false
    /// Sent with contact lists, where the API wants a time zone; default `UTC`.
    package var timeZone = "UTC"
    /// Contacts per page of lists, 1...99; default 99.
    package var pageSize = 99
    /// Names of custom fields that take a card's organization and title and its import's labels; without a name they are not sent, since one
    /// unknown field spoils the whole request (`reference/providers.md` 2.5).
    package var organizationField: String?
    package var titleField: String?
    package var labelsField: String?

    /// Which characters of `phone:+60…` and `email:a@b.c` are percent-encoded.
    ///
    /// The API documents none, and the path is also what Aelyst counts calls by, so one form is used everywhere.
    package enum IdentifierEncoding: String, Hashable, Sendable, CaseIterable {
        /// `phone:%2B60…`, `email:a%40b.c`: many servers read a bare `+` as a space.
        case keepColon
        /// `phone%3A%2B60…`, `email%3Aa%40b.c`.
        case full
        /// `phone:+60…`, `email:a@b.c`: only what RFC 3986 section 3.3 does not allow in a path.
        case minimal
    }

    package init(token: Secret) {
        self.token = token
    }
}
