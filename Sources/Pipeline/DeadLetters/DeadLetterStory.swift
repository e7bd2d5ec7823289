internal import KafkaClient
package import Messages

/// One dead letter as told to a human: what was asked, what was answered, how often, since when, what to do.
package struct DeadLetterStory: Hashable, Sendable {
    package let stored: StoredLetter
    /// Setting `replay.max`.
    package let maxReplays: Int

    package init(_ stored: StoredLetter, maxReplays: Int) {
        self.stored = stored
        self.maxReplays = maxReplays
    }

    /// Headings with their text, in the order in which they are read.
    package var lines: [(heading: String, text: String)] {
        let letter = stored.letter
        var lines: [(heading: String, text: String)] = [
            ("Dead letter", stored.name), ("Command", named), ("Asked", asked), ("Answered", answered),
            ("How often", howOften), ("Since", since),
        ]
        if let campaign = letter.campaign { lines.append(("Campaign", campaign)) }
        lines.append(("Came from", letter.origin.name))
        lines.append(("What to do", letter.advice(maxReplays: maxReplays)))
        lines.append(("Replay it", "bulkhead dlq replay --id \(stored.name)"))
        return lines
    }

    private var named: String {
        let command = stored.command
        return command.id + (command.source.map { " of \($0)" } ?? "") + (command.type.map { ", \($0)" } ?? "")
    }

    private var asked: String {
        switch stored.message {
        case .failure(let rejection):
            let size = stored.record.value.map { "\($0.count) bytes" } ?? "no value"
            return stored.isValueOmitted
                ? "the value was too large and stands at \(stored.letter.origin.name)"
                : "no command (\(size)): \(rejection.reason)"
        case .success(.command(let command)):
            let act =
                switch command.action {
                case .assign(_, let assignee): "assign \(command.entity) to \(Self.words(assignee))"
                case .unassign: "unassign \(command.entity)"
                }
            return "\(act), decided at \(command.time)"
        case .success(.contactsImport(let command)):
            if let card = stored.letter.card {
                return
                    "import card \(card) of \(command.id), which begins in line \(command.part.firstLine), to "
                    + "\(command.provider)/\(command.account), decided at \(command.time)"
            }
            return "import contacts to \(command.provider)/\(command.account), decided at \(command.time)"
        case .success(.campaign(let command)):
            return "start campaign \(command.campaign) on \(command.provider)/\(command.account)"
        case .success(.contactsBatch(let batch)):
            return "import \(batch.members.count) contacts to \(batch.provider)/\(batch.account)"
        }
    }

    private static func words(_ assignee: Assignee) -> String {
        switch assignee {
        case .user(let id): "user \(id)"
        case .email(let address): address
        case .aiAgent(let id): "AI agent \(id)"
        }
    }

    private var answered: String {
        let letter = stored.letter
        let status = letter.httpStatus.map { "HTTP \($0)" } ?? "no response"
        return
            "\(letter.disposition.rawValue), \(letter.disposition == .rejected ? "not sent" : status): \(letter.reason)"
    }

    private var howOften: String {
        let letter = stored.letter
        return
            "\(letter.attempts) attempts, \(letter.deferrals) deferrals, replayed \(letter.replays) of \(maxReplays) times"
    }

    private var since: String {
        let letter = stored.letter
        guard let first = letter.firstFailure, first != letter.lastFailure else { return "\(letter.lastFailure)" }
        return "\(first), last at \(letter.lastFailure)"
    }

    /// The letter as one JSON object; the command's value is not repeated, its size is.
    package var json: JSON {
        let letter = stored.letter
        func number(_ value: Int?) -> JSON { value.map { .integer(Int64($0)) } ?? .null }
        let command = stored.command
        return .object([
            .init("letter", .string(stored.name)),
            .init(
                "command",
                .object([
                    .init("id", .string(command.id)), .init("source", .optional(command.source)),
                    .init("type", .optional(command.type)),
                ])
            ),
            .init("provider", .optional(letter.provider)), .init("account", .optional(letter.account)),
            .init("campaign", .optional(letter.campaign)), .init("card", number(letter.card)),
            .init("disposition", .string(letter.disposition.rawValue)),
            .init("status", number(letter.httpStatus)), .init("reason", .string(letter.reason)),
            .init("attempts", number(letter.attempts)), .init("deferrals", number(letter.deferrals)),
            .init("replays", number(letter.replays)), .init("maxReplays", number(maxReplays)),
            .init("firstFailure", .optional(letter.firstFailure?.description)),
            .init("lastFailure", .string(letter.lastFailure.description)),
            .init("origin", .string(letter.origin.name)), .init("asked", .string(asked)),
            .init("valueBytes", number(stored.record.value?.count)),
            .init("advice", .string(letter.advice(maxReplays: maxReplays))),
        ])
    }
}
