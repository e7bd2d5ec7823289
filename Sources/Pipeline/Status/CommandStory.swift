internal import KafkaClient
package import Messages
package import Scheduling

/// One command as told to a person: its outcome, or what it waits for and since when.
///
/// Pure: it puts into words what was found in the topics, and what the worker that has the command said of it.
package struct CommandStory: Hashable, Sendable {
    /// What came of asking the worker that has the command's lane.
    package enum Reply: Hashable, Sendable {
        /// It has the command; see ``Explanation/json``.
        case waiting(JSON)
        /// It has no such command in its memory.
        case unknown
        case unreachable(address: String, reason: String)
        /// Nobody was asked: no worker says that it has the lane, or the command has come to an end.
        case none
    }

    package enum State: Hashable, Sendable {
        case done, failed
        /// Intake has not come to it.
        case notRead
        /// Intake has finished it, and nothing else of it is left in the topics.
        case vanished
        /// Its worker has not come to it.
        case queued
        case parked
        /// In the lane; the worker could not be asked.
        case inLane
        /// As the worker says.
        case told(String)

        package var name: String {
            switch self {
            case .done: "done"
            case .failed: "failed"
            case .notRead: "not_read"
            case .vanished: "vanished"
            case .queued: "not_read_by_lane"
            case .parked: "parked"
            case .inLane: "in_lane"
            case .told(let state): state
            }
        }
    }

    package let trace: CommandTrace
    package let now: Instant
    /// Of the partition where the command stands; `nil` when it was not asked for.
    package var progress: GroupProgress?
    package var holding: FleetSnapshot.Holding?
    package var reply = Reply.none

    package init(_ trace: CommandTrace, now: Instant) {
        self.trace = trace
        self.now = now
    }

    package var state: State {
        if let outcome = trace.outcome { return outcome.disposition.topic == .results ? .done : .failed }
        if case .waiting(let told) = reply { return .told(told["state"]?.text ?? "in_lane") }
        guard let place = trace.place else { return .vanished }
        let isFinished = progress?.isFinished(place.offset) ?? false
        guard trace.lane?.place == place else { return isFinished ? .vanished : .notRead }
        if isFinished { return trace.parked?.replay == trace.replay ? .parked : .vanished }
        if case .unknown = reply { return .queued }
        return .inLane
    }

    /// What it waits for, or its outcome, in a sentence without its subject.
    package var reason: String {
        switch state {
        case .done, .failed: trace.outcome.map(ending) ?? ""
        case .told: told("reason") ?? ""
        case .notRead: "has not been read by intake yet: \(before) in \(partition)"
        case .vanished:
            "was read, and no outcome of it is left in the topics: their retention has passed, "
                + "or the outcome is being written right now"
        case .parked: "is parked until its campaign goes on" + (trace.campaign.map { " (\($0))" } ?? "")
        case .queued: "is not in its worker's memory yet: \(before) in \(partition)" + laneWords
        case .inLane: "is in its lane: \(before) in \(partition)" + laneWords
        }
    }

    /// Headings with their text, in the order in which they are read.
    package var lines: [(heading: String, text: String)] {
        var lines = [(heading: "Command", text: named)]
        if let entity = trace.entity { lines.append(("For", entity)) }
        lines.append(("State", reason))
        if let since { lines.append(("Since", "\(since.words) (\(age(since)))")) }
        if let until = told("until").flatMap(Timestamp.init) {
            lines.append(("Until", "\(until.words) (in \(now.duration(to: Instant(until)).ageText))"))
        }
        if case .told = state, let read = told("readAt").flatMap(Timestamp.init) {
            lines.append(("Read", "\(read.words) (\(age(read)))" + tally))
        }
        if let asked = trace.asked?.place, asked.timestamp >= 0 {
            let time = Timestamp(milliseconds: asked.timestamp)
            lines.append(("Sent", "\(time.words) (\(age(time))), \(asked.name)"))
        }
        if let place = trace.lane?.place { lines.append(("Lane", place.name)) }
        if let worker { lines.append(("Worker", worker)) }
        for outcome in earlier {
            lines.append((outcome.replay == 0 ? "First run" : "Replay \(outcome.replay)", ending(outcome)))
        }
        if state == .failed, let letter = trace.letter {
            lines.append(("Dead letter", "\(letter.name): bulkhead dlq show \(letter.name)"))
        }
        return lines
    }

    private var named: String {
        trace.command.id + (trace.command.source.map { " of \($0)" } ?? "")
            + (trace.command.type.map { ", \($0)" } ?? "") + (trace.replay > 0 ? ", replay \(trace.replay)" : "")
    }

    private var since: Timestamp? {
        switch state {
        case .done, .failed: trace.outcome?.times.finished
        case .told: told("since").flatMap(Timestamp.init)
        default: nil
        }
    }

    private func age(_ time: Timestamp) -> String { "\(Instant(time).duration(to: now).ageText) ago" }

    private func told(_ name: String) -> String? {
        guard case .waiting(let json) = reply else { return nil }
        return json[name]?.text
    }

    private var tally: String {
        guard case .waiting(let json) = reply, let attempts = json["attempts"]?.integerValue,
            let deferrals = json["deferrals"]?.integerValue, attempts + deferrals > 0
        else { return "" }
        return ", \(attempts) attempts failed, \(deferrals) deferrals"
    }

    /// Runs before the one that the state speaks of.
    private var earlier: [Outcome] {
        trace.outcomes.values.filter { $0 != trace.outcome }.sorted { $0.replay < $1.replay }
    }

    private var partition: String { trace.place.map { "\($0.topic)-\($0.partition)" } ?? "its topic" }

    private var before: String {
        guard let progress, let place = trace.place else { return "an unknown number of records before it" }
        let count = progress.unfinished(before: place.offset)
        return count == 1 ? "1 unfinished record before it" : "\(count) unfinished records before it"
    }

    /// How its lane stands by the latest snapshot.
    private var laneWords: String {
        guard let holding else { return "; no worker says that it has \(laneName): is one running?" }
        guard holding.member.isAlive(at: now) else {
            return "; \(holding.member.member), the last worker that had \(laneName), has been silent for "
                + holding.member.age(at: now).ageText
        }
        return "; \(holding.lane.sentence)"
    }

    private var laneName: String { "\(trace.provider ?? "?")/\(trace.account ?? "?")" }

    private var worker: String? {
        switch reply {
        case .waiting, .unknown: holding.map { $0.member.member + ($0.member.admin.map { " at \($0)" } ?? "") }
        case .unreachable(let address, let reason):
            (holding.map { "\($0.member.member) " } ?? "") + "cannot be asked at \(address): \(reason)"
        case .none: nil
        }
    }

    private func ending(_ outcome: Outcome) -> String {
        var text =
            "\(outcome.disposition.topic == .results ? "is done" : "has failed"): \(outcome.disposition.rawValue)"
        text += " at \(outcome.times.finished.words)"
        if let winner = outcome.supersededBy { text += ", \(winner.id) was sent instead" }
        if let status = outcome.response.status { text += ", the provider answered \(status)" }
        if let reason = outcome.reason ?? outcome.response.message { text += ", \(reason)" }
        let count = outcome.attempts == 1 ? "1 attempt" : "\(outcome.attempts) attempts"
        text += "; \(count), \(outcome.deferrals) deferrals, waited \(outcome.times.waitedMilliseconds) ms"
        if outcome.replay < trace.replay { text += "; replay \(trace.replay) therefore does nothing" }
        return text
    }

    package var json: JSON {
        func optional(_ text: String?) -> JSON { .optional(text) }
        var members: [JSON.Member] = [
            .init("id", .string(trace.command.id)), .init("source", optional(trace.command.source)),
            .init("type", optional(trace.command.type)), .init("provider", optional(trace.provider)),
            .init("account", optional(trace.account)), .init("entity", optional(trace.entity)),
            .init("replay", .integer(Int64(trace.replay))), .init("state", .string(state.name)),
            .init("reason", .string(reason)), .init("since", optional(since?.description)),
            .init("until", optional(told("until"))), .init("behind", optional(told("behind"))),
            .init("member", optional(holding?.member.member)), .init("sent", optional(trace.asked?.place.name)),
            .init("lane", optional(trace.lane?.place.name)), .init("deadLetter", optional(trace.letter?.name)),
        ]
        let before = trace.place.flatMap { place in progress?.unfinished(before: place.offset) }
        members.append(.init("recordsBefore", before.map { .integer($0) } ?? .null))
        members.append(.init("disposition", optional(trace.outcome?.disposition.rawValue)))
        return .object(members)
    }
}

extension MemberStatus.Lane {
    /// How it stands, as a sentence without a full stop.
    package var sentence: String {
        let name = "\(provider)/\(account)"
        let since = since.map { " since \($0.words)" } ?? ""
        return switch state {
        case .open: "\(name) is open"
        case .limited: "\(name) waits for its limit" + (reason.map { " (\($0))" } ?? "") + since
        // The reason begins with what it is.
        case .paused: "\(name) is \(reason ?? "paused")" + since
        case .closed: "\(name) is closed (\(reason ?? "no reason given"))" + since
        }
    }
}

extension Duration {
    /// For people: `42 s`, `5 min`, `3 h 10 min`, `2 d 4 h`.
    package var ageText: String {
        let seconds = max(0, components.seconds)
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        default: "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
        }
    }
}
