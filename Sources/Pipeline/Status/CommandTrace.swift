package import KafkaClient
package import Messages

/// Where one command stands in the topics: what is known of it without asking a worker.
package struct CommandTrace: Hashable, Sendable {
    /// One record of the command.
    package struct Sighting: Hashable, Sendable {
        package var place: RecordPosition
        /// How often the command had been replayed then.
        package var replay: Int

        package init(place: RecordPosition, replay: Int) {
            self.place = place
            self.replay = replay
        }
    }

    package var command: CommandReference
    package var provider: String?
    package var account: String?
    package var entity: String?
    package var campaign: String?
    /// In the commands or imports topic.
    package var asked: Sighting?
    /// In a lane topic.
    package var lane: Sighting?
    /// In the parked topic of a lane.
    package var parked: Sighting?
    /// By the number of replays.
    package var outcomes: [Int: Outcome] = [:]
    package var letter: StoredLetter?

    package init(command: CommandReference) {
        self.command = command
    }

    /// The run that was begun last.
    package var replay: Int {
        max(
            asked?.replay ?? 0,
            lane?.replay ?? 0,
            parked?.replay ?? 0,
            outcomes.keys.max() ?? 0
        )
    }

    /// The outcome that answers the latest run: its own, or an earlier success, after which a replay does nothing.
    package var outcome: Outcome? {
        outcomes[replay] ?? outcomes.values.filter { $0.disposition.topic == .results }.max { $0.replay < $1.replay }
    }

    /// The record that the latest run stands at, nearest to its end.
    package var place: RecordPosition? {
        [lane, asked].compactMap { $0 }.first { $0.replay == replay }?.place
    }
}

/// Collects the records of commands with one id.
package struct CommandTracer: Sendable {
    private let id: String
    private let source: String?
    private let topics: TopicNames
    private let lanes: [String: LaneTopic]
    private let needle: [UInt8]
    private var traces: [String: CommandTrace] = [:]

    private struct LaneTopic {
        var provider: String
        var isParked: Bool
    }

    /// - Parameter source: tells commands of one id apart; `nil` takes them all.
    package init(_ id: String, source: String?, topics: TopicNames, providers: [String]) {
        self.id = id
        self.source = source
        self.topics = topics
        var lanes: [String: LaneTopic] = [:]
        for provider in providers {
            lanes[topics.live(provider)] = LaneTopic(provider: provider, isParked: false)
            lanes[topics.bulk(provider)] = LaneTopic(provider: provider, isParked: false)
            lanes[topics.parked(provider)] = LaneTopic(provider: provider, isParked: true)
        }
        self.lanes = lanes
        // JSON may write other characters as escapes; letters and digits nobody does.
        let runs = id.utf8.split { !$0.isLetterOrDigit }
        needle = runs.max { $0.count < $1.count }.map(Array.init) ?? []
    }

    /// The commands found, in the order of their sources.
    package var found: [CommandTrace] { traces.values.sorted { ($0.command.source ?? "") < ($1.command.source ?? "") } }

    package mutating func take(_ record: KafkaRecord) {
        guard mayBeMeant(record) else { return }
        switch record.topic {
        case topics.commands, topics.imports: takeAsked(record)
        case topics.results, topics.failures: takeOutcome(record)
        case topics.deadLetters: takeLetter(record)
        default: if let lane = lanes[record.topic] { takeLane(record, lane) }
        }
    }

    /// A look at the bytes, since decoding every record of a long topic takes its time.
    private func mayBeMeant(_ record: KafkaRecord) -> Bool {
        if needle.isEmpty { return true }
        if let value = record.value, value.contains(needle) { return true }
        if record.headers.contains(where: { $0.value?.contains(needle) ?? false }) { return true }
        return record.place.name == id
    }

    private func isMeant(_ command: CommandReference) -> Bool {
        command.id == id && (source == nil || command.source == source)
    }

    private mutating func change(_ command: CommandReference, _ body: (inout CommandTrace) -> Void) {
        guard isMeant(command) else { return }
        var trace = traces[command.source ?? ""] ?? CommandTrace(command: command)
        body(&trace)
        if trace.command.type == nil { trace.command.type = command.type }
        traces[command.source ?? ""] = trace
    }

    private mutating func takeAsked(_ record: KafkaRecord) {
        let (command, message) = record.named(origin: record.place)
        let sighting = CommandTrace.Sighting(place: record.place, replay: DeadLetter.replays(of: record.headers))
        change(command) { trace in
            trace.note(message)
            trace.asked = sighting.orEarlier(trace.asked)
        }
    }

    private mutating func takeLane(_ record: KafkaRecord, _ lane: LaneTopic) {
        let headers = LaneHeaders(record.headers)
        let (command, message) = record.named(origin: headers?.origin ?? record.place)
        let sighting = CommandTrace.Sighting(place: record.place, replay: headers?.replays ?? 0)
        change(command) { trace in
            trace.note(message)
            trace.provider = trace.provider ?? lane.provider
            trace.entity = trace.entity ?? headers?.entity
            if lane.isParked {
                trace.parked = sighting.orEarlier(trace.parked)
            } else {
                trace.lane = sighting.orEarlier(trace.lane)
            }
        }
    }

    private mutating func takeOutcome(_ record: KafkaRecord) {
        guard let value = record.value, let outcome = try? Outcome(decoding: value) else { return }
        change(outcome.command) { trace in
            trace.outcomes[outcome.replay] = outcome
            trace.provider = outcome.provider ?? trace.provider
            trace.account = outcome.account ?? trace.account
            trace.entity = outcome.entity ?? trace.entity
            trace.campaign = outcome.campaign ?? trace.campaign
        }
    }

    private mutating func takeLetter(_ record: KafkaRecord) {
        guard let letter = StoredLetter(record) else { return }
        change(letter.command) { trace in
            if letter.letter.replays >= trace.letter?.letter.replays ?? 0 { trace.letter = letter }
        }
    }
}

extension CommandTrace {
    fileprivate mutating func note(_ message: InboundMessage?) {
        switch message {
        case .command(let command):
            (provider, account, entity) = (command.provider, command.account, command.entity)
            campaign = command.campaign
        case .contactsImport(let command): (provider, account) = (command.provider, command.account)
        case .campaign(let command):
            (provider, account, campaign) = (command.provider, command.account, command.campaign)
        case .contactsBatch(let batch): (provider, account) = (batch.provider, batch.account)
        case nil: break
        }
    }
}

extension CommandTrace.Sighting {
    /// The one of a later run, or of the same run the first: what follows repeats it.
    fileprivate func orEarlier(_ other: CommandTrace.Sighting?) -> CommandTrace.Sighting {
        guard let other, other.replay >= replay else { return self }
        return other
    }
}

extension KafkaRecord {
    /// The command as its outcome will name it, and what it asks for where that can be read.
    fileprivate func named(origin: RecordPosition) -> (CommandReference, InboundMessage?) {
        do throws(Rejection) {
            let message = try InboundMessage.decode(
                value: value,
                headers: headers,
                recordTimestamp: origin.timestamp
            )
            let event = message.event
            return (CommandReference(id: event.id, source: event.source, type: event.type), message)
        } catch {
            let salvaged = error.salvaged
            let id = salvaged.id ?? origin.name
            return (CommandReference(id: id, source: salvaged.source, type: salvaged.type), nil)
        }
    }
}

extension [UInt8] {
    /// Whether the bytes stand somewhere within.
    fileprivate func contains(_ needle: [UInt8]) -> Bool {
        guard let first = needle.first, count >= needle.count else { return needle.isEmpty }
        var start = 0
        let last = count - needle.count
        while start <= last {
            if self[start] == first, self[start..<start + needle.count].elementsEqual(needle) { return true }
            start += 1
        }
        return false
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
