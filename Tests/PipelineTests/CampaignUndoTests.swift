import KafkaClient
import Messages
import ProviderKit
import Providers
import Testing

@testable import Pipeline

@Suite struct CampaignUndoTests {
    private let hatif = Hatif(HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("s"))))
    private let time = Timestamp(milliseconds: 1_800_000_000_000)

    private func member(
        _ number: Int,
        _ action: CampaignCommand.Action = .assign(.user("new")),
        previous: Assignee?? = .none
    ) throws -> (command: Command, record: KafkaRecord) {
        let members = CampaignMembers(command: campaign(action: action), origin: campaignOrigin)
        let item = try #require(members.commands(rows([number]), written: [:]).first)
        let header = MemberHeader(previous: previous)
        return (item.command, read(members.record(item.command, header, topic: "b", partition: 0, key: nil)))
    }

    private func result(
        _ command: Command,
        _ disposition: Disposition = .applied,
        previous: Assignee? = nil
    ) -> KafkaRecord {
        var outcome = Outcome(
            command,
            disposition,
            times: Outcome.Times(accepted: time, finished: time)
        )
        outcome.previousAssignee = previous
        return read(TopicNames(prefix: "b").record(outcome, redact: false))
    }

    private func undo(_ members: [(command: Command, record: KafkaRecord)], _ results: [KafkaRecord])
        -> (commands: [Command], left: [(target: String, why: CampaignUndo.Leaving)])
    {
        var undo = CampaignUndo(of: "autumn")
        for member in members { undo.add(member: member.record) }
        for result in results { undo.add(result: result) }
        return undo.commands(hatif, source: "/cli", time: time)
    }

    @Test func `what was changed goes back, if it is still as the campaign had set it`() throws {
        let first = try member(1, previous: .some(.user("old")))
        let second = try member(2, previous: .some(nil))
        let third = try member(3, .unassign, previous: .some(.aiAgent("bot")))
        let (commands, left) = undo(
            [first, second, third],
            [
                result(first.command, previous: .user("old")), result(second.command),
                result(third.command, .reconciled, previous: .aiAgent("bot")),
            ]
        )
        #expect(left.isEmpty)
        #expect(
            commands.map(\.action) == [
                .assign(.conversation(conversation(1)), .user("old")), .unassign(.conversation(conversation(2))),
                .assign(.conversation(conversation(3)), .aiAgent("bot")),
            ]
        )
        #expect(commands.map(\.expect) == [.assignee(.user("new")), .assignee(.user("new")), .nobody])
        #expect(commands.map(\.id) == (1...3).map { "autumn.undo/\(conversation($0))" })
        #expect(commands.allSatisfy { $0.campaign == "autumn.undo" && $0.priority == .bulk && $0.source == "/cli" })
        for command in commands {
            let message = try InboundMessage.decode(
                value: command.encoded(),
                headers: [MessageHeader](),
                recordTimestamp: 0
            )
            #expect(message == .command(command))
        }
    }

    @Test func `only changes count, each once, in the order in which they were made`() throws {
        let members = try (1...6).map { try member($0, previous: .some(.user("old"))) }
        let (commands, left) = undo(
            members + [members[0]],
            [
                result(members[4].command, previous: .user("old")),
                result(members[0].command, previous: .user("old")), result(members[0].command, previous: .user("old")),
                result(members[1].command, .unchanged, previous: .user("new")), result(members[2].command, .refused),
                result(members[3].command, .simulated),
            ]
        )
        #expect(commands.map(\.target.name) == [5, 1].map(conversation))
        #expect(left.isEmpty)
    }

    @Test func `a member is left as it is, with the reason, where nothing is certain or nothing is to be done`() throws
    {
        let unknown = try member(1)
        let looked = try member(2)
        let same = try member(3, previous: .some(.user("NEW")))
        let gone = try member(4, previous: .some(.user("old")))
        let impossible = try member(5, previous: .some(.email("a@example.com")))
        let (commands, left) = undo(
            [unknown, looked, same, impossible],
            [
                // Found to be done after a crash: nobody has seen who had it.
                result(unknown.command, .reconciled), result(looked.command),
                result(same.command, previous: .user("NEW")),
                result(gone.command, previous: .user("old")),
                result(impossible.command, previous: .email("a@example.com")),
            ]
        )
        #expect(commands.map(\.action) == [.unassign(.conversation(conversation(2)))])
        #expect(left.map(\.why) == [.unknownPrevious, .hadItBefore, .unknownChange, .notPossible])
        #expect(left.map { $0.target.hasSuffix(conversation(1)) } == [true, false, false, false])
    }

    @Test func `other campaigns, their undos and records that are no members are passed over`() throws {
        var undo = CampaignUndo(of: "autumn")
        let start = campaign()
        var failed = Outcome(
            command: start.reference,
            disposition: .applied,
            times: .init(accepted: time, finished: time)
        )
        failed.campaign = "autumn"
        undo.add(result: read(TopicNames(prefix: "b").record(failed, redact: false)))
        undo.add(result: read(ProducerRecord(topic: "b", key: nil, value: utf8("{"))))
        undo.add(member: read(ProducerRecord(topic: "b", key: nil, value: utf8("{"))))
        #expect(undo.count == 0)
        #expect(undo.commands(hatif, source: "/cli", time: time).commands.isEmpty)
    }
}
