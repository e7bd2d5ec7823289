/// One window of a provider's limit, as the settings give it under `limits`.
package struct RateLimit: Hashable, Sendable {
    /// What shares one count of calls.
    package enum Scope: String, Hashable, Sendable, CaseIterable {
        /// All calls of the account.
        case account
        /// All calls of the account with one method and path template.
        case endpoint
        /// All calls of the account with one method and exact path, the query left out (as Aelyst counts).
        case path
    }

    /// Calls allowed in any window of the length `per`; at least 1.
    package var requests: Int
    package var per: Duration
    /// Calls that may go at once, 1...requests; the rest is spread evenly.
    ///
    /// `nil` allows all of them at once.
    package var burst: Int?
    package var scope: Scope

    package init(requests: Int, per: Duration, burst: Int? = nil, scope: Scope = .account) {
        self.requests = requests
        self.per = per
        self.burst = burst
        self.scope = scope
    }
}
