internal import ArgumentParser
internal import Foundation
internal import KafkaClient
internal import Messages
internal import Pipeline
internal import Scheduling

struct CampaignCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign",
        abstract: "Moves thousands of conversations at once: starts, watches, stops and takes back campaigns.",
        discussion: """
            A campaign reads its members under the account's own limit, and then works on them behind live commands. What is \
            decided here goes through the control topic: all workers obey within a second, also after restarts.
            """,
        subcommands: [
            CampaignStartCommand.self, Status.self, List.self, Pause.self, Resume.self, Cancel.self,
            CampaignUndoCommand.self,
        ]
    )

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows how far a campaign is, and what became of its members.",
            discussion: "For example: bulkhead campaign status autumn --watch"
        )

        @OptionGroup var options: SettingsOptions
        @Argument(help: "The campaign's id.") var campaign: String
        @Flag(help: "Goes on until the campaign is over.") var watch = false
        @Flag(help: "Prints one JSON object; with --watch one for each change.") var json = false

        func run() async throws {
            let reader = FleetReader(try options.settings())
            let found = try await reader.answering { try await reader.campaign(campaign) }
            guard watch, !found.status.state.isFinal else { return CampaignReport(found).show(json: json) }
            let last = try await reader.answering {
                try await CampaignWatch(campaign, printsJSON: json).untilOver(reader)
            }
            if !json { CampaignReport(last).show(json: false) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists campaigns, the latest first.")

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Prints one JSON object a campaign.") var json = false

        func run() async throws {
            let reader = FleetReader(try options.settings())
            let campaigns = try await reader.answering { try await reader.present().campaigns }
            let terminal = Terminal.current
            guard !json else {
                for campaign in campaigns { CampaignReport(campaign).show(json: true) }
                return
            }
            for line in terminal.lines(of: CampaignReport.table(campaigns)) { terminal.print(line) }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops a campaign; its members are put aside in order, and nothing waits behind them."
        )

        @OptionGroup var order: CampaignOrderOptions

        func run() async throws { try await order.send(.pause) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a campaign go on that was paused, or that stopped itself for its errors."
        )

        @OptionGroup var order: CampaignOrderOptions

        func run() async throws { try await order.send(.resume) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a campaign for good: every member not yet sent ends as cancelled.",
            discussion: "What was changed stays changed; `campaign undo` takes it back."
        )

        @OptionGroup var order: CampaignOrderOptions

        func run() async throws { try await order.send(.cancel) }
    }
}

/// Which campaign a control record is about, who writes it and why.
struct CampaignOrderOptions: ParsableArguments {
    @OptionGroup var options: SettingsOptions
    @Argument(help: "The campaign's id.") var campaign: String
    @OptionGroup var decision: DecisionOptions
    @Flag(help: "Also for a campaign that nothing is known of yet, or that is over.") var force = false

    func send(_ action: ControlMessage.Action) async throws {
        let settings = try options.settings()
        let key = ControlKey.campaign(campaign)
        guard ControlKey(key.description) == key else {
            throw Failure(.usage, "found campaign \"\(campaign.printable)\", allowed: an id without /")
        }
        if !force {
            let reader = FleetReader(settings)
            let status = try await reader.answering { try await reader.campaign(campaign) }.status
            guard !status.state.isFinal else {
                throw Failure(.failed, "It is over: \(status.sentence.printable)")
            }
        }
        try await ControlWriter(settings).write(key, action, by: decision)
        Terminal.current.print("\(key): \(action.rawValue)".printable)
    }
}

extension FleetReader {
    /// The status topic as it stands.
    func present() async throws -> FleetSnapshot {
        try await snapshot(try await KafkaAdmin(settings: kafka, logger: logger).topics(timeout: .seconds(10)))
    }

    /// What is known of a campaign; exit code 1 when that is nothing.
    func campaign(_ id: String) async throws -> FleetSnapshot.Campaign {
        guard let found = try await present().campaign(id) else {
            throw Failure(
                .failed,
                "There is no campaign \"\(id.printable)\".",
                "`bulkhead campaign list` shows those that are known; a new one is known as soon as a lane has it."
            )
        }
        return found
    }
}
