import KafkaClient
import Messages
import ProviderKit
import Scheduling

@testable import Pipeline

/// A campaign that shares conversations out over three users, unless told otherwise.
func campaign(
    _ id: String = "autumn",
    action: CampaignCommand.Action = .distribute([
        CampaignCommand.Share(assignee: .user("a"), weight: 50),
        CampaignCommand.Share(assignee: .user("b"), weight: 30),
        CampaignCommand.Share(assignee: .user("c"), weight: 20),
    ]),
    provider: String = "convor",
    members: CampaignCommand.Members = .targets([]),
    eventID: String? = nil,
    _ change: (inout CampaignCommand.Options) -> Void = { _ in }
) -> CampaignCommand {
    var options = CampaignCommand.Options()
    change(&options)
    return CampaignCommand(
        event: EventAttributes(
            id: eventID ?? "start-\(id)",
            source: "/ops",
            type: .campaignStart,
            time: Timestamp(milliseconds: 1_700_000_000_000)
        ),
        campaign: id,
        provider: provider,
        account: "main",
        action: action,
        members: members,
        options: options
    )
}

func rows(_ numbers: some Sequence<Int>) -> [ListPage.Row] {
    numbers.map { ListPage.Row(target: .conversation(conversation($0)), assignee: .user("old")) }
}

let campaignOrigin = RecordPosition(topic: "fleet.commands", partition: 0, offset: 1, timestamp: 2)

/// A record as a reader gets it.
func read(_ record: ProducerRecord, offset: Int64 = 0) -> KafkaRecord {
    KafkaRecord(
        topic: record.topic,
        partition: record.partition ?? 0,
        offset: offset,
        timestamp: 1_700_000_000_500,
        key: record.key,
        value: record.value,
        headers: record.headers
    )
}
