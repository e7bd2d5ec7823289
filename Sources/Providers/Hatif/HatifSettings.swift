package import ProviderKit

/// Settings of one Hatif account.
package struct HatifSettings: Sendable {
    package var baseURL = BaseURL(scheme: "https", authority: "api.voxa.sa")
    package var credential: HatifCredential
    /// Another credential for contact calls, for workspaces whose service token they refuse
    /// (`reference/providers.md` 1.1); default none.
    package var contactsCredential: HatifCredential?
    package var scope = "VoxaAPI"
    /// How long a token is used when the answer does not say; default 30 minutes, half of the shortest lifetime that
    /// anybody reports.
    package var tokenLifetime: Duration = .seconds(1_800)
    /// How long before its end a token is renewed; at least 60 s, which is the default.
    package var renewBefore: Duration = .seconds(60)
    /// Rows per page of lists, 1...1000; default 100.
    package var pageSize = 100
    /// How contacts are imported; default by the list of cards.
    package var importMode = ImportMode.bulk
    /// Cards per import request, at least 1; default 50.
    package var cardsPerRequest = 50
    /// Bytes of cards per import request; default 512 KiB.
    package var bytesPerRequest = 524_288
    /// How long after a lost answer contacts are looked for; default 10 s.
    package var reconcileDelay: Duration = .seconds(10)

    package enum ImportMode: String, Hashable, Sendable, CaseIterable {
        /// Many cards in one request.
        case bulk
        /// One contact per request, by its fields.
        case single
    }

    package init(credential: HatifCredential) {
        self.credential = credential
    }
}

/// What Hatif issues to a workspace.
package struct HatifCredential: Hashable, Sendable {
    package var clientID: String
    package var clientSecret: Secret

    package init(clientID: String, clientSecret: Secret) {
        self.clientID = clientID
        self.clientSecret = clientSecret
    }
}
