import FoundationEssentials

/// An account that the simulator knows.
package struct SimulatedAccount: Hashable, Sendable {
    package var provider: SimulatedProvider
    /// How journals, statistics and limits name the account.
    package var name: String
    /// Hatif's client id, or the bearer token of the others.
    package var credential: String
    /// Hatif's client secret; `nil` accepts any.
    package var secret: String?
    /// Whether Hatif takes this account's tokens for contact calls (`reference/providers.md` 1.1); else 403 without body.
    package var contacts: Bool

    package init(
        _ provider: SimulatedProvider,
        name: String,
        credential: String,
        secret: String? = nil,
        contacts: Bool = true
    ) {
        self.provider = provider
        self.name = name
        self.credential = credential
        self.secret = secret
        self.contacts = contacts
    }
}

/// Conversations (Hatif, Convor) or contacts (Aelyst) to begin with.
package struct ConversationSeed: Hashable, Sendable {
    package var provider: SimulatedProvider
    package var account: String
    package var count: Int
    /// Hatif channels that the conversations are spread over in turn.
    package var channels: Int
    /// As ``ConversationView/assignee`` writes it, `user:…`, `aiAgent:…` or `email:…`; `nil` is nobody.
    package var assignee: String?
    package var closed: Bool

    package init(
        _ provider: SimulatedProvider,
        account: String,
        count: Int,
        channels: Int = 1,
        assignee: String? = nil,
        closed: Bool = false
    ) {
        self.provider = provider
        self.account = account
        self.count = count
        self.channels = channels
        self.assignee = assignee
        self.closed = closed
    }
}

/// Everything the simulator is started with; what can change while it runs is in the control API.
package struct SimulatorConfiguration: Sendable {
    /// The address to listen on; loopback unless somebody decides otherwise, since the control API has no password.
    package var host = "127.0.0.1"
    /// 0 takes a free port.
    package var port = 0
    /// A provider without accounts here takes any credential, and the credential (Hatif: the client id) names the account.
    package var accounts: [SimulatedAccount] = []
    /// A provider that is missing here has ``LimitPolicy/standard(of:)``.
    package var limits: [SimulatedProvider: LimitPolicy] = [:]
    /// The time between a call's effect and its answer, spread evenly over the range; default none.
    package var latency: [SimulatedProvider: ClosedRange<Duration>] = [:]
    /// Whether conversations and contacts have to be seeded or created first.
    ///
    /// By default one comes into being, open and with nobody assigned, when it is first named.
    package var strict = false
    /// Ids that answer 404 even when not strict.
    package var missing: Set<String> = []
    package var seeds: [ConversationSeed] = []
    /// How long Hatif's tokens are valid.
    package var tokenLifetime: Duration = .seconds(3_600)
    /// Whether Hatif's list writes camelCase keys, as observed, rather than PascalCase, as documented.
    package var hatifListsInCamelCase = false
    /// Whether Aelyst answers 200 to an assignment of a closed conversation and changes nothing (`reference/providers.md` 2.5).
    package var aelystIgnoresClosed = true
    /// Convor's assign call, which is not documented.
    package var convorAssignPath = "/api/conversations/{id}/assign"
    package var convorAssignField = "operatorId"
    /// Calls and changes remembered; older ones are dropped.
    package var journalCapacity = 1_048_576
    /// The longest request body read; longer ones are answered 413.
    package var maxBodyBytes = 16_777_216
    package var randomSeed: UInt64 = 1
    /// Nanoseconds since 1970; limits, token lifetimes and dates follow it.
    package var now: @Sendable () -> Int64

    package init(now: (@Sendable () -> Int64)? = nil) {
        self.now = now ?? Self.steadyClock()
    }

    /// Wall time at the start, then steadily onwards: a clock that is set back must not reopen a window.
    private static func steadyClock() -> @Sendable () -> Int64 {
        let clock = ContinuousClock()
        let origin = clock.now
        let wall = Int64(Date().timeIntervalSince1970 * 1_000_000_000)
        return { wall &+ (clock.now - origin).simulatedNanoseconds }
    }
}
