package import Messages
package import ProviderKit
package import Scheduling

/// The providers and accounts of the settings, ready for use.
package struct ProviderCatalog: Sendable {
    package let providers: [String: ProviderEntry]

    package init(_ providers: [ProviderEntry]) {
        self.providers = Dictionary(uniqueKeysWithValues: providers.map { ($0.name, $0) })
    }

    package func account(_ provider: String, _ account: String) -> AccountEntry? {
        providers[provider]?.accounts[account]
    }

    /// The account that a command names.
    func entry(_ provider: String, _ account: String) throws(Rejection) -> AccountEntry {
        guard let found = providers[provider] else {
            throw .unknownName("data.provider", provider, among: Array(providers.keys))
        }
        guard let entry = found.accounts[account] else {
            throw .unknownName("data.account", account, among: Array(found.accounts.keys))
        }
        return entry
    }
}

package struct ProviderEntry: Sendable {
    package let name: String
    package let accounts: [String: AccountEntry]
    /// From the call to the last byte of the response.
    package let timeout: Duration

    package init(name: String, accounts: [AccountEntry], timeout: Duration) {
        self.name = name
        self.accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.name, $0) })
        self.timeout = timeout
    }
}

/// One account of a provider: the credentials that a limit belongs to.
package struct AccountEntry: Sendable {
    package let name: String
    package let adapter: any Provider
    package let lane: AccountLane.Settings
    /// Partition of the lane topics, if the settings name one.
    package let partition: Int32?
    /// Only the latest of an entity's waiting commands is sent.
    package let coalesces: Bool
    /// A call in doubt is followed by a read where the provider has one.
    package let reconciles: Bool
    /// Dispositions that cost the right to dead-letter, beside `exhausted`.
    package let charged: Set<Disposition>

    package init(
        name: String,
        adapter: any Provider,
        lane: AccountLane.Settings,
        partition: Int32? = nil,
        coalesces: Bool = false,
        reconciles: Bool = true,
        charged: Set<Disposition> = [.unauthorized]
    ) {
        self.name = name
        self.adapter = adapter
        self.lane = lane
        self.partition = partition
        self.coalesces = coalesces
        self.reconciles = reconciles
        self.charged = charged
    }

    /// The partition of the account's records when its lane topics have `count` partitions.
    package func partition(of count: Int) -> Int32 {
        Self.partition(of: count, account: name, setting: partition)
    }

    package static func partition(of count: Int, account: String, setting: Int32?) -> Int32 {
        let count = max(1, count)
        if let setting { return setting % Int32(clamping: count) }
        var hash = Hash128()
        hash.combine(account)
        return Int32(truncatingIfNeeded: hash.value % UInt128(count))
    }
}

extension Rejection {
    /// A name that the settings do not have.
    static func unknownName(_ field: String, _ found: String, among known: [String]) -> Rejection {
        let names = known.sorted().prefix(20).joined(separator: ", ")
        return Rejection(
            field,
            found: "\"\(found.prefix(64))\"",
            allowed: known.isEmpty ? "nothing: none is configured" : names
        )
    }

    /// The rejection of a command that could be read, so that its outcome names it.
    func salvaging(_ command: some IdentifiedCommand) -> Rejection {
        var rejection = self
        rejection.salvaged.id = command.id
        rejection.salvaged.source = command.source
        rejection.salvaged.type = command.type
        rejection.salvaged.provider = command.provider
        rejection.salvaged.account = command.account
        rejection.salvaged.correlationID = command.correlationID
        rejection.salvaged.traceparent = command.traceparent
        rejection.salvaged.tracestate = command.tracestate
        switch command {
        case let command as Command: rejection.salvaged.campaign = command.campaign
        case let command as CampaignCommand: rejection.salvaged.campaign = command.campaign
        default: break
        }
        return rejection
    }
}
