internal import KafkaClient
internal import Messages
internal import Scheduling

/// What the parked topic holds of a lane's partition: members of paused campaigns, in the order in which they were put
/// aside.
struct ParkedMembers: Sendable {
    /// A member's run: the hash of its command, and how often it had been put aside before.
    struct Run: Hashable, Sendable {
        var command: UInt128
        var parkings: Int
    }

    /// Everything that was ever put aside and is still in the topic: finished in the lane's topic, but not done.
    private(set) var runs: Set<Run> = []
    /// Campaigns of which something waits to be taken up again.
    private(set) var campaigns: Set<String> = []

    /// Takes in a record of the topic.
    mutating func add(_ record: KafkaRecord) {
        if let campaign = record.headers.text(of: MemberHeader.resumption) {
            campaigns.remove(campaign)
        } else if let member = ParkedMember(record) {
            runs.insert(member.run)
            campaigns.insert(member.campaign)
        }
    }
}

/// One record of the parked topic.
struct ParkedMember: Sendable {
    let campaign: String
    let run: ParkedMembers.Run
    let record: KafkaRecord
    private let header: MemberHeader

    init?(_ record: KafkaRecord) {
        guard let (headers, message) = record.laneMessage else { return nil }
        let reference: CommandReference
        switch message {
        case .command(let command):
            guard let campaign = command.campaign else { return nil }
            self.campaign = campaign
            reference = command.reference
        case .campaign(let command):
            campaign = command.campaign
            reference = command.reference
        case .contactsImport, .contactsBatch: return nil
        }
        header = MemberHeader(record.headers) ?? MemberHeader()
        run = ParkedMembers.Run(command: headers.hash(of: reference), parkings: header.parkings)
        self.record = record
    }

    /// The record that takes the member up again.
    func resumed(in topic: String) -> ProducerRecord {
        var header = header
        header.parkings += 1
        var moved = record.moved(to: topic)
        moved.partition = record.partition
        moved.headers = record.headers.filter { $0.name != MemberHeader.name } + [KafkaHeader(header.header)]
        return moved
    }
}
