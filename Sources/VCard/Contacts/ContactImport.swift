/// Takes a file's bytes as they come and gives every card its outcome.
package struct ContactImport: Sendable {
    private var parser: VCardParser
    /// What the cards so far are known by.
    package private(set) var duplicates: DuplicateIndex
    private let rules: ContactRules
    private let firstCard: Int
    private let knowsEarlier: Bool
    private var counts = ImportSummary()

    /// - Parameters:
    ///   - position: where the first byte to come stands in its file.
    ///   - earlier: what the cards before it are known by; `nil` if their duplicates are not to be seen.
    package init(
        settings: VCardSettings = VCardSettings(),
        home: PhoneCountry? = nil,
        language: String? = nil,
        at position: ImportPosition = .start,
        after earlier: DuplicateIndex? = nil
    ) {
        parser = VCardParser(settings: settings, at: position)
        duplicates = earlier ?? DuplicateIndex(maxCards: settings.limits.rememberedCards)
        knowsEarlier = position.card == 1 || earlier != nil
        rules = ContactRules(limits: settings.limits, home: home, language: language)
        firstCard = position.card
    }

    /// Whether a limit of the import was met, so that more bytes change nothing.
    package var isStopped: Bool { parser.stopped != nil }

    /// Reads on; `receive` gets each card that is complete.
    package mutating func feed(_ bytes: [UInt8], _ receive: (ImportedCard) -> Void) {
        run(.feed(bytes), receive)
    }

    /// Ends the input; `receive` gets a card that it cut off.
    ///
    /// - Parameter isPart: more of the file is imported elsewhere.
    package mutating func finish(isPart: Bool = false, _ receive: (ImportedCard) -> Void) -> ImportSummary {
        run(.finish(isPart: isPart), receive)
        return summary
    }

    /// As far as the import has come.
    package var summary: ImportSummary {
        var summary = counts
        summary.cards = parser.cardCount - (firstCard - 1)
        summary.warnings = parser.tally
        summary.error = parser.fileError
        summary.bytes = parser.offset
        summary.outsideBytes = parser.outsideBytes
        summary.firstLine = parser.firstLine
        summary.lastLine = parser.lineNumber
        summary.isTruncated = parser.isTruncated
        summary.duplicateCheckIsIncomplete = duplicates.isIncomplete || !knowsEarlier
        return summary
    }

    /// Findings between the cards, the first few.
    package var fileWarnings: [Warning] { parser.fileWarnings }

    private enum Step {
        case feed([UInt8])
        case finish(isPart: Bool)
    }

    private mutating func run(_ step: Step, _ receive: (ImportedCard) -> Void) {
        // Taken out for the time of the call, so that neither is copied nor in use twice.
        var counts = counts
        var duplicates = duplicates
        self.duplicates = DuplicateIndex(maxCards: 0)
        let rules = rules
        func judge(_ card: inout Card) {
            let result = Self.judge(&card, rules, &duplicates)
            counts.count(result.outcome)
            receive(result)
        }
        switch step {
        case .feed(let bytes): parser.feed(bytes, judge)
        case .finish(let isPart): parser.finish(isPart: isPart, judge)
        }
        self.counts = counts
        self.duplicates = duplicates
    }

    private static func judge(
        _ card: inout Card,
        _ rules: ContactRules,
        _ duplicates: inout DuplicateIndex
    ) -> ImportedCard {
        let outcome: ImportedCard.Outcome
        var uid: String?
        if let code = card.rejection {
            outcome = .rejected(code)
        } else {
            var mapper = ContactMapper(rules: rules)
            let refusal = mapper.map(&card)
            uid = mapper.contact.uid
            let finding = refusal == nil ? duplicates.insert(mapper.contact, card: card.index) : .new
            report(refusal, finding, in: &card, rules)
            outcome =
                if let refusal {
                    refusal
                } else if case .duplicate(let code, let first) = finding {
                    .duplicate(code, of: first)
                } else {
                    .accepted(mapper.takeContact())
                }
        }
        return ImportedCard(
            index: card.index,
            line: card.line,
            offset: card.offset,
            end: card.endOffset,
            uid: uid,
            outcome: outcome,
            warnings: card.warnings,
            tally: card.tally
        )
    }

    /// Adds what became of the card as a whole to its findings.
    private static func report(
        _ refusal: ImportedCard.Outcome?,
        _ finding: DuplicateIndex.Finding,
        in card: inout Card,
        _ rules: ContactRules
    ) {
        let (code, property): (Code, String?)
        switch (refusal, finding) {
        case (.rejected(let reason), _): (code, property) = (reason, nil)
        case (.skipped(let reason), _): (code, property) = (reason, "KIND")
        case (_, .possible): (code, property) = (.possibleDuplicate, nil)
        case (_, .duplicate(.duplicateUID, _)): (code, property) = (.duplicateUID, "UID")
        case (_, .duplicate(let reason, _)): (code, property) = (reason, nil)
        default: return
        }
        card.warn(code, line: card.line, offset: card.offset, limits: rules.limits, property: property)
    }
}
