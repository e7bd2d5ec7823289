/// Reads cards of the versions 2.1, 3.0 and 4.0 from bytes that come in chunks of any size.
///
/// One bad card costs one card: whatever is wrong, reading goes on with the next BEGIN. Memory follows the limits and
/// never the file, and how the input was cut into chunks has no influence on what comes out.
///
/// - `VCardParser` cuts physical lines and joins them to logical ones (RFC 6350 section 3.2).
/// - `+Properties` gives each logical line to a card, an agent or nobody.
/// - `+Head` reads what stands before a colon, `ValueDecoder` what stands behind.
package struct VCardParser: Sendable {
    package let settings: VCardSettings
    /// All findings so far, those of cards that were delivered and those between cards.
    package internal(set) var tally = WarningTally()
    /// The first findings between cards.
    package internal(set) var fileWarnings: [Warning] = []
    /// Cards begun so far, whatever became of them.
    package internal(set) var cardCount = 0
    /// Bytes between cards that were not blank.
    package internal(set) var outsideBytes = 0
    /// Why the rest of the file is not read, or `nil`.
    package internal(set) var stopped: Code?
    /// Whether the input ended within a card.
    package internal(set) var isTruncated = false
    package internal(set) var firstLine: Int?
    /// Physical line that is being read, counted from 1.
    package internal(set) var lineNumber: Int
    /// Of the next byte to come.
    package internal(set) var offset: Int

    // Kept here, since a look at a global costs more than one at a field.
    let propertyNames = PropertyName.table
    let parameterNames = ParameterName.table
    let words = TypeSet.words

    var decoder: ValueDecoder
    /// Off for those who only want to know where cards are.
    var decodesValues = true
    var input = InputEncoding.undecided([])
    var atLineStart = true
    /// A carriage return at the end of a chunk waits for the byte that gives it its meaning.
    var heldReturn = false
    /// Behind the last byte of the chunk that is being read.
    var chunkEnd: Int

    var tail = LineTail()
    /// A line that begins as BEGIN does may end in a carriage return alone, and so may those that follow it then.
    var mayBeginWithReturns = false
    var bytesPerCharacter = 1

    var pending = PendingLine()
    var card = Card()
    var inCard = false
    /// The card's BEGIN ended in a carriage return alone, so all of its lines may.
    var cardUsesReturns = false
    var versionIsKnown = false
    /// The card's so far, in lower case, where they are counted.
    var groups: Set<String> = []
    var agentDepth = 0
    /// An AGENT without a value: the next line may begin its card.
    var agentIsDue = false
    var hasOutsideText = false
    /// Where a run of text between cards began.
    var outsideStart: Int?

    /// - Parameter position: where the first byte to come stands in its file.
    package init(settings: VCardSettings = VCardSettings(), at position: ImportPosition = .start) {
        self.settings = settings
        decoder = ValueDecoder(settings: settings)
        lineNumber = position.line
        offset = position.offset
        chunkEnd = position.offset
        cardCount = position.card - 1
    }

    /// Reads on, lending each card that is complete to `receive`, which may add findings to it.
    package mutating func feed(_ bytes: [UInt8], _ receive: (inout Card) -> Void) {
        guard stopped == nil, !bytes.isEmpty else { return }
        switch input {
        case .undecided(let earlier):
            let all = earlier.isEmpty ? bytes : earlier + bytes
            guard all.count >= InputEncoding.decisiveCount else { return input = .undecided(all) }
            decideInput(all, receive)
        case .utf8:
            feedUTF8(bytes, from: 0, receive)
        case .utf16(var transcoder):
            input = .utf8
            feedUTF16(bytes, &transcoder, receive)
            input = .utf16(transcoder)
        }
    }

    /// Ends the input, lending a card that it cut off.
    ///
    /// - Parameter isPart: more of the file is read elsewhere, so that a missing END is not the file's fault.
    package mutating func finish(isPart: Bool = false, _ receive: (inout Card) -> Void) {
        if stopped == nil {
            if case .undecided(let bytes) = input { decideInput(bytes, receive) }
            if case .utf16(var transcoder) = input {
                transcoder.finish()
                readTranscoded(&transcoder, receive)
            }
        }
        if heldReturn {
            heldReturn = false
            offset += 1
        }
        if pending.isActive {
            settleDoubtful(receive)
            finalize(endOffset: offset, receive)
        }
        if let start = outsideStart { outsideBytes += offset - start }
        outsideStart = nil
        guard inCard else { return }
        isTruncated = !isPart
        endCard(isPart ? .missingEnd : .truncated, endOffset: offset, receive)
    }

    /// Why the import as a whole failed, once it was finished; cards before the fault are good all the same.
    package var fileError: Code? {
        if let stopped { return stopped }
        guard firstLine == nil else { return nil }
        return hasOutsideText ? .notAVCard : .noCards
    }

    private mutating func decideInput(_ bytes: [UInt8], _ receive: (inout Card) -> Void) {
        let (decided, mark) = InputEncoding.decide(bytes)
        input = decided
        if case .utf16 = decided { bytesPerCharacter = 2 }
        offset += mark
        let rest = mark == 0 ? bytes : Array(bytes.dropFirst(mark))
        guard !rest.isEmpty else { return }
        feed(rest, receive)
    }

    private mutating func feedUTF16(
        _ bytes: [UInt8],
        _ transcoder: inout UTF16Transcoder,
        _ receive: (inout Card) -> Void
    ) {
        for byte in bytes where transcoder.add(byte) {
            readTranscoded(&transcoder, receive)
            if stopped != nil { return }
        }
    }

    private mutating func readTranscoded(_ transcoder: inout UTF16Transcoder, _ receive: (inout Card) -> Void) {
        let (text, sourceCount) = transcoder.take()
        guard stopped == nil else { return }
        chunkEnd = offset + sourceCount
        if !text.isEmpty { read(text, 0..<text.count, receive) }
        offset += sourceCount
        stopIfTooLarge()
    }

    private mutating func feedUTF8(_ bytes: [UInt8], from first: Int, _ receive: (inout Card) -> Void) {
        var start = first
        var end = bytes.count
        let allowed = settings.limits.bytes - offset - (heldReturn ? 1 : 0)
        let isOver = end - start > allowed
        if isOver { end = start + max(0, allowed) }
        guard start < end else { return stopIfTooLarge(isOver) }
        if heldReturn {
            heldReturn = false
            let isPair = bytes[start] == ASCII.lineFeed
            let joint = isPair ? [ASCII.carriageReturn, ASCII.lineFeed] : [ASCII.carriageReturn]
            chunkEnd = offset + joint.count
            read(joint, 0..<joint.count, receive)
            offset += joint.count
            if isPair { start += 1 }
        }
        if end > start, bytes[end - 1] == ASCII.carriageReturn {
            heldReturn = true
            end -= 1
        }
        chunkEnd = offset + end - start
        if start < end { read(bytes, start..<end, receive) }
        offset = chunkEnd
        stopIfTooLarge(isOver)
    }

    private mutating func stopIfTooLarge(_ isOver: Bool = false) {
        guard isOver || offset > settings.limits.bytes else { return }
        if stopped == nil { stopped = .fileTooLarge }
    }
}
