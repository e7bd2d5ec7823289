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

extension Outcome {
    /// The outcome of one card, where the record that holds it alone was judged as a whole: a replay of its letter.
    ///
    /// - Parameter line: of the card's BEGIN.
    func narrowed(to card: Int, line: Int) -> Outcome {
        // Without a source the record said too little to know whose card it is.
        guard importMember == nil, command.source != nil, let provider, let account else { return self }
        var outcome = self
        outcome.command.id += "/\(card)"
        outcome.entity = ContactBatch.entity(provider, account, command.id, card)
        outcome.importMember = ImportMember(id: command.id, card: card, line: line)
        return outcome
    }
}
