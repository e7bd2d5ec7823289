package import VCard

/// Cards of one import that go to the provider in one request: the value of a lane record.
///
/// Only intake writes these. Its `id` is `<import id>/<first card>`, so that an expansion that runs twice says the same.
package struct ContactBatch: IdentifiedCommand {
    /// An accepted card.
    package struct Member: Hashable, Sendable {
        /// Counted from 1 within the import.
        package var card: Int
        /// The line of the card's BEGIN, counted from 1 within the import.
        package var line: Int
        /// Of BEGIN's first byte in what was parsed.
        package var offset: Int
        package var codes: [Outcome.ImportMember.Code]
        package var contact: Contact

        package init(
            card: Int,
            line: Int,
            offset: Int,
            codes: [Outcome.ImportMember.Code] = [],
            contact: Contact
        ) {
            self.card = card
            self.line = line
            self.offset = offset
            self.codes = codes
            self.contact = contact
        }

        package var uid: String? { contact.uid }
    }

    package private(set) var event: EventAttributes
    package let provider: String
    package let account: String
    /// The id of the import command.
    package let importID: String
    package let labels: [String]
    /// In the order of their cards.
    package let members: [Member]

    /// How many members a record may have.
    package static let memberCounts = 1...1000

    /// - Parameters:
    ///   - command: The import, or the part of it, that the cards came with.
    ///   - members: At least one, at most 1,000.
    package init(of command: ImportCommand, _ members: [Member]) {
        self.init(
            event: command.event,
            provider: command.provider,
            account: command.account,
            labels: command.labels,
            members: members
        )
    }

    /// - Parameter event: Of the import command.
    init(event: EventAttributes, provider: String, account: String, labels: [String], members: [Member]) {
        self.event = event
        self.event.id += "/\(members.first?.card ?? 1)"
        self.event.type = MessageType.contactsBatch.rawValue
        self.event.subject = nil
        self.event.priority = .bulk
        self.provider = provider
        self.account = account
        importID = event.id
        self.labels = labels
        self.members = members
    }

    /// How outcomes name the command for one card: as its import, with the card behind the id.
    package func reference(of member: Member) -> CommandReference {
        CommandReference(
            id: "\(importID)/\(member.card)",
            source: event.source,
            type: MessageType.contactsImport.rawValue
        )
    }
}

extension Outcome.ImportMember.Code {
    package init(_ warning: Warning) {
        self.init(warning.code.rawValue, line: warning.line, property: warning.property)
    }
}

extension ContactBatch.Member {
    /// `nil` for a card that was not accepted.
    package init?(_ card: ImportedCard) {
        guard let contact = card.contact else { return nil }
        self.init(
            card: card.index,
            line: card.line,
            offset: card.offset,
            codes: card.warnings.map(Outcome.ImportMember.Code.init),
            contact: contact
        )
    }
}
