/// Asks for one action on many conversations or contacts.
package struct CampaignCommand: IdentifiedCommand {
    package enum Action: Hashable, Sendable {
        case assign(Assignee)
        /// Shares the members out in proportion to the weights.
        case distribute([Share])
        case unassign
    }

    package struct Share: Hashable, Sendable {
        package var assignee: Assignee
        /// 1 to 1,000; 1 when not given.
        package var weight: Int

        package init(assignee: Assignee, weight: Int = 1) {
            self.assignee = assignee
            self.weight = weight
        }
    }

    package enum Members: Hashable, Sendable {
        /// At most 100,000.
        case targets([Target])
        /// To be read from the provider when the campaign starts.
        case selection(Selection)
    }

    package struct Options: Hashable, Sendable {
        /// Counts calls and time, sends nothing.
        package var dryRun = false
        /// Calls per second, at most; the account's own limits hold as well.
        package var maxRate: Double?
        package var canary: Canary?
        /// The share of failures, above 0 and at most 1, beyond which the campaign pauses by itself.
        package var maxErrorRate: Double?

        package init() {}
    }

    /// A first few members whose failures stop the campaign before the others start.
    package struct Canary: Hashable, Sendable {
        /// 1 to 100,000.
        package var count: Int
        /// The campaign pauses when more of them fail.
        package var maxErrors: Int
        /// How long to wait after the last of them, for people to look.
        package var wait: Duration

        package init(count: Int, maxErrors: Int, wait: Duration) {
            self.count = count
            self.maxErrors = maxErrors
            self.wait = wait
        }
    }

    package var event: EventAttributes
    package var campaign: String
    package var provider: String
    package var account: String
    package var action: Action
    package var members: Members
    package var options: Options

    package init(
        event: EventAttributes,
        campaign: String,
        provider: String,
        account: String = Command.defaultAccount,
        action: Action,
        members: Members,
        options: Options = Options()
    ) {
        self.event = event
        self.campaign = campaign
        self.provider = provider
        self.account = account
        self.action = action
        self.members = members
        self.options = options
    }
}

/// Which conversations or contacts of a provider belong to a campaign.
///
/// The fields of conversations and those of contacts never stand together; which of them a provider knows is for its
/// adapter to say.
package struct Selection: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable, CaseIterable {
        case open, closed
    }

    // Conversations (Hatif).

    /// Channel ids; empty means all channels.
    package var channels: [String] = []
    package var status: Status?
    package var assignees: [Assignee] = []
    package var unassigned: Bool?
    package var tags: [String] = []
    package var from: Timestamp?
    package var to: Timestamp?
    package var lost: Bool?

    // Contacts (Aelyst).

    /// `absent` is anybody or nobody.
    package var assignee = Command.Expectation.absent
    /// Passed through to the provider.
    package var filter: JSON?

    package init() {}

    /// The fields that are set, as they are called in `data.select`.
    package var fields: [String] {
        conversationFields + contactFields
    }

    package var conversationFields: [String] {
        [
            channels.isEmpty ? nil : "channels", status.map { _ in "status" }, assignees.isEmpty ? nil : "assignees",
            unassigned.map { _ in "unassigned" }, tags.isEmpty ? nil : "tags", from.map { _ in "from" },
            to.map { _ in "to" }, lost.map { _ in "lost" },
        ].compactMap(\.self)
    }

    package var contactFields: [String] {
        [assignee == .absent ? nil : "assignee", filter.map { _ in "filter" }].compactMap(\.self)
    }
}
