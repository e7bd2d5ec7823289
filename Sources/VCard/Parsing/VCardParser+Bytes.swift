extension VCardParser {
    /// Adds content of the current physical line.
    mutating func append(_ bytes: [UInt8], _ range: Range<Int>, _ receive: (inout Card) -> Void) {
        tail.add(bytes, range)
        keep(bytes, range, receive)
    }

    private mutating func keep(_ bytes: [UInt8], _ range: Range<Int>, _ receive: (inout Card) -> Void) {
        if let doubtful = pending.doubtful {
            let room = doubtful.start + PendingLine.doubtLimit - card.storage.count
            card.storage.append(contentsOf: bytes[range.prefix(max(0, room))])
            guard range.count > room else { return }
            settleDoubtful(receive)
            return keep(bytes, range.dropFirst(room), receive)
        }
        switch pending.stage {
        case .head: appendHead(bytes, range)
        case .value: appendValue(bytes, range)
        case .metered:
            pending.valueCount += range.count
            pending.meter.add(bytes, range)
        case .dropped:
            pending.valueCount += range.count
            if let last = bytes[range].last(where: { !$0.isBlank }) { pending.droppedEnd = last }
        }
    }

    private mutating func appendHead(_ bytes: [UInt8], _ range: Range<Int>) {
        var inQuotes = pending.inQuotes
        var colon = range.upperBound
        let source = bytes.span
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = source[index]
            if byte == ASCII.colon, !inQuotes {
                colon = index
                break
            }
            if byte == ASCII.quote { inQuotes.toggle() }
            index &+= 1
        }
        pending.inQuotes = inQuotes
        let head = range.lowerBound..<colon
        let room = pending.start + settings.limits.parameterBytes + Self.nameRoom - card.storage.count
        if head.count > room { pending.headOverflowed = true }
        card.storage.append(contentsOf: bytes[head.prefix(max(0, room))])
        pending.headEnd = card.storage.count
        pending.valueStart = card.storage.count
        guard colon < range.upperBound else { return }
        pending.stage = .value
        appendValue(bytes, (colon + 1)..<range.upperBound)
    }

    /// Bytes that a group and a name may have beside the parameters.
    private static var nameRoom: Int { 256 }

    private mutating func appendValue(_ bytes: [UInt8], _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        var rest = range
        pending.valueCount += range.count
        if !pending.isDecided {
            let room = pending.valueStart + PendingLine.decisionThreshold - card.storage.count
            if range.count <= room {
                card.storage.append(contentsOf: bytes[range])
                return
            }
            card.storage.append(contentsOf: bytes[range.prefix(max(0, room))])
            rest = range.dropFirst(max(0, room))
            decideValue()
            if pending.stage == .metered {
                pending.meter.add(bytes, rest)
                return
            }
        }
        guard card.storage.count - pending.valueStart + rest.count <= settings.limits.textValue else {
            pending.stage = .dropped
            pending.droppedEnd = bytes[rest].last { !$0.isBlank } ?? card.storage.last ?? 0
            card.cut(to: pending.valueStart)
            return
        }
        card.storage.append(contentsOf: bytes[rest])
    }

    /// Sends base64 to the meter, what has been stored of it included.
    mutating func decideValue() {
        if !pending.isParsed { parseHead() }
        pending.isDecided = true
        guard let start = base64Start() else { return }
        pending.stage = .metered
        pending.meter.add(card.storage, start..<card.storage.count)
        card.cut(to: start)
    }

    /// Where base64 begins in the pending value, or `nil` for text and addresses.
    private func base64Start() -> Int? {
        let property = pending.property
        let value = pending.valueStart..<card.storage.count
        guard property.name.shape == .binary else {
            return property.encoding == .base64 && property.name.keepsNoBinary ? value.lowerBound : nil
        }
        let trimmed = card.storage.trimmed(value)
        if card.storage.matches(.data, in: trimmed.prefix(Keyword.data.bytes.count)) {
            return card.storage.base64Start(ofDataURI: trimmed)
        }
        if property.encoding == .base64 { return value.lowerBound }
        guard !property.isLocation, !trimmed.isEmpty else { return nil }
        return card.storage[trimmed.prefix(64)].contains(ASCII.colon) ? nil : value.lowerBound
    }

    /// Decides whether a doubtful line belongs to the pending one, and if not, begins a line of its own with it.
    mutating func settleDoubtful(_ receive: (inout Card) -> Void) {
        guard let doubtful = pending.doubtful else { return }
        pending.doubtful = nil
        let range = doubtful.start..<card.storage.count
        let line = Array(card.storage[range])
        let belongs =
            switch doubtful.reason {
            case .softBreak:
                !line.matches(.beginVCard, in: line.trimmedValue(0..<line.count))
                    && !line.matches(.endVCard, in: line.trimmedValue(0..<line.count))
            case .notIndented:
                line.allSatisfy { Base64.symbols[Int($0)] != Base64.foreign }
            }
        card.cut(to: doubtful.start)
        if belongs { return keep(line, 0..<line.count, receive) }
        if doubtful.reason == .softBreak, card.storage.last == ASCII.lineFeed { card.cut(to: card.storage.count - 1) }
        finalize(endOffset: doubtful.offset, receive)
        startPending(number: doubtful.number, offset: doubtful.offset)
        keep(line, 0..<line.count, receive)
    }
}

extension Range<Int> {
    func prefix(_ count: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + count) }

    func dropFirst(_ count: Int) -> Range<Int> { Swift.min(upperBound, lowerBound + count)..<upperBound }
}

extension [UInt8] {
    /// Behind the comma of a `data:` URI that holds base64 (RFC 2397), whose comma 3.0 cards may escape.
    func base64Start(ofDataURI range: Range<Int>) -> Int? {
        guard let comma = self[range].firstIndex(of: ASCII.comma) else { return nil }
        var wordEnd = comma
        while wordEnd > range.lowerBound, self[wordEnd - 1] == ASCII.backslash { wordEnd -= 1 }
        let wordStart = wordEnd - Keyword.base64.bytes.count
        guard wordStart >= range.lowerBound, matches(.base64, in: wordStart..<wordEnd) else { return nil }
        return comma + 1
    }
}
