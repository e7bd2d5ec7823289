package import Messages

/// What a worker's `/api/explain` says of the commands with an id that it has.
package struct MemberAnswer: Hashable, Sendable {
    package var member: String
    /// One object each, see ``Explanation/json``.
    package var commands: [JSON]

    package init(member: String, commands: [JSON]) {
        self.member = member
        self.commands = commands
    }

    package var text: String { commands.compactMap { $0["text"]?.text }.joined(separator: "\n") }

    package func encoded() -> [UInt8] {
        JSON.object([
            .init("member", .string(member)), .init("text", .string(text)), .init("commands", .array(commands)),
        ]).encoded
    }

    /// Reads the body of an answer; `nil` for what is none, as from a server of another kind.
    package init?(decoding body: [UInt8]) {
        guard let json = try? JSON(parsing: body), let member = json["member"]?.text,
            let commands = json["commands"]?.elements
        else { return nil }
        self.init(member: member, commands: commands)
    }
}
