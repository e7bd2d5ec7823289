import KafkaClient
import Messages
import ProviderKit
import Providers
import Scheduling
import Synchronization
import Testing

@testable import Pipeline

/// Campaigns through a lane, against brokers in this process.
@Suite(.timeLimit(.minutes(5))) struct CampaignServiceTests {
    private static let ids = (1...30).map(conversation)

    private func hatif(_ change: (inout AccountLane.Settings) -> Void = { _ in }) throws -> ProviderEntry {
        var settings = HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("s")))
        settings.pageSize = 7
        var lane = AccountLane.Settings()
        lane.concurrency = 4
        change(&lane)
        let account = AccountEntry(name: "main", adapter: Hatif(settings), lane: lane)
        // By the name that the topics have.
        return ProviderEntry(name: "convor", accounts: [account], timeout: .seconds(30))
    }

    private func ofOld() -> CampaignCommand.Members {
        var selection = Selection()
        selection.assignees = [.user("old")]
        return .selection(selection)
    }

    private func start(_ world: PipelineWorld, _ command: CampaignCommand) async throws {
        try await world.write(world.topics.commands, [String(decoding: command.encoded(), as: UTF8.self)])
    }

    private func decide(_ world: PipelineWorld, _ action: ControlMessage.Action, _ campaign: String) async throws {
        let message = ControlMessage(action, by: "me", why: "because", at: Timestamp(WallClock().now))
        let key = ControlKey.campaign(campaign).description
        let record = ProducerRecord(topic: world.topics.control, key: utf8(key), value: message.encoded())
        for result in await world.producer.send([record]) { _ = try result.get() }
    }

    private func live(_ id: String, id command: String) -> String {
        #"{"specversion":"1.0","type":"bulkhead.conversation.unassign.v1","source":"/x","id":"\#(command)","data":"#
            + #"{"provider":"convor","account":"main","conversation":"\#(id)"}}"#
    }

    private func plan(_ world: PipelineWorld, of campaign: String) async throws -> CampaignPlan {
        while true {
            for record in try await world.records(world.topics.status, atLeast: 1) {
                if case .campaignPlan(let plan)? = try? StatusMessage(decoding: record.value ?? []),
                    plan.campaign == campaign
                {
                    return plan
                }
            }
            try Task.checkCancellation()
        }
    }

    /// Every conversation was changed once, and the shares are exact.
    private func expectAll(_ changes: [(id: String, user: String?)], _ ids: [String] = Self.ids) {
        #expect(changes.map(\.id).sorted() == ids.sorted())
        #expect(changes.count { $0.user == "a" } == ids.count / 2)
        #expect(changes.count { $0.user == "b" } == ids.count * 3 / 10)
        #expect(changes.count { $0.user == "c" } == ids.count / 5)
    }

    @Test func `a selection is read to its end before the first member goes, and each member goes once`() async throws {
        let world = try PipelineWorld()
        let pagesAtFirst = Mutex<Int?>(nil)
        let counter = Mutex(0)
        let workspace = HatifWorkspace(Self.ids) { kind, _ in
            switch kind {
            case .page: counter.withLock { $0 += 1 }
            case .change:
                let pages = counter.withLock { $0 }
                pagesAtFirst.withLock { $0 = $0 ?? pages }
            }
        }
        try await world.worker(workspace, provider: hatif()).run(intake: true) {
            try await start(world, campaign(members: ofOld()))
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 30)
            #expect(Set(outcomes.map(\.disposition)) == [.applied])
            #expect(Set(outcomes.map(\.previousAssignee)) == [.user("old")])
            #expect(Set(outcomes.map(\.command.id)) == Set(Self.ids.map { "autumn/\($0)" }))
            let plan = try await plan(world, of: "autumn")
            #expect(plan.total == 30)
            #expect(plan.calls == 30)
            #expect(plan.listCalls == 6)
        }
        expectAll(workspace.changes)
        #expect(pagesAtFirst.withLock { $0 } == 5)
        let statuses = try await world.records(world.topics.status, atLeast: 2)
        guard case .job(let first)? = try? StatusMessage(decoding: statuses.first?.value ?? []) else {
            Issue.record("no status before the plan")
            return
        }
        #expect(first.state == .expanding)
        #expect(first.command == campaign().reference)
        await world.close()
    }

    @Test func `paused members are put aside, others go on, and a resume goes on in order where it stopped`()
        async throws
    {
        let world = try PipelineWorld()
        let (reached, gate) = (Gate(), Gate())
        let others = (80...99).map(conversation)
        let workspace = HatifWorkspace(others + Self.ids) { kind, number in
            guard kind == .change, number == others.count + 5 else { return }
            reached.open()
            await gate.wait()
        }
        let targets = CampaignCommand.Members.targets(Self.ids.map(Target.conversation))
        let command = campaign(action: .assign(.user("new")), members: targets)
        try await world.worker(workspace, provider: hatif { $0.concurrency = 1 }).run(intake: true) {
            // Their places in the lane are taken by members, in another order.
            try await world.write(world.topics.commands, others.map { live($0, id: "before \($0)") })
            await workspace.changes(atLeast: others.count)
            try await start(world, command)
            await reached.wait()
            try await decide(world, .pause, "autumn")
            // 24 members wait, and one is out.
            _ = try await world.records(world.topics.parked("convor"), atLeast: 24)
            gate.open()
            try await world.write(world.topics.commands, [live(others[0], id: "meanwhile")])
            _ = try await world.outcomes(world.topics.results, atLeast: others.count + 7)
            #expect(workspace.changes.count == others.count + 7)
            try await decide(world, .resume, "autumn")
            let outcomes = try await world.outcomes(world.topics.results, atLeast: others.count + 31)
            #expect(outcomes.count == others.count + 31)
        }
        #expect(workspace.changes.map(\.id).filter { !others.contains($0) } == Self.ids)
        await world.close()
    }

    @Test func `cancelled members each end as cancelled, and nothing of the campaign is sent any more`() async throws {
        let world = try PipelineWorld()
        let (reached, gate) = (Gate(), Gate())
        let workspace = HatifWorkspace(Self.ids) { kind, number in
            guard kind == .change, number == 5 else { return }
            reached.open()
            await gate.wait()
        }
        try await world.worker(workspace, provider: hatif { $0.concurrency = 1 }).run(intake: true) {
            try await start(world, campaign(members: ofOld()))
            await reached.wait()
            try await decide(world, .cancel, "autumn")
            let cancelled = try await world.outcomes(world.topics.failures, atLeast: 24)
            #expect(Set(cancelled.map(\.disposition)) == [.cancelled])
            gate.open()
            let applied = try await world.outcomes(world.topics.results, atLeast: 6)
            #expect(Set((applied + cancelled).map(\.command.id)).count == 30)
        }
        #expect(workspace.changes.count == 6)
        await world.close()
    }

    /// As a worker leaves it that is killed while it writes the members: some are in the lane, no fact says how many.
    private func interrupt(_ world: PipelineWorld, _ command: CampaignCommand, written: Int) async throws {
        let origin = RecordPosition(topic: world.topics.commands, partition: 0, offset: 0, timestamp: 1)
        let headers = LaneHeaders(origin: origin, key: nil, entity: "convor/main/campaign/\(command.campaign)")
        let members = CampaignMembers(command: command, origin: origin)
        let rows = Self.ids.map { ListPage.Row(target: .conversation($0), assignee: .user("old")) }
        let records =
            [
                ProducerRecord(
                    topic: world.topics.bulk("convor"),
                    partition: 0,
                    key: utf8("main"),
                    value: command.encoded(),
                    headers: headers.added(to: [MessageHeader]()).map { KafkaHeader(name: $0.name, value: $0.value) }
                )
            ]
            + members.commands(rows, written: [:]).prefix(written).map { item in
                members.record(
                    item.command,
                    MemberHeader(previous: .some(item.row.assignee)),
                    topic: world.topics.bulk("convor"),
                    partition: 0,
                    key: nil
                )
            }
        for result in await world.producer.send(records) { _ = try result.get() }
    }

    @Test(arguments: [0, 1, 13, 30])
    func `a worker that finds an expansion interrupted ends it with the same members`(written: Int) async throws {
        let world = try PipelineWorld()
        let command = campaign(members: ofOld())
        try await interrupt(world, command, written: written)
        let listing = Gate()
        let hasChanged = Mutex(false)
        let workspace = HatifWorkspace(Self.ids) { kind, _ in
            switch kind {
            case .page:
                listing.open()
                #expect(!hasChanged.withLock { $0 }, "a change moves rows between pages")
            case .change:
                // Those that were written before could go at once.
                await listing.wait()
                hasChanged.withLock { $0 = true }
            }
        }
        try await world.worker(workspace, provider: hatif()).run {
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 30)
            #expect(Set(outcomes.map(\.command.id)) == Set(Self.ids.map { "autumn/\($0)" }))
            #expect(try await plan(world, of: "autumn").total == 30)
        }
        expectAll(workspace.changes)
        await world.close()
    }

    @Test func `a worker that stops while pages are read leaves the campaign to the next one`() async throws {
        let world = try PipelineWorld()
        let reached = Gate()
        let first = HatifWorkspace(Self.ids) { kind, number in
            guard kind == .page, number == 2 else { return }
            reached.open()
            await Gate().wait()
        }
        try await world.worker(first, provider: hatif()).run(intake: true) {
            try await start(world, campaign(members: ofOld()))
            await reached.wait()
        }
        #expect(first.changes.isEmpty)
        let second = HatifWorkspace(Self.ids)
        try await world.worker(second, provider: hatif()).run {
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 30)
            #expect(outcomes.count == 30)
        }
        expectAll(second.changes)
        await world.close()
    }

    @Test func `a dry run counts and sends nothing, and an id that was used is refused`() async throws {
        let world = try PipelineWorld()
        let workspace = HatifWorkspace(Self.ids)
        try await world.worker(workspace, provider: hatif()).run(intake: true) {
            try await start(world, campaign(members: ofOld()) { $0.dryRun = true })
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 30)
            #expect(Set(outcomes.map(\.disposition)) == [.simulated])
            let plan = try await plan(world, of: "autumn")
            #expect(plan.calls == 30 && plan.options.dryRun)
            try await start(world, campaign(members: ofOld(), eventID: "again"))
            let refused = try await world.outcomes(world.topics.failures, atLeast: 1)
            #expect(refused.map(\.command.id) == ["again"])
            #expect(refused.map(\.rejection?.field) == ["data.campaign"])
            #expect(refused.map(\.campaign) == [nil])
        }
        #expect(workspace.changes.isEmpty)
        await world.close()
    }

    @Test func `of two campaigns of one id that come at once, the first is carried out`() async throws {
        let world = try PipelineWorld()
        let workspace = HatifWorkspace(Self.ids)
        try await world.worker(workspace, provider: hatif()).run(intake: true) {
            let commands = ["one", "two"].map { campaign(members: ofOld(), eventID: $0) }
            try await world.write(
                world.topics.commands,
                commands.map { String(decoding: $0.encoded(), as: UTF8.self) }
            )
            let refused = try await world.outcomes(world.topics.failures, atLeast: 1)
            #expect(refused.map(\.command.id) == ["two"])
            let outcomes = try await world.outcomes(world.topics.results, atLeast: 30)
            #expect(outcomes.count == 30)
        }
        expectAll(workspace.changes)
        await world.close()
    }
}
