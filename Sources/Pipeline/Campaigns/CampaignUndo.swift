package import KafkaClient
package import Messages
package import ProviderKit

/// The members of a campaign as commands that bring them back to who had them: values in, values out.
///
/// Each expects what the campaign had set, so that whatever somebody has changed since is left alone. The same campaign
/// gives the same commands: an undo that was interrupted is begun anew without doing anything twice.
package struct CampaignUndo: Sendable {
    /// Why a member that the campaign changed gets no command.
    package enum Leaving: String, Hashable, Sendable, CaseIterable {
        case hadItBefore = "had the assignee before"
        case unknownPrevious = "nobody knows who had it before"
        case unknownChange = "its command is no longer in the lane's topics"
        case notPossible = "the provider cannot assign it back"
    }

    private struct Member {
        var command: Command
        var header: MemberHeader?
    }

    package let campaign: String
    private var members: [UInt128: Member] = [:]
    private var changes: [(command: UInt128, outcome: Outcome)] = []
    private var changed: Set<UInt128> = []

    package init(of campaign: String) {
        self.campaign = campaign
    }

    /// The id of the campaign that takes another one back.
    package static func id(of campaign: String) -> String { "\(campaign).undo" }

    static func isUndo(_ campaign: String) -> Bool { campaign.hasSuffix(".undo") }

    /// Members that the campaign has changed.
    package var count: Int { changes.count }

    /// Takes in a record of the lane's topics: whom the campaign set.
    package mutating func add(member record: KafkaRecord) {
        guard LaneHeaders(record.headers) != nil,
            case .command(let command)? = try? InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.timestamp
            ), command.campaign == campaign
        else { return }
        members[ReplayGuard.hash(command.reference)] = Member(command: command, header: MemberHeader(record.headers))
    }

    /// Takes in a record of the results topic: what it came to, and who had it before.
    package mutating func add(result record: KafkaRecord) {
        guard let value = record.value, let outcome = try? Outcome(decoding: value), outcome.campaign == campaign,
            outcome.disposition == .applied || outcome.disposition == .reconciled,
            outcome.command.type != MessageType.campaignStart.rawValue
        else { return }
        let hash = ReplayGuard.hash(outcome.command)
        guard changed.insert(hash).inserted else { return }
        changes.append((hash, outcome))
    }

    /// The commands, in the order in which the members were changed, and the members that are left as they are.
    package func commands(
        _ adapter: any Provider,
        source: String,
        time: Timestamp
    ) -> (commands: [Command], left: [(target: String, why: Leaving)]) {
        var commands: [Command] = []
        var left: [(target: String, why: Leaving)] = []
        for change in changes {
            guard let member = members[change.command] else {
                left.append((change.outcome.entity ?? change.outcome.command.id, .unknownChange))
                continue
            }
            switch command(member, change.outcome, adapter, source, time) {
            case .success(let command): commands.append(command)
            case .failure(let reason): left.append((member.command.target.name, reason))
            }
        }
        return (commands, left)
    }

    private func command(
        _ member: Member,
        _ outcome: Outcome,
        _ adapter: any Provider,
        _ source: String,
        _ time: Timestamp
    ) -> Result<Command, Leaving> {
        let target = member.command.target
        let set = member.command.assignee
        // Nobody in an outcome is also what is said when nobody looked.
        let isKnown =
            outcome.previousAssignee != nil || member.header?.previous != nil
            || (outcome.disposition == .applied && adapter.canRead)
        guard isKnown else { return .failure(.unknownPrevious) }
        let previous = outcome.previousAssignee
        if let previous, let set, previous.isSame(as: set) { return .failure(.hadItBefore) }
        if previous == nil, set == nil { return .failure(.hadItBefore) }
        let action: Command.Action = previous.map { .assign(target, $0) } ?? .unassign(target)
        let undo = Self.id(of: campaign)
        let command = Command(
            event: EventAttributes(
                id: "\(undo)/\(target.name)",
                source: source,
                type: previous == nil ? .unassign : .assign,
                time: time,
                correlationID: member.command.correlationID,
                priority: .bulk
            ),
            provider: member.command.provider,
            account: member.command.account,
            action: action,
            campaign: undo,
            expect: set.map { .assignee($0) } ?? .nobody
        )
        return adapter.refusal(of: Operation(command)) == nil ? .success(command) : .failure(.notPossible)
    }

    /// What makes the counting worker tell how far the commands are, and when they are done.
    package func plan(_ commands: [Command], of plan: CampaignPlan, source: String, at time: Timestamp) -> CampaignPlan
    {
        let undo = Self.id(of: campaign)
        var fact = CampaignPlan(
            command: CommandReference(id: undo, source: source, type: MessageType.campaignStart.rawValue),
            campaign: undo,
            provider: plan.provider,
            account: plan.account,
            total: commands.count,
            // Each looks who has it, and then changes it.
            calls: 2 * commands.count,
            startedAt: time,
            at: time
        )
        fact.correlationID = plan.correlationID
        return fact
    }
}

extension CampaignUndo.Leaving: Error {}
