internal import Messages
internal import Scheduling
internal import VCard

/// One import record on its way from bytes to lane records.
struct ImportRun {
    private var contacts: ContactImport
    private(set) var expander: ImportExpander
    private let isPart: Bool
    /// The file's bytes from `start` on, as far back as a card may still be asked for.
    private var buffer: [UInt8] = []
    private var start = 0
    /// After the last card that was complete.
    private var end = 0

    /// A dead letter holds at most so much of a rejected card.
    static let maxRejectedBytes = 262_144

    /// - Parameter earlier: what the cards of earlier parts are known by.
    init(
        _ command: ImportCommand,
        _ expander: ImportExpander,
        settings: VCardSettings,
        home: PhoneCountry?,
        after earlier: DuplicateIndex? = nil
    ) {
        self.expander = expander
        isPart = !command.part.isOnly
        contacts = ContactImport(
            settings: settings,
            home: home,
            at: command.part.position,
            after: earlier
        )
    }

    /// What the cards so far are known by.
    var duplicates: DuplicateIndex { contacts.duplicates }

    /// Whether a limit of the import was met, so that more bytes change nothing.
    var isStopped: Bool { contacts.isStopped }

    mutating func feed(_ bytes: [UInt8], now: Instant) -> ImportExpander.Output {
        buffer += bytes
        var cards: [ImportedCard] = []
        contacts.feed(bytes) { cards.append($0) }
        take(cards, now)
        forget()
        return expander.takeOutput()
    }

    mutating func finish(now: Instant) -> (ImportExpander.Output, ImportSummary) {
        var cards: [ImportedCard] = []
        let summary = contacts.finish(isPart: isPart) { cards.append($0) }
        take(cards, now)
        expander.flush()
        return (expander.takeOutput(), summary)
    }

    private mutating func take(_ cards: [ImportedCard], _ now: Instant) {
        for card in cards {
            var bytes: [UInt8]?
            if case .rejected = card.outcome, card.offset >= start, card.end > card.offset,
                card.end - start <= buffer.count, card.end - card.offset <= Self.maxRejectedBytes
            {
                bytes = Array(buffer[(card.offset - start)..<(card.end - start)])
            }
            expander.take(card, bytes: bytes, now: now)
            end = max(end, card.end)
        }
    }

    /// Lets go of what belongs to finished cards, and of a card that is too large for a dead letter.
    private mutating func forget() {
        var done = min(buffer.count, max(0, end - start))
        if buffer.count - done > Self.maxRejectedBytes * 2 { done = buffer.count }
        buffer.removeFirst(done)
        start += done
    }
}

extension ImportCommand.Part {
    /// Where its first byte stands; offsets count within the part.
    var position: ImportPosition { ImportPosition(card: firstCard, line: firstLine, offset: 0) }
}
