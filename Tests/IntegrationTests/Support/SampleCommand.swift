/// A command that tests send, made so that every place that it passes can be told to be its own.
struct SampleCommand: Sendable {
    /// Where a command goes: a provider, one of its accounts.
    struct Lane: Hashable, Sendable {
        var provider: String
        var account: String
    }

    /// From 1; also the command's trace, which providers see.
    var number: Int
    var lane: Lane
    /// As a command's `data` names it, without a prefix such as `id:`.
    var target: String
    /// Leaves the conversation to nobody instead of to somebody.
    var unassigns = false
    /// More attributes, as `,"priority":"bulk"`.
    var attributes = ""

    static let source = "/integration"

    var id: String { "c-\(number)" }

    /// The entity's last part, as the simulator's journal names it too.
    var targetName: String { lane.provider == "aelyst" ? "id:\(target)" : target }

    var entity: String { "\(lane.provider)/\(lane.account)/\(targetName)" }

    var json: String {
        let type = unassigns ? "unassign" : "assign"
        let field = lane.provider == "aelyst" ? "contact" : "conversation"
        let user = lane.provider == "aelyst" ? "\(number % 9 + 1)" : "\"user-\(number)\""
        let assignee = unassigns ? "" : #","assignee":{"user":\#(user)}"#
        return """
            {"specversion":"1.0","type":"bulkhead.conversation.\(type).v1","source":"\(Self.source)","id":"\(id)",\
            "traceparent":"00-\(Self.hexadecimal(number, digits: 32))-00000000000000aa-01"\(attributes),\
            "data":{"provider":"\(lane.provider)","account":"\(lane.account)","\(field)":"\(targetName)"\(assignee)}}
            """
    }

    /// Commands over `entities` conversations in turn, the conversations over `lanes` in turn.
    static func series(_ numbers: ClosedRange<Int>, entities: Int, lanes: [Lane]) -> [SampleCommand] {
        numbers.map { number in
            let entity = number % entities
            let lane = lanes[entity % lanes.count]
            // Series of one test must not share conversations, so the first number is part of the name.
            let target =
                lane.provider == "aelyst"
                ? "\(1_000_000 + numbers.lowerBound * 10 + entity)"
                : conversation(entity, series: numbers.lowerBound)
            return SampleCommand(number: number, lane: lane, target: target, unassigns: number / entities % 4 == 3)
        }
    }

    /// The id of a conversation, the same for the same numbers.
    static func conversation(_ number: Int, series: Int = 0) -> String {
        "3a1a4cb7-e7c1-4045-\(hexadecimal(0x8000 + series % 0x3fff, digits: 4))-\(hexadecimal(number, digits: 12))"
    }

    /// The number of the command behind a trace that ``json`` began.
    static func number(ofTrace text: String) -> Int? {
        let parts = text.split(separator: "-")
        return parts.count == 4 ? Int(parts[1], radix: 16) : nil
    }

    private static func hexadecimal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension [SampleCommand] {
    var lines: String { map { $0.json + "\n" }.joined() }

    /// As `kcat -K` with a tab takes them: key, tab, value.
    var keyedLines: String { map { "\($0.entity)\t\($0.json)\n" }.joined() }
}
