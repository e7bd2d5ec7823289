internal import ArgumentParser
internal import Foundation
internal import KafkaClient
internal import Messages
internal import Pipeline
internal import Scheduling

struct CampaignStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Starts a campaign from a file, or from what the options say.",
        discussion: """
            The file holds the data of bulkhead.campaign.start.v1 as JSON, or the whole event; options below `Limits` go before \
            what it says. A campaign's id is used once: the same start again changes nothing.

            For example: bulkhead campaign start autumn.json --campaign autumn-dry --dry-run --wait
                         bulkhead campaign start --campaign autumn --provider hatif --account main \\
                             --distribute user:A=50 --distribute user:B=30 --distribute user:C=20 --assignee user:OLD --wait
                         bulkhead campaign start --campaign free --provider hatif --account main --unassign --targets ids.txt \\
                             --canary 50 --canary-errors 2 --canary-wait 60s

            With --wait exit code 3 says that some members failed.
            """
    )

    @OptionGroup var options: SettingsOptions
    @Argument(help: "A file of JSON, or - for standard input.") var file: String?
    @OptionGroup(title: "Campaign") var order: CampaignOrder
    @OptionGroup(title: "Selection") var selection: CampaignSelectionOptions
    @OptionGroup(title: "Limits") var limits: CampaignLimitOptions
    @Flag(help: "Waits until the campaign is over.") var wait = false
    @Flag(help: "Prints JSON.") var json = false

    /// The `source` of commands that this program makes up itself.
    static let source = "/bulkhead/cli"

    func run() async throws {
        let settings = try options.settings()
        let reader = FleetReader(settings)
        let command = try command(settings)
        if let problem = CampaignCheck.problem(of: command, reader.catalog) { throw Failure(.usage, problem) }
        let sending = CampaignSending(reader)
        if let known = try await reader.answering({ try await reader.present() }).campaign(command.campaign) {
            try check(command, against: known)
            Terminal.current.say("It was started before, and nothing is sent again: \(known.status.sentence.printable)")
            if wait { try await sending.wait(command.campaign, printsJSON: json) }
            return
        }
        let outcomes = OutcomeWatch { _ in }
        let (kafka, topics, logger) = (reader.kafka, reader.topics, reader.logger)
        if wait { try await outcomes.start(kafka, topics, logger) }
        let record = ProducerRecord(
            topic: topics.commands,
            key: Array(command.id.utf8),
            value: command.encoded(),
            headers: [KafkaHeader(name: "content-type", text: "application/cloudevents+json; charset=UTF-8")]
        )
        try await sending.send([record])
        Terminal.current.say("campaign \(command.campaign.printable) was sent to \(record.topic)")
        guard wait else {
            if json { Terminal.current.print(JSONText.members(["campaign": .text(command.campaign)])) }
            return
        }
        await outcomes.want([OutcomeWatch.Key(source: command.source, id: command.id)])
        try await sending.wait(command.campaign, printsJSON: json) { await outcomes.outcomes.first }
    }

    /// The same start may come again, for instance after a failure; another campaign of the same id is refused.
    private func check(_ command: CampaignCommand, against known: FleetSnapshot.Campaign) throws {
        let status = known.status
        let isSame = status.command.id == command.id && status.command.source == command.source
        guard !isSame || (known.plan != nil && status.dryRun != command.options.dryRun) else { return }
        throw Failure(
            .failed,
            "The id is that of \(status.dryRun ? "a dry run" : "another campaign"): \(status.sentence.printable)",
            "A campaign's id is used once; choose another one."
        )
    }

    /// The command, checked as intake will.
    func command(_ settings: Settings) throws -> CampaignCommand {
        var command: CampaignCommand
        if let file {
            guard order.isEmpty, selection.isEmpty else {
                throw Failure(.usage, "Give either a file, or the options that say what the campaign is.")
            }
            command = try Self.command(Self.contents(of: file))
            if let id = order.campaign {
                command.campaign = id
                command.event.id = id
            }
        } else {
            command = try order.command(selection, settings)
        }
        try limits.apply(to: &command.options)
        // What is wrong with the options is told as with any message.
        return try Self.command(command.encoded())
    }

    private static func contents(of file: String) throws -> [UInt8] {
        let lines = try SendCommand.lines(of: file)
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    private static func command(_ bytes: [UInt8]) throws -> CampaignCommand {
        do {
            let json = try JSON(parsing: bytes)
            var event = json
            if json["specversion"] == nil {
                event = .object([
                    .init("specversion", .string("1.0")), .init("type", .string(MessageType.campaignStart.rawValue)),
                    .init("source", .string(source)), .init("id", json["campaign"] ?? .null), .init("data", json),
                ])
            }
            let now = Timestamp(WallClock().now).nanoseconds / 1_000_000
            let message = try InboundMessage.decode(
                value: event.encoded,
                headers: [MessageHeader](),
                recordTimestamp: now
            )
            guard case .campaign(let command) = message else {
                throw Failure(.usage, "type: found another message, allowed: \(MessageType.campaignStart.rawValue)")
            }
            return command
        } catch let error as Rejection {
            throw Failure(.usage, error.reason)
        } catch let error as JSONError {
            throw Failure(.usage, "The campaign is no JSON: \(error)")
        }
    }
}

/// What is done with the members, and which account they belong to.
struct CampaignOrder: ParsableArguments {
    @Option(help: "The campaign's id, used once; with a file instead of the one it has.") var campaign: String?
    @Option(help: "Provider.") var provider: String?
    @Option(help: "Account; `default` when left out.") var account: String?
    @Option(help: "Whom all members go to: user:ID, email:ADDRESS or ai:ID.") var assign: String?
    @Option(help: "Shares the members out, as user:ID=50; may be given again.") var distribute: [String] = []
    @Flag(help: "Takes the members from whoever has them.") var unassign = false
    @Option(help: "A file of conversations or contacts, one a line, or -.") var targets: String?

    /// Whether it says nothing but the id, under which a file may be started, too.
    var isEmpty: Bool {
        provider == nil && account == nil && assign == nil && distribute.isEmpty && !unassign && targets == nil
    }

    func command(_ selection: CampaignSelectionOptions, _ settings: Settings) throws -> CampaignCommand {
        guard let campaign else { throw Failure(.usage, "Give a file, or --campaign with an id.") }
        guard let provider else { throw Failure(.usage, "Give --provider.") }
        return CampaignCommand(
            event: EventAttributes(
                id: campaign,
                source: CampaignStartCommand.source,
                type: .campaignStart,
                time: Timestamp(WallClock().now)
            ),
            campaign: campaign,
            provider: provider,
            account: account ?? Command.defaultAccount,
            action: try action(),
            members: try members(selection, ofContacts: settings.providers[provider]?.kind == .aelyst)
        )
    }

    private func action() throws -> CampaignCommand.Action {
        guard [assign != nil, !distribute.isEmpty, unassign].count(where: \.self) == 1 else {
            throw Failure(.usage, "Give exactly one of --assign, --distribute and --unassign.")
        }
        if let assign { return .assign(try Assignee(argument: assign, "--assign")) }
        return distribute.isEmpty ? .unassign : .distribute(try distribute.map(Self.share))
    }

    private static func share(_ text: String) throws -> CampaignCommand.Share {
        guard let sign = text.lastIndex(of: "="), let weight = Int(text[text.index(after: sign)...]) else {
            throw Failure(
                .usage,
                "--distribute: found \"\(text.printable)\", allowed: an assignee and a weight, user:ID=50"
            )
        }
        return CampaignCommand.Share(
            assignee: try Assignee(argument: String(text[..<sign]), "--distribute"),
            weight: weight
        )
    }

    private func members(_ selection: CampaignSelectionOptions, ofContacts: Bool) throws -> CampaignCommand.Members {
        guard let targets else { return .selection(try selection.selection(ofContacts: ofContacts)) }
        guard selection.isEmpty else { throw Failure(.usage, "Give either --targets or a selection.") }
        var found: [Target] = []
        for (index, line) in try SendCommand.lines(of: targets).enumerated() {
            let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let target = Target(text: text) else {
                throw Failure(
                    .usage,
                    "\(targets), target \(index + 1): found \"\(text.prefix(64).description.printable)\", allowed: a UUID, "
                        + "or id:…, email:… or phone:+…"
                )
            }
            found.append(target)
        }
        return .targets(found)
    }
}

/// Which conversations or contacts are members.
struct CampaignSelectionOptions: ParsableArguments {
    @Flag(help: "Everything that the account has.") var all = false
    @Option(help: "Channel id; may be given again. (hatif)") var channel: [String] = []
    @Option(help: "open or closed. (hatif)") var status: String?
    @Option(help: "Who has it now, as --assign; may be given again.") var assignee: [String] = []
    @Flag(help: "Nobody has it now.") var unassigned = false
    @Option(help: "Tag id; may be given again. (hatif)") var tag: [String] = []
    @Option(help: "From this time on, as 2026-11-21T09:00:00Z. (hatif)") var from: String?
    @Option(help: "Before this time. (hatif)") var to: String?
    @Flag(inversion: .prefixedNo, help: "Lost ones only, or none of them. (hatif)") var lost: Bool?
    @Option(help: "A filter as JSON, passed through. (aelyst)") var filter: String?

    private var narrows: Bool {
        !channel.isEmpty || status != nil || !assignee.isEmpty || unassigned || !tag.isEmpty || from != nil || to != nil
            || lost != nil || filter != nil
    }

    var isEmpty: Bool { !all && !narrows }

    /// - Parameter ofContacts: whether the provider lists contacts, each of which one person has.
    func selection(ofContacts: Bool) throws -> Selection {
        guard all != narrows else {
            throw Failure(
                .usage,
                all
                    ? "Give either --all or what narrows the selection."
                    : "Give --targets, a selection such as --assignee user:ID, or --all for everything the account has."
            )
        }
        var selection = Selection()
        selection.channels = channel
        selection.tags = tag
        selection.lost = lost
        selection.from = try from.map { try Self.time($0, "--from") }
        selection.to = try to.map { try Self.time($0, "--to") }
        selection.status = try status.map { text in
            guard let status = Selection.Status(rawValue: text) else {
                throw Failure(.usage, "--status: found \"\(text.printable)\", allowed: open or closed")
            }
            return status
        }
        let assignees = try assignee.map { try Assignee(argument: $0, "--assignee") }
        selection.filter = try filter.map { text in
            do throws(JSONError) {
                return try JSON(parsing: Array(text.utf8))
            } catch {
                throw Failure(.usage, "--filter: found no JSON: \(error)")
            }
        }
        guard ofContacts else {
            selection.assignees = assignees
            if unassigned { selection.unassigned = true }
            return selection
        }
        guard assignees.count + (unassigned ? 1 : 0) <= 1 else {
            throw Failure(.usage, "Contacts are selected by one --assignee, or by --unassigned.")
        }
        if unassigned { selection.assignee = .nobody }
        if let assignee = assignees.first { selection.assignee = .assignee(assignee) }
        return selection
    }

    private static func time(_ text: String, _ option: String) throws -> Timestamp {
        guard let time = Timestamp(text) else {
            throw Failure(
                .usage,
                "\(option): found \"\(text.printable)\", allowed: a time as 2026-11-21T09:00:00Z"
            )
        }
        return time
    }
}

/// What keeps a campaign from doing harm.
struct CampaignLimitOptions: ParsableArguments {
    @Flag(help: "Counts calls and time, and sends nothing.") var dryRun = false
    @Option(help: "Calls a second, at most.") var maxRate: Double?
    @Option(help: "So many members go first; the others wait for how they end.") var canary: Int?
    @Option(help: "The campaign pauses when more of the first ones fail; 0 when left out.") var canaryErrors: Int?
    @Option(help: "How long to wait after the first ones, as 60s.") var canaryWait: String?
    @Option(help: "The share of failures, as 0.05, beyond which the campaign pauses by itself.") var maxErrorRate:
        Double?

    func apply(to options: inout CampaignCommand.Options) throws {
        if dryRun { options.dryRun = true }
        if let maxRate { options.maxRate = maxRate }
        if let maxErrorRate { options.maxErrorRate = maxErrorRate }
        guard canary != nil || canaryErrors != nil || canaryWait != nil else { return }
        guard let count = canary ?? options.canary?.count else {
            throw Failure(.usage, "Give --canary with how many members go first.")
        }
        var chosen = CampaignCommand.Canary(
            count: count,
            maxErrors: canaryErrors ?? options.canary?.maxErrors ?? 0,
            wait: options.canary?.wait ?? .zero
        )
        if let canaryWait {
            guard let wait = Duration(messageText: canaryWait) else {
                throw Failure(
                    .usage,
                    "--canary-wait: found \"\(canaryWait.printable)\", allowed: a duration such as 60s or 5m"
                )
            }
            chosen.wait = wait
        }
        options.canary = chosen
    }
}

extension Assignee {
    /// Reads `user:ID`, `email:ADDRESS` or `ai:ID`.
    fileprivate init(argument text: String, _ option: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("user", 2): self = .user(parts[1])
        case ("email", 2): self = .email(parts[1])
        case ("ai", 2): self = .aiAgent(parts[1])
        default:
            throw Failure(
                .usage,
                "\(option): found \"\(text.printable)\", allowed: user:ID, email:ADDRESS or ai:ID"
            )
        }
    }
}
