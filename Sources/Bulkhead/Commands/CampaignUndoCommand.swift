internal import ArgumentParser
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline
internal import ProviderKit
internal import Scheduling

struct CampaignUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Brings the members of a campaign back to who had them before.",
        discussion: """
            Each member that the campaign changed goes back, unless somebody changed it since: that one ends as \
            precondition_failed. Members whose previous assignee is unknown are told and left as they are. The undo is a \
            campaign of its own, ID.undo, that can be watched, paused and cancelled. Stopped half-way, it is simply started again.

            For example: bulkhead campaign undo autumn --dry-run
                         bulkhead campaign undo autumn --wait
            """
    )

    @OptionGroup var options: SettingsOptions
    @Argument(help: "The campaign's id.") var campaign: String
    @Flag(help: "Says what it would send, and sends nothing.") var dryRun = false
    @Flag(help: "Waits until all members have their outcomes.") var wait = false
    @Flag(help: "Prints JSON.") var json = false

    func run() async throws {
        let reader = FleetReader(try options.settings())
        let found = try await reader.answering { try await reader.campaign(campaign) }
        let status = found.status
        guard status.state.isFinal else {
            throw Failure(
                .failed,
                "It is not over: \(status.sentence.printable)",
                "Wait for its end, or end it with `bulkhead campaign cancel`."
            )
        }
        guard !status.dryRun else { throw Failure(.failed, "It was a dry run: there is nothing to take back.") }
        guard let plan = found.plan else {
            throw Failure(.failed, "It never had members: \(status.sentence.printable)")
        }
        guard let account = reader.catalog.account(plan.provider, plan.account) else {
            throw Failure(.usage, "\(plan.provider)/\(plan.account): not in the settings any more")
        }
        guard account.adapter.canRead else {
            throw Failure(
                .failed,
                "\(plan.provider) cannot be read, so nobody could tell which members were changed since; nothing is sent.",
                "Convor can be read once `read.path` is set."
            )
        }
        let sending = CampaignSending(reader)
        let name = CampaignUndo.id(of: campaign)
        // Its plan is the last thing to be sent.
        if !dryRun, let sent = try await reader.answering({ try await reader.present() }).campaign(name),
            sent.plan != nil
        {
            Terminal.current.say("It was sent before, and nothing is sent again: \(sent.status.sentence.printable)")
            if wait { try await sending.wait(name, printsJSON: json) }
            return
        }
        let undo = try await reader.answering { try await Self.members(of: plan, reader) }
        let now = Timestamp(WallClock().now)
        let source = CampaignStartCommand.source
        let (commands, left) = undo.commands(account.adapter, source: source, time: now)
        tell(undo, commands, left)
        guard !dryRun, !commands.isEmpty else { return }
        let records = commands.map { SendCommand.record($0.encoded(), reader.topics) }
        let fact = undo.plan(commands, of: plan, source: source, at: now)
        try await sending.send(records)
        // Told last: members have to be there before somebody counts on them.
        try await sending.send([
            ProducerRecord(topic: reader.topics.status, key: Array(fact.key.utf8), value: fact.encoded())
        ])
        if wait { try await sending.wait(name, printsJSON: json) }
    }

    private static func members(of plan: CampaignPlan, _ reader: FleetReader) async throws -> CampaignUndo {
        var undo = CampaignUndo(of: plan.campaign)
        let topics = reader.topics
        try await TopicScan.read(
            reader.kafka,
            logger: reader.logger,
            topics: [topics.bulk(plan.provider), topics.parked(plan.provider)]
        ) { records in
            for record in records { undo.add(member: record) }
            return true
        }
        try await TopicScan.read(reader.kafka, logger: reader.logger, topics: [topics.results]) { records in
            for record in records { undo.add(result: record) }
            return true
        }
        return undo
    }

    private func tell(
        _ undo: CampaignUndo,
        _ commands: [Command],
        _ left: [(target: String, why: CampaignUndo.Leaving)]
    ) {
        let terminal = Terminal.current
        let id = CampaignUndo.id(of: campaign)
        let counts = Dictionary(grouping: left, by: \.why).mapValues(\.count)
        if json {
            guard !wait || dryRun else { return }
            return terminal.print(
                JSONText.members([
                    "campaign": .text(id), "changed": .integer(undo.count), "commands": .integer(commands.count),
                    "left": .object(
                        CampaignUndo.Leaving.allCases.compactMap { why in
                            counts[why].map { JSONText.Member(why.rawValue, .integer($0)) }
                        }
                    ),
                ])
            )
        }
        terminal.print(
            "\(campaign) changed \(undo.count) members; \(commands.count) \(dryRun ? "would go" : "go") back as \(id)"
                .printable
        )
        for why in CampaignUndo.Leaving.allCases where why != .hadItBefore {
            let targets = left.filter { $0.why == why }.map(\.target)
            guard !targets.isEmpty else { continue }
            let more = targets.count > 20 ? ", …" : ""
            terminal.say(
                "\(targets.count) stay, \(why.rawValue): \(targets.prefix(20).joined(separator: ", "))\(more)".printable
            )
        }
        if let count = counts[.hadItBefore] {
            terminal.say("\(count) stay, \(CampaignUndo.Leaving.hadItBefore.rawValue)")
        }
    }
}
