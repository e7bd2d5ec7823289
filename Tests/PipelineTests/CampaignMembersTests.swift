import KafkaClient
import Messages
import ProviderKit
import Scheduling
import Testing

@testable import Pipeline

@Suite struct CampaignMembersTests {
    private let members = CampaignMembers(command: campaign(), origin: campaignOrigin)

    /// How far the shares of a list are from exact, in members.
    private func error(_ assignees: [Assignee?], _ weights: [(Assignee, Int)]) -> Double {
        let total = Double(weights.reduce(0) { $0 + $1.1 })
        return weights.map { assignee, weight in
            abs(Double(assignees.count { $0 == assignee }) - Double(assignees.count) * Double(weight) / total)
        }.max() ?? 0
    }

    @Test(arguments: [[50, 30, 20], [1], [1, 1, 1], [1_000, 1], [7, 5, 3, 2, 1], [997, 1, 1, 1]])
    func `shares are within one member of exact at every length`(weights: [Int]) {
        let shares = weights.enumerated().map { index, weight in
            CampaignCommand.Share(assignee: .user("\(index)"), weight: weight)
        }
        let members = CampaignMembers(command: campaign(action: .distribute(shares)), origin: campaignOrigin)
        let dealt = members.commands(rows(0..<2_500), written: [:]).map(\.command.assignee)
        #expect(dealt.count == 2_500)
        for length in 1...dealt.count {
            let error = error(Array(dealt.prefix(length)), shares.map { ($0.assignee, $0.weight) })
            #expect(error <= 1, "after \(length)")
        }
    }

    @Test(arguments: [0, 1, 499, 777, 999, 1_000])
    func `an expansion that was interrupted is continued as if it had not been`(written: Int) {
        let whole = members.commands(rows(0..<1_000), written: [:]).map(\.command)
        var before: CampaignMembers.Written = [:]
        for command in whole.prefix(written) { before.updateValue(command.assignee, forKey: command.target) }
        // What was written may be done already, and then it is not in the list any more.
        for left in [rows(0..<1_000), rows(written..<1_000)] {
            let rest = members.commands(left, written: before).map(\.command)
            #expect(rest == Array(whole.dropFirst(written)))
        }
    }

    @Test func `members keep the order of the list, and a row that comes twice is one member`() {
        let commands = members.commands(rows([3, 1, 3, 2, 1]), written: [:]).map(\.command)
        #expect(commands.map(\.target.name) == [3, 1, 2].map(conversation))
        #expect(commands.map(\.id) == [3, 1, 2].map { "autumn/\(conversation($0))" })
        #expect(Set(commands.map(\.source)) == ["/ops"])
        #expect(Set(commands.map(\.priority)) == [.bulk])
        #expect(commands.allSatisfy { $0.campaign == "autumn" && $0.type == MessageType.assign.rawValue })
    }

    @Test func `a long target has an id that is an id, and its own`() throws {
        let targets = try ["a", "b"].map { name in
            let text = "email:\(name)\(String(repeating: "x", count: 235))@example.com"
            return Target.contact(try #require(ContactIdentifier(text: text)))
        }
        let rows = targets.map { ListPage.Row(target: $0, assignee: nil) }
        let commands = members.commands(rows, written: [:]).map(\.command)
        #expect(commands.map(\.target) == targets)
        #expect(Set(commands.map(\.event.id)).count == 2)
        for command in commands {
            #expect(command.event.id.hasPrefix("autumn/"))
            let back = read(members.record(command, MemberHeader(), topic: "t", partition: 0, key: nil))
            let message = try InboundMessage.decode(value: back.value, headers: back.headers, recordTimestamp: 0)
            #expect(message == .command(command))
        }
    }

    @Test func `a member is a record of the lane that can be read back, for the account's partition`() throws {
        let item = try #require(members.commands(rows([1]), written: [:]).first)
        let header = MemberHeader(previous: .some(item.row.assignee), maxRate: 2)
        let record = members.record(item.command, header, topic: "t", partition: 3, key: utf8("k"))
        let back = read(record)
        let message = try InboundMessage.decode(value: back.value, headers: back.headers, recordTimestamp: 0)
        #expect(message == .command(item.command))
        #expect(MemberHeader(back.headers) == header)
        #expect(LaneHeaders(back.headers)?.entity == item.command.entity)
        #expect(back.partition == 3)
        #expect(back.key == utf8("main"))
    }

    @Test func `taking conversations from whoever has them needs no assignee`() {
        let members = CampaignMembers(command: campaign(action: .unassign), origin: campaignOrigin)
        let commands = members.commands(rows(0..<3), written: [.conversation(conversation(1)): nil]).map(\.command)
        #expect(commands.map(\.action) == [0, 2].map { .unassign(.conversation(conversation($0))) })
        #expect(Set(commands.map(\.type)) == [MessageType.unassign.rawValue])
    }
}

@Suite struct ParkedMembersTests {
    private func parked(_ number: Int, _ id: String = "autumn", parkings: Int = 0) throws -> KafkaRecord {
        let members = CampaignMembers(command: campaign(id), origin: campaignOrigin)
        let item = try #require(members.commands(rows([number]), written: [:]).first)
        let header = MemberHeader(parkings: parkings)
        return read(
            members.record(item.command, header, topic: "parked", partition: 0, key: nil),
            offset: Int64(number)
        )
    }

    private func note(_ campaign: String) -> KafkaRecord {
        read(
            ProducerRecord(
                topic: "parked",
                key: nil,
                value: nil,
                headers: [KafkaHeader(name: MemberHeader.resumption, text: campaign)]
            )
        )
    }

    @Test func `campaigns wait until they are taken up again, each on its own`() throws {
        var members = ParkedMembers()
        for record in [try parked(1), try parked(2, "winter"), note("autumn")] { members.add(record) }
        #expect(members.campaigns == ["winter"])
        #expect(members.runs.count == 2)
        members.add(try parked(1, parkings: 1))
        #expect(members.campaigns == ["autumn", "winter"])
        #expect(members.runs.count == 3)
    }

    @Test func `a member that is taken up again is another run of the same command`() throws {
        let record = try parked(1)
        let member = try #require(ParkedMember(record))
        let resumed = try #require(ParkedMember(read(member.resumed(in: "bulk"))))
        #expect(resumed.run == ParkedMembers.Run(command: member.run.command, parkings: 1))
        #expect(resumed.record.value == record.value)
        #expect(resumed.record.headers.count == record.headers.count)
        #expect(member.resumed(in: "bulk").partition == 0)
    }

    @Test func `what is no member is passed over`() {
        var members = ParkedMembers()
        members.add(read(ProducerRecord(topic: "parked", key: nil, value: utf8("x"))))
        #expect(members.campaigns.isEmpty && members.runs.isEmpty)
    }
}
