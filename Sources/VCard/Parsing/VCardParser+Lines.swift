extension VCardParser {
    /// Between cards either character ends a line; within a card a carriage return alone only if its BEGIN ended so.
    private var returnsEndLines: Bool { !inCard || cardUsesReturns }

    /// Cuts physical lines out of `bytes[range]`, which stand in the file from `offset` to `chunkEnd`.
    mutating func read(_ bytes: [UInt8], _ range: Range<Int>, _ receive: (inout Card) -> Void) {
        let fileOffset = offset - range.lowerBound
        let end = range.upperBound
        var index = range.lowerBound
        while index < end, stopped == nil {
            if atLineStart {
                let first = bytes[index]
                let isPair = first == ASCII.carriageReturn && index + 1 < end && bytes[index + 1] == ASCII.lineFeed
                if first == ASCII.lineFeed || isPair || first == ASCII.carriageReturn && returnsEndLines {
                    index += isPair ? 2 : 1
                    readBlankLine()
                    lineNumber += 1
                    continue
                }
                atLineStart = false
                tail = LineTail()
                mayBeginWithReturns = inCard && first | 0x20 == UInt8(ascii: "b")
                let isIndentation = startLine(first, offset: fileOffset + index, receive)
                if isIndentation { index += 1 }
            }
            let mayEndInReturn = returnsEndLines || mayBeginWithReturns
            let stop = Self.lineEnd(in: bytes, index..<end, orReturn: mayEndInReturn)
            guard stop < end else {
                append(bytes, index..<end, receive)
                return
            }
            var next = stop + 1
            var contentEnd = stop
            var endedByReturn = false
            if bytes[stop] == ASCII.lineFeed {
                if stop > index, bytes[stop - 1] == ASCII.carriageReturn { contentEnd -= 1 }
            } else if next < end, bytes[next] == ASCII.lineFeed {
                next += 1
            } else {
                endedByReturn = true
            }
            append(bytes, index..<contentEnd, receive)
            if endedByReturn, !returnsEndLines, !tail.isBegin {
                // Only a BEGIN that does so says that carriage returns end lines; here they are content.
                mayBeginWithReturns = false
                append(bytes, stop..<next, receive)
                index = next
                continue
            }
            atLineStart = true
            let endOffset = next == end ? chunkEnd : fileOffset + next
            let distance = bytesPerCharacter * (next - contentEnd + LineTail.count)
            endLine(byReturn: endedByReturn, endOffset: endOffset, tailOffset: endOffset - distance, receive)
            lineNumber += 1
            index = next
        }
    }

    private static func lineEnd(in bytes: [UInt8], _ range: Range<Int>, orReturn: Bool) -> Int {
        let source = bytes.span
        let end = min(range.upperBound, source.count)
        var index = range.lowerBound
        if orReturn {
            while index < end, source[index] != ASCII.lineFeed, source[index] != ASCII.carriageReturn { index &+= 1 }
        } else {
            let pattern = UInt64(eachByte: ASCII.lineFeed)
            while index &+ 8 <= end {
                let found = (source.word(at: index) ^ pattern).zeroBytes
                if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
                index &+= 8
            }
            while index < end, source[index] != ASCII.lineFeed { index &+= 1 }
        }
        return index
    }

    private mutating func readBlankLine() {
        guard pending.isActive else { return }
        pending.expectsSoftLine = false
        if pending.isParsed, pending.property.encoding == .base64 { pending.isClosed = true }
    }

    /// Decides by its first byte what a physical line belongs to; `true` when that byte is not content.
    private mutating func startLine(_ first: UInt8, offset: Int, _ receive: (inout Card) -> Void) -> Bool {
        if inCard, card.rejection == nil, offset - card.offset > settings.limits.storedCard { reject(.cardTooLarge) }
        if pending.isActive {
            if pending.expectsSoftLine {
                pending.expectsSoftLine = false
                doubt(.softBreak, offset: offset)
                return false
            }
            if first.isBlank, !pending.isClosed { return startContinuation() }
            if pending.isParsed, pending.property.encoding == .base64, !pending.isClosed {
                doubt(.notIndented, offset: offset)
                return false
            }
            finalize(endOffset: offset, receive)
        }
        startPending(number: lineNumber, offset: offset)
        return false
    }

    private mutating func doubt(_ reason: PendingLine.Doubtful.Reason, offset: Int) {
        pending.doubtful = PendingLine.Doubtful(
            reason: reason,
            start: card.storage.count,
            number: lineNumber,
            offset: offset
        )
    }

    /// Version 2.1 unfolds as RFC 822 does: the white space stays.
    ///
    /// Before the version is known it is noted down.
    private mutating func startContinuation() -> Bool {
        if card.storage.count - pending.start <= LineTail.count { pending.isFoldedEarly = true }
        guard inCard, pending.stage == .value else { return true }
        if !versionIsKnown {
            card.folds.append(UInt32(truncatingIfNeeded: card.storage.count))
            return true
        }
        return card.version != .v21
    }

    mutating func startPending(number: Int, offset: Int) {
        pending = PendingLine()
        pending.isActive = true
        pending.number = number
        pending.offset = offset
        pending.start = card.storage.count
        pending.headEnd = pending.start
        pending.valueStart = pending.start
        pending.property.firstParameter = UInt32(truncatingIfNeeded: card.parameters.count)
    }

    /// - Parameter tailOffset: of the last characters of the line, as many as ``LineTail/count``.
    private mutating func endLine(
        byReturn: Bool,
        endOffset: Int,
        tailOffset: Int,
        _ receive: (inout Card) -> Void
    ) {
        settleDoubtful(receive)
        if tail.endsInBegin, cutBeginOff() {
            finalize(endOffset: tailOffset, receive)
            startPending(number: lineNumber, offset: tailOffset)
            append(Keyword.beginVCard.bytes, 0..<LineTail.count, receive)
        }
        pending.endedByReturn = byReturn
        guard pending.stage != .head else { return }
        if !pending.isParsed { parseHead() }
        if pending.property.encoding == .quotedPrintable { noteSoftBreak() }
        let name = pending.property.name
        if name == .begin || name == .end, pendingValue(is: .vcard) { finalize(endOffset: endOffset, receive) }
    }

    /// Takes `BEGIN:VCARD` off the end of a line: a file that broke off, or whose last line had no end, was joined to
    /// another.
    ///
    /// `false` where an agent's card begins.
    private mutating func cutBeginOff() -> Bool {
        let count = card.storage.count
        let kept = count - pending.valueStart
        switch pending.stage {
        case .dropped: return true
        case .metered:
            // The rest of the photo is gone anyway.
            return true
        case .value where kept < LineTail.count:
            // The colon that seemed to end the head is the one of BEGIN.
            card.cut(to: max(pending.start, count - (LineTail.count - 1)))
            pending.stage = .head
            pending.headEnd = card.storage.count
        case .value:
            if !pending.isParsed { parseHead() }
            if pending.property.name == .agent, kept == LineTail.count { return false }
            card.cut(to: count - LineTail.count)
        case .head:
            card.cut(to: max(pending.start, count - LineTail.count))
        }
        if card.storage[pending.start...].suffix(3).elementsEqual([0xEF, 0xBB, 0xBF]) {
            card.cut(to: card.storage.count - 3)
        }
        pending.headEnd = min(pending.headEnd, card.storage.count)
        pending.valueStart = min(pending.valueStart, card.storage.count)
        return true
    }

    /// Marks a soft break by `=` and a line feed, which no stored value holds otherwise.
    private mutating func noteSoftBreak() {
        guard pending.stage == .value else {
            pending.expectsSoftLine = pending.stage == .dropped && pending.droppedEnd == ASCII.equals
            return
        }
        var last = card.storage.count - 1
        while last >= pending.valueStart, card.storage[last].isBlank { last -= 1 }
        guard last >= pending.valueStart, card.storage[last] == ASCII.equals else { return }
        card.cut(to: last + 1)
        card.storage.append(ASCII.lineFeed)
        pending.expectsSoftLine = true
    }

    func pendingValue(is word: Keyword) -> Bool {
        guard pending.stage == .value, card.storage.count - pending.valueStart < 64 else { return false }
        return card.storage.matches(word, in: card.storage.trimmedValue(pending.valueStart..<card.storage.count))
    }
}
