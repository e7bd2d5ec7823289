internal import Messages
internal import VCard

extension ContactBatch {
    /// The batch, as logs and `explain` name it.
    func entity(of member: Member) -> String { Self.entity(provider, account, importID, member.card) }

    /// What an import's card is called in outcomes: nothing of the person on it.
    static func entity(_ provider: String, _ account: String, _ importID: String, _ card: Int) -> String {
        "\(provider)/\(account)/\(importID)/\(card)"
    }

    /// The import of one card alone, as it goes to the dead letters: a command that can be sent as it is.
    func command(for member: Member) -> ImportCommand {
        var event = event
        event.id = importID
        event.type = MessageType.contactsImport.rawValue
        return ImportCommand(
            event: event,
            provider: provider,
            account: account,
            content: .bytes(Array(VCardWriter.write(member.contact).utf8)),
            part: ImportCommand.Part(index: 1, last: true, firstCard: member.card, firstLine: member.line),
            labels: labels
        )
    }
}
