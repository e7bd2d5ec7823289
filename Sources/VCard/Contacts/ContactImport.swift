/// Takes a file's bytes as they come and gives every card its outcome.
package struct ContactImport: Sendable {
    private var parser: VCardParser
    private var judge: CardJudge
    private let firstCard: Int
    private let knowsEarlier: Bool

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
        judge = CardJudge(
            rules: ContactRules(limits: settings.limits, home: home, language: language),
            duplicates: earlier ?? DuplicateIndex(maxCards: settings.limits.rememberedCards)
        )
        knowsEarlier = position.card == 1 || earlier != nil
        firstCard = position.card
    }

    /// What the cards so far are known by.
    package var duplicates: DuplicateIndex { judge.duplicates }

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
        var summary = judge.counts
        summary.cards = parser.cardCount - (firstCard - 1)
        summary.warnings = parser.tally
        summary.error = parser.fileError
        summary.bytes = parser.offset
        summary.outsideBytes = parser.outsideBytes
        summary.firstLine = parser.firstLine
        summary.lastLine = parser.lineNumber
        summary.isTruncated = parser.isTruncated
        summary.duplicateCheckIsIncomplete = judge.duplicates.isIncomplete || !knowsEarlier
        return summary
    }

    /// Findings between the cards, the first few.
    package var fileWarnings: [Warning] { parser.fileWarnings }

    private enum Step {
        case feed([UInt8])
        case finish(isPart: Bool)
    }

    private mutating func run(_ step: Step, _ receive: (ImportedCard) -> Void) {
        // Taken out for the time of the call, so that it is neither copied nor in use twice; as one value, since what a closure
        // holds by itself the parser would retain for every line.
        var judge = judge
        self.judge.duplicates = DuplicateIndex(maxCards: 0)
        switch step {
        case .feed(let bytes): parser.feed(bytes) { card in receive(judge.take(&card)) }
        case .finish(let isPart): parser.finish(isPart: isPart) { card in receive(judge.take(&card)) }
        }
        self.judge = judge
    }
}

/// Says of each card what becomes of it.
private struct CardJudge: Sendable {
    let rules: ContactRules
    var duplicates: DuplicateIndex
    private(set) var counts = ImportSummary()

    init(rules: ContactRules, duplicates: DuplicateIndex) {
        self.rules = rules
        self.duplicates = duplicates
    }

    mutating func take(_ card: inout Card) -> ImportedCard {
        if let code = card.rejection {
            counts.rejected += 1
            return ImportedCard(card, uid: nil, .rejected(code))
        }
        var mapper = ContactMapper(rules: rules)
        let refusal = mapper.map(&card)
        let uid = mapper.contact.uid
        let finding = refusal == nil ? duplicates.insert(mapper.contact, card: card.index) : .new
        report(refusal, finding, in: &card)
        if case .duplicate(let code, let first) = finding {
            counts.duplicate += 1
            return ImportedCard(card, uid: uid, .duplicate(code, of: first))
        }
        switch refusal {
        case .rejected(let code):
            counts.rejected += 1
            return ImportedCard(card, uid: uid, .rejected(code))
        case .skipped(let code):
            counts.skipped += 1
            return ImportedCard(card, uid: uid, .skipped(code))
        case nil:
            counts.accepted += 1
            return ImportedCard(card, uid: uid, .accepted(mapper.finished()))
        }
    }

    /// Adds what became of the card as a whole to its findings.
    private func report(
        _ refusal: ContactMapper.Refusal?,
        _ finding: DuplicateIndex.Finding,
        in card: inout Card
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

extension ImportedCard {
    fileprivate init(_ card: borrowing Card, uid: String?, _ outcome: consuming Outcome) {
        self.init(
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
}
