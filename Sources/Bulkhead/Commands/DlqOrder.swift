internal import ArgumentParser
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline
internal import Scheduling

/// What `dlq replay` and `dlq park` are told alike.
struct DlqOrder: ParsableArguments {
    @OptionGroup var options: SettingsOptions
    @OptionGroup var filters: DlqFilterOptions
    @Option(help: "Letters a second; as fast as the brokers take them when left out.") var rate: Int?
    @Option(help: "Letters handled by this run at most.") var max: Int?
    @Option(help: "What the progress is remembered under; follows from the filters when left out.") var name: String?
    @Flag(help: "Prints one JSON object.") var json = false

    func run(_ purpose: ReplayRules.Purpose, dryRun: Bool) async throws {
        if let rate, !(1...1_000_000).contains(rate) {
            throw Failure(.usage, "--rate: found \(rate), allowed: 1 to 1000000")
        }
        if let max, max < 1 { throw Failure(.usage, "--max: found \(max), allowed: 1 or more") }
        let dlq = DlqAccess(try options.settings())
        let rules = dlq.rules(purpose, try filters.filter(isRelative: false))
        let name = try Self.checked(name ?? rules.fingerprint)
        var replay = DeadLetterReplay(
            name: name,
            rules: rules,
            kafka: dlq.kafka,
            topics: dlq.topics,
            clock: WallClock(),
            logger: dlq.logger
        )
        replay.rate = rate
        replay.maxLetters = max
        let report: ReplayReport
        do throws(ReplayFailure) {
            report = dryRun ? try await replay.preview() : try await run(replay)
        } catch {
            let status: ExitStatus
            switch error {
            case .nameTaken, .forbiddenTargets: status = .usage
            case .missingTopic, .notWritten, .notCommitted, .kafka: status = .failed
            }
            throw Failure(status, "\(error)")
        }
        if json { Terminal.current.print(dlq.line(report.json)) } else { show(report, dryRun: dryRun) }
        if report.refused > 0 {
            throw Failure(.someFailed, "\(report.refused) letters could not be replayed; see `bulkhead dlq plan`.")
        }
    }

    private func run(_ replay: DeadLetterReplay<WallClock>) async throws(ReplayFailure) -> ReplayReport {
        let terminal = Terminal.current
        guard !json else { return try await replay.run() }
        terminal.say("replay \"\(replay.name)\": joining its group")
        let clock = WallClock()
        var lastLine = clock.now
        return try await replay.run { report in
            guard lastLine.duration(to: clock.now) >= .seconds(1) else { return }
            lastLine = clock.now
            terminal.say("replayed \(report.replayed), parked \(report.parked), looked at \(report.read)")
        }
    }

    private func show(_ report: ReplayReport, dryRun: Bool) {
        let terminal = Terminal.current
        let would = dryRun ? "would be " : ""
        terminal.print("\(report.replayed) letters \(would)replayed, \(report.parked) \(would)parked")
        for reason in ParkReason.allCases {
            if let count = report.parks[reason] { terminal.print("  \(count) parked: \(reason.rawValue)") }
        }
        for reason in LetterFate.Leaving.allCases {
            if let count = report.leaves[reason] { terminal.print("  \(count) left: \(reason.rawValue)") }
        }
        if report.isResumed { terminal.print("  carried on where an earlier run had stopped") }
        if !report.isComplete, !dryRun {
            terminal.print("  more are left; run it again to go on (name \(report.name))")
        }
    }

    /// The name is a part of a consumer group's.
    private static func checked(_ name: String) throws -> String {
        guard (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-".utf8.contains($0) })
        else {
            throw Failure(
                .usage,
                "--name: found \"\(name)\", allowed: 1 to 64 of a-z, A-Z, 0-9, \".\", \"_\" and \"-\""
            )
        }
        return name
    }
}

/// What every `dlq` command needs of the settings.
struct DlqAccess {
    let kafka: KafkaSettings
    let topics: TopicNames
    let logger: Logger
    let maxReplays: Int
    private let allow: [String]

    init(_ settings: Settings) {
        kafka = KafkaSettings(settings.kafka)
        topics = TopicNames(prefix: settings.prefix)
        logger = LogSetup.logger(level: .error)
        maxReplays = settings.replay.max
        allow = settings.replay.allow
    }

    var reader: DeadLetterReader { DeadLetterReader(kafka: kafka, topics: topics, logger: logger) }

    func rules(_ purpose: ReplayRules.Purpose, _ filter: DeadLetterFilter) -> ReplayRules {
        ReplayRules(
            purpose: purpose,
            filter: filter,
            targets: ReplayTargets(topics, allow: allow),
            maxReplays: maxReplays
        )
    }

    func line(_ json: JSON) -> String { String(decoding: json.encoded, as: UTF8.self) }

    /// Reads, and says what to do when the brokers do not answer or lack the topic.
    @discardableResult
    func reading<Value>(isParked: Bool, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as KafkaError {
            let topic = isParked ? topics.parkedLetters : topics.deadLetters
            throw Failure(
                .failed,
                "\(topic) could not be read: \(error.reason)",
                "Check kafka.bootstrap.servers, and make missing topics with `bulkhead topics create`."
            )
        }
    }
}
