/// Cuts a file of any size at card boundaries into parts that fit into a record.
///
/// Reads each part again as `VCardParser` would have read it in its place: only what precedes the first card or follows
/// the last one of a part is left out.
package struct CardCutter: Sendable {
    /// Some whole cards in a row, with what stood between them.
    package struct Part: Hashable, Sendable {
        package var bytes: [UInt8]
        package var cards: Int
        /// Where the first of them stands in the whole file.
        package var position: ImportPosition

        package init(bytes: [UInt8], cards: Int, position: ImportPosition) {
            self.bytes = bytes
            self.cards = cards
            self.position = position
        }
    }

    package enum Cut: Hashable, Sendable {
        case part(Part)
        /// One card alone is larger than a part may be. Its bytes were not kept.
        case oversized(ImportPosition, bytes: Int)
    }

    private let maxBytes: Int
    private var parser: VCardParser
    /// The file's bytes from `bufferStart` on.
    private var buffer: [UInt8] = []
    private var bufferStart = 0
    private var open: (position: ImportPosition, end: Int, cards: Int)?

    /// - Parameter maxBytes: of one part.
    package init(maxBytes: Int) {
        self.maxBytes = max(1, maxBytes)
        var settings = VCardSettings()
        settings.limits.cards = .max
        settings.limits.bytes = .max
        parser = VCardParser(settings: settings)
        parser.decodesValues = false
    }

    /// Cards found so far.
    package var cards: Int { parser.cardCount }

    /// Why there is nothing to import, once the file has been read; `nil` if there is.
    package var fileError: Code? { parser.fileError }

    package mutating func feed(_ bytes: [UInt8]) -> [Cut] {
        var cuts: [Cut] = []
        // Pieces keep the buffer near the size of a part, however large the chunks are.
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + max(4_096, min(maxBytes, 1 << 20)))
            let piece = start == 0 && end == bytes.count ? bytes : Array(bytes[start..<end])
            buffer += piece
            var found: [FoundCard] = []
            parser.feed(piece) { found.append(FoundCard($0)) }
            for card in found { take(card, &cuts) }
            forget(&cuts)
            start = end
        }
        return cuts
    }

    package mutating func finish() -> [Cut] {
        var cuts: [Cut] = []
        var found: [FoundCard] = []
        parser.finish { found.append(FoundCard($0)) }
        for card in found { take(card, &cuts) }
        close(&cuts)
        buffer = []
        return cuts
    }

    private struct FoundCard {
        var position: ImportPosition
        var end: Int

        init(_ card: borrowing Card) {
            position = ImportPosition(card: card.index, line: card.line, offset: card.offset)
            end = card.endOffset
        }
    }

    private mutating func take(_ card: FoundCard, _ cuts: inout [Cut]) {
        if let part = open, card.end - part.position.offset > maxBytes { close(&cuts) }
        let count = card.end - card.position.offset
        guard count <= maxBytes, card.position.offset >= bufferStart else {
            close(&cuts)
            cuts.append(.oversized(card.position, bytes: count))
            return
        }
        let part = open ?? (card.position, card.end, 0)
        open = (part.position, card.end, part.cards + 1)
    }

    private mutating func close(_ cuts: inout [Cut]) {
        guard let part = open else { return }
        open = nil
        let start = max(0, part.position.offset - bufferStart)
        let end = min(buffer.count, part.end - bufferStart)
        guard start < end else { return }
        cuts.append(.part(Part(bytes: Array(buffer[start..<end]), cards: part.cards, position: part.position)))
    }

    /// Lets go of bytes that no part will need.
    private mutating func forget(_ cuts: inout [Cut]) {
        let unfinished = parser.unfinishedOffset
        if let part = open, parser.offset - part.position.offset > maxBytes, unfinished >= part.end { close(&cuts) }
        var keep = open?.position.offset ?? unfinished
        // A card or a line between cards that is too large already: none of it will be needed.
        if open == nil, parser.offset - unfinished > maxBytes { keep = parser.offset }
        let count = min(buffer.count, keep - bufferStart)
        guard count > 0 else { return }
        buffer.removeFirst(count)
        bufferStart += count
    }
}

extension VCardParser {
    /// Behind the last byte that can be given up without losing a card that may still come.
    var unfinishedOffset: Int {
        if inCard { return card.offset }
        return pending.isActive ? pending.offset : offset
    }
}
