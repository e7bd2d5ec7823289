internal import ArgumentParser
internal import Foundation
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline
internal import Scheduling

struct LaneCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lane",
        abstract: "Looks at lanes, pauses and resumes them, changes their limits.",
        discussion:
            "What is decided here goes through the control topic: all workers obey within a second, also after restarts.",
        subcommands: [List.self, Pause.self, Resume.self, Limit.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the lane of every account: what it does, and what is left for it.",
            discussion: "`bulkhead status` shows the same beside workers, campaigns and imports."
        )

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Prints one JSON object a lane.") var json = false

        func run() async throws {
            let settings = try options.settings()
            let reader = FleetReader(settings)
            let report = try await reader.answering { try await reader.report() }
            let terminal = Terminal.current
            if json {
                for lane in report.lanes { terminal.print(String(decoding: lane.json.encoded, as: UTF8.self)) }
            } else {
                for line in terminal.lines(of: report.laneTable) { terminal.print(line) }
                for line in report.laneNotes { terminal.print(line) }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops the calls of a lane or of one of its accounts; work waits in Kafka."
        )

        @OptionGroup var order: Order
        @Option(name: .customLong("for"), help: "How long, as 30m; until `lane resume` when left out.") var duration:
            String?

        func run() async throws {
            let until = try duration.map { text -> Timestamp in
                guard let duration = Duration(messageText: text), duration > .zero else {
                    throw Failure(.usage, "--for: found \"\(text)\", allowed: a duration such as 90s or 30m")
                }
                return Timestamp(WallClock().now.advanced(by: duration))
            }
            try await order.send(.pause, until: until)
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a paused lane or account go on.")

        @OptionGroup var order: Order

        func run() async throws { try await order.send(.resume) }
    }

    struct Limit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts limits in place of those of the settings, or takes them back.",
            discussion: "Give every window that is to hold, for example: --set 50/1s --set 1000/1h:account"
        )

        @OptionGroup var order: Order
        @Option(
            name: .customLong("set"),
            help: "A window, as REQUESTS/PER[:account|endpoint|path]; may be given again."
        )
        var windows: [String] = []
        @Flag(help: "Goes back to the limits of the settings.") var reset = false

        func run() async throws {
            guard reset != !windows.isEmpty else { throw Failure(.usage, "Give either --set or --reset.") }
            let limits = try windows.map(Self.limit)
            try await order.send(.limit, limits: reset ? nil : limits)
        }

        private static func limit(_ text: String) throws -> ControlMessage.Limit {
            let parts = text.split(separator: ":").map(String.init)
            let rate = parts.first?.split(separator: "/").map(String.init) ?? []
            let scope = parts.count > 1 ? parts[1] : "account"
            guard rate.count == 2, parts.count <= 2, let requests = Int(rate[0]), (1...1_000_000).contains(requests),
                let per = Duration(messageText: rate[1]), per > .zero, ["account", "endpoint", "path"].contains(scope)
            else { throw Failure(.usage, "--set: found \"\(text)\", allowed: REQUESTS/PER[:account|endpoint|path]") }
            return ControlMessage.Limit(requests: requests, per: per, scope: scope)
        }
    }
}

/// What a control record is about, who writes it and why.
struct Order: ParsableArguments {
    @OptionGroup var options: SettingsOptions
    @Argument(help: "The lane, as PROVIDER or PROVIDER/ACCOUNT.") var lane: String
    @OptionGroup var decision: DecisionOptions

    func send(
        _ action: ControlMessage.Action,
        until: Timestamp? = nil,
        limits: [ControlMessage.Limit]? = nil
    ) async throws {
        let settings = try options.settings()
        let parts = lane.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let provider = settings.providers[parts[0]] else {
            throw Failure(
                .usage,
                "found provider \"\(parts[0])\", allowed: \(settings.providers.keys.sorted().joined(separator: ", "))"
            )
        }
        guard parts.count <= 2, parts.count == 1 || provider.accounts[parts[1]] != nil else {
            throw Failure(
                .usage,
                "found account \"\(parts.dropFirst().joined(separator: "/"))\", "
                    + "allowed: \(provider.accounts.keys.sorted().joined(separator: ", "))"
            )
        }
        let key = ControlKey.lane(provider: parts[0], account: parts.count == 2 ? parts[1] : nil)
        try await ControlWriter(settings).write(
            key,
            action,
            by: decision,
            until: until,
            limits: limits
        )
        Terminal.current.print("\(key): \(action.rawValue)")
    }
}

/// Who decides something, and why.
struct DecisionOptions: ParsableArguments {
    @Option(help: "Who decides this; the user's name when left out.") var by: String?
    @Option(help: "Why; shown to everybody who asks what is waited for.") var why: String?

    var author: String { by ?? ProcessInfo.processInfo.environment["USER"] ?? "unknown" }
}

/// Writes control records, each of which holds the whole state of its key.
struct ControlWriter {
    private let kafka: KafkaSettings
    private let topic: String

    init(_ settings: Settings) {
        kafka = KafkaSettings(settings.kafka)
        topic = TopicNames(prefix: settings.prefix).control
    }

    func write(
        _ key: ControlKey,
        _ action: ControlMessage.Action,
        by decision: DecisionOptions,
        until: Timestamp? = nil,
        limits: [ControlMessage.Limit]? = nil
    ) async throws {
        let logger = LogSetup.logger(level: .error)
        let name = Array(key.description.utf8)
        var previous: ControlMessage?
        try await TopicScan.read(kafka, logger: logger, topics: [topic]) { records in
            for record in records where record.key == name {
                previous = record.value.flatMap { try? ControlMessage(decoding: $0) }
            }
            return true
        }
        let message = ControlMessage(
            action,
            after: previous,
            by: decision.author,
            why: decision.why,
            at: Timestamp(WallClock().now),
            until: until,
            limits: limits
        )
        let producer = try KafkaProducer(settings: kafka, logger: logger)
        do {
            _ = try await producer.send(ProducerRecord(topic: topic, key: name, value: message.encoded()))
        } catch {
            await producer.close()
            throw Failure(.failed, "The order could not be stored: \(error.reason)")
        }
        await producer.close()
    }
}
