internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling

/// The members of a campaign as commands: values in, values out.
///
/// The same rows give the same commands. An expansion that was interrupted is continued with what it wrote before:
/// those members stay as they are, and the shares count them.
struct CampaignMembers {
    /// Targets that have a member already, and whom it goes to.
    typealias Written = [Target: Assignee?]

    let command: CampaignCommand
    let origin: RecordPosition

    /// `<campaign>/<target>`; with a hash for a target that is too long to be part of an id.
    private func id(of target: Target) -> String {
        let id = "\(command.campaign)/\(target.name)"
        guard id.utf8.count > EventAttributes.maximumLength else { return id }
        var hash = Hash128()
        hash.combine(target.name)
        return "\(command.campaign)/\(String(hash.value, radix: 16))"
    }

    /// The commands of the rows that have none yet, in their order.
    func commands(_ rows: [ListPage.Row], written: Written) -> [(command: Command, row: ListPage.Row)] {
        var shares = Shares(command.action, written.values)
        var seen: Set<Target> = []
        var result: [(Command, ListPage.Row)] = []
        for row in rows where written[row.target] == nil && seen.insert(row.target).inserted {
            var event = command.event
            event.id = id(of: row.target)
            event.subject = nil
            event.priority = .bulk
            let action: Command.Action
            switch command.action {
            case .assign(let assignee): action = .assign(row.target, assignee)
            case .distribute: action = shares.next().map { .assign(row.target, $0) } ?? .unassign(row.target)
            case .unassign: action = .unassign(row.target)
            }
            switch action {
            case .assign: event.type = MessageType.assign.rawValue
            case .unassign: event.type = MessageType.unassign.rawValue
            }
            let member = Command(
                event: event,
                provider: command.provider,
                account: command.account,
                action: action,
                campaign: command.campaign
            )
            result.append((member, row))
        }
        return result
    }

    /// A member as a record of one of the lane's topics.
    func record(
        _ member: Command,
        _ header: MemberHeader,
        topic: String,
        partition: Int32,
        key: [UInt8]?
    ) -> ProducerRecord {
        let headers = LaneHeaders(origin: origin, key: key, entity: member.entity)
        return ProducerRecord(
            topic: topic,
            partition: partition,
            key: Array(member.account.utf8),
            value: member.encoded(),
            headers: headers.added(to: TopicNames.contentType) + [KafkaHeader(header.header)]
        )
    }

    /// Deals members out by weight, so that the shares are within one of exact at every length of the list.
    private struct Shares {
        private var shares: [(assignee: Assignee, weight: Int, given: Int)] = []
        private var total = 0
        private var given = 0

        init(_ action: CampaignCommand.Action, _ written: some Collection<Assignee?>) {
            guard case .distribute(let list) = action else { return }
            shares = list.map { ($0.assignee, $0.weight, 0) }
            total = list.reduce(0) { $0 + $1.weight }
            for case let assignee? in written {
                guard let index = shares.firstIndex(where: { $0.assignee == assignee }) else { continue }
                shares[index].given += 1
                given += 1
            }
        }

        /// Whoever is farthest behind what is due after the next member.
        mutating func next() -> Assignee? {
            given += 1
            let due = shares.indices.max { left, right in
                behind(left) < behind(right) || (behind(left) == behind(right) && left > right)
            }
            guard let due else { return nil }
            shares[due].given += 1
            return shares[due].assignee
        }

        /// In parts of `total`.
        private func behind(_ index: Int) -> Int { shares[index].weight * given - shares[index].given * total }
    }
}
