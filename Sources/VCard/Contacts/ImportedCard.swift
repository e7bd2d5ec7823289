/// What became of one card.
///
/// Every card has exactly one of these.
package struct ImportedCard: Sendable {
    package enum Outcome: Hashable, Sendable {
        case accepted(Contact)
        case rejected(Code)
        case skipped(Code)
        /// `of` is the index of the first card of its kind.
        case duplicate(Code, of: Int)

        /// The word that JSON and metrics use.
        package var name: String {
            switch self {
            case .accepted: "accepted"
            case .rejected: "rejected"
            case .skipped: "skipped"
            case .duplicate: "duplicate"
            }
        }
    }

    /// Counted from 1 in the order of BEGIN.
    package var index: Int
    /// Physical line of BEGIN, counted from 1.
    package var line: Int
    /// Of BEGIN's first byte, in the file.
    package var offset: Int
    /// After the card's last byte, in the file.
    package var end: Int
    package var uid: String?
    package var outcome: Outcome
    /// The first ``VCardLimits/warningsPerCard`` findings.
    package var warnings: [Warning]
    /// All findings, counted.
    package var tally: WarningTally

    package init(
        index: Int,
        line: Int,
        offset: Int,
        end: Int = 0,
        uid: String? = nil,
        outcome: Outcome,
        warnings: [Warning] = [],
        tally: WarningTally = WarningTally()
    ) {
        self.index = index
        self.line = line
        self.offset = offset
        self.end = end
        self.uid = uid
        self.outcome = outcome
        self.warnings = warnings
        self.tally = tally
    }

    package var contact: Contact? {
        if case .accepted(let contact) = outcome { return contact }
        return nil
    }
}

/// What an import came to.
///
/// Accepted, rejected, skipped and duplicate add up to the cards.
package struct ImportSummary: Hashable, Sendable {
    package var cards = 0
    package var accepted = 0
    package var rejected = 0
    package var skipped = 0
    package var duplicate = 0
    package var warnings = WarningTally()
    /// Why the import as a whole failed or stopped before the end, or `nil`.
    package var error: Code?
    /// How far reading got, in bytes.
    package var bytes = 0
    /// Bytes between cards that belong to none.
    package var outsideBytes = 0
    /// Physical lines of the first card's BEGIN and of the end; `nil` without a card.
    package var firstLine: Int?
    package var lastLine = 0
    /// Whether the input ended within a card.
    package var isTruncated = false
    /// Whether there were more cards than the search for duplicates remembers.
    package var duplicateCheckIsIncomplete = false
    /// Taken by whoever reads the input.
    package var elapsed: Duration?

    package init() {}

    /// Whether something was imported and nothing stopped it: an import without any contact is never a success.
    package var isSuccess: Bool { error == nil && accepted > 0 }

    /// The limits that were met, in the order of ``Code``.
    package var limitsHit: [Code] {
        let limits: [Code] = [
            .fileTooLarge, .tooManyCards, .cardTooLarge, .tooManyProperties, .valueTooLong, .parametersDropped,
        ]
        return limits.filter { $0 == error || warnings[$0] > 0 }
    }
}
