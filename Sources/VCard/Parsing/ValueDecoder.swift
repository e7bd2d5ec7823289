/// Turns the raw values of a complete card into pieces of UTF-8 text without escapes.
///
/// Most values need nothing done: their piece is the place where they stand already.
struct ValueDecoder: Sendable {
    private let limits: VCardLimits
    private var decoder: TextDecoder
    private var scratch: [UInt8] = []
    private var joins: [Int] = []
    private var parts: [Range<Int>] = []
    private var findings: TextFindings = []

    init(settings: VCardSettings) {
        limits = settings.limits
        decoder = TextDecoder(settings: settings)
    }

    mutating func decode(_ card: inout Card, versionIsKnown: Bool) {
        if !versionIsKnown {
            card.version = card.properties.contains(where: \.isOldStyle) ? .v21 : .v30
            card.warn(.missingVersion, line: card.line, offset: card.offset, limits: limits)
        }
        if card.version == .v21, !card.folds.isEmpty { restoreFolds(&card) }
        card.pieces.reserveCapacity(card.properties.count + 16)
        for index in card.properties.indices {
            let property = card.properties[index]
            let first = card.pieces.count
            findings = []
            if property.binary == nil {
                decode(property, &card)
            } else {
                card.pieces.append(property.raw)
            }
            card.properties[index].firstPiece = UInt32(truncatingIfNeeded: first)
            card.properties[index].pieceCount = UInt32(truncatingIfNeeded: card.pieces.count - first)
            guard !findings.isEmpty else { continue }
            for (finding, code) in TextFindings.codes where findings.contains(finding) {
                card.warn(code, at: property, limits: limits)
            }
        }
    }

    /// Puts back the spaces of folds that were read before the version was known to be 2.1.
    private func restoreFolds(_ card: inout Card) {
        var next = card.folds.startIndex
        for index in card.properties.indices {
            let raw = card.properties[index].raw
            while next < card.folds.endIndex, card.folds[next] < raw.start { next += 1 }
            guard next < card.folds.endIndex, card.folds[next] <= raw.end else { continue }
            guard card.properties[index].encoding != .base64 else { continue }
            let start = card.storage.count
            var position = raw.lower
            while next < card.folds.endIndex, card.folds[next] <= raw.end {
                let fold = Int(card.folds[next])
                card.storage.append(contentsOf: card.storage[position..<fold])
                card.storage.append(ASCII.space)
                position = fold
                next += 1
            }
            card.storage.append(contentsOf: card.storage[position..<raw.upper])
            card.properties[index].raw = ByteRange(start, card.storage.count)
        }
    }

    private mutating func decode(_ property: Property, _ card: inout Card) {
        let raw = property.raw
        guard !raw.isEmpty else { return }
        if property.encoding == .base64 { return decodeBase64(property, &card) }
        if property.encoding == .quotedPrintable {
            let charset = charset(of: property, card)
            split(card, raw.lower..<raw.upper, property)
            for part in parts { appendQuotedPrintable(part, charset: charset, property, &card) }
            return
        }
        let check = UTF8Check(card.storage, raw.lower..<raw.upper)
        var range = raw.lower..<raw.upper
        var mustClean = mustClean(check, property, card)
        let isPlain = check.isValid && (!property.hasCharset || check.isASCII)
        if !isPlain || property.hasCharset {
            let charset = charset(of: property, card)
            if !isPlain || charset != .utf8, !(check.isASCII && !needsDecoding(charset)) {
                scratch.removeAll(keepingCapacity: true)
                scratch.append(contentsOf: card.storage[range])
                findings.formUnion(decoder.decode(&scratch, check: check, declared: charset))
                let start = card.storage.count
                card.storage.append(contentsOf: scratch)
                range = start..<card.storage.count
                mustClean = self.mustClean(UTF8Check(card.storage, range), property, card)
            }
        }
        split(card, range, property)
        guard mustClean else {
            for part in parts { card.pieces.append(ByteRange(part.lowerBound, part.upperBound)) }
            return
        }
        for part in parts {
            // Not cleaned from storage into storage: that would copy all of it.
            scratch.removeAll(keepingCapacity: true)
            scratch.append(contentsOf: card.storage[part])
            appendClean(property, &card)
        }
    }

    private func mustClean(_ check: UTF8Check, _ property: Property, _ card: borrowing Card) -> Bool {
        check.hasControls || check.hasBackslashes || check.hasCommas && joinsItems(property, card)
    }

    /// ASCII means the same in every set but those that shift with ASCII bytes.
    private func needsDecoding(_ charset: Charset?) -> Bool {
        if case .larger = charset { return true }
        return false
    }

    private mutating func charset(of property: Property, _ card: borrowing Card) -> Charset? {
        guard property.hasCharset else { return nil }
        for parameter in card.parameters(of: property) where parameter.name == .charset {
            let charset = decoder.charset(named: card.storage[parameter.value.lower..<parameter.value.upper])
            if charset == nil { findings.insert(.unknown) }
            return charset
        }
        return nil
    }

    /// In versions 3.0 and 4.0 each component of a name or an address may be a list.
    private func joinsItems(_ property: Property, _ card: borrowing Card) -> Bool {
        (property.name == .name || property.name == .address) && card.version != .v21
    }

    /// Finds the parts of a value: all of it, its components, or its items.
    private mutating func split(_ card: borrowing Card, _ range: Range<Int>, _ property: Property) {
        parts.removeAll(keepingCapacity: true)
        let separator: UInt8
        let room: Int
        switch property.name.shape {
        case .text, .binary: return parts.append(range)
        case .components: (separator, room) = (ASCII.semicolon, limits.componentsPerValue)
        case .list: (separator, room) = (ASCII.comma, limits.itemsPerList)
        }
        let isOld = card.version == .v21
        var start = range.lowerBound
        var index = start
        let bytes = card.storage.span
        while index < range.upperBound, parts.count < room {
            let byte = bytes[index]
            if byte == ASCII.backslash, index &+ 1 < range.upperBound {
                let next = bytes[index &+ 1]
                if !isOld || next == ASCII.semicolon || next == ASCII.backslash { index &+= 1 }
            } else if byte == separator {
                parts.append(start..<index)
                start = index &+ 1
            }
            index &+= 1
        }
        if parts.count < room { parts.append(start..<range.upperBound) }
    }

    private mutating func appendQuotedPrintable(
        _ range: Range<Int>,
        charset: Charset?,
        _ property: Property,
        _ card: inout Card
    ) {
        scratch.removeAll(keepingCapacity: true)
        joins.removeAll(keepingCapacity: true)
        if QuotedPrintable.decode(card.storage, range, into: &scratch, joins: &joins) {
            findings.insert(.badQuotedPrintable)
        }
        appendScratch(charset: charset, property, &card)
    }

    private mutating func decodeBase64(_ property: Property, _ card: inout Card) {
        joins.removeAll(keepingCapacity: true)
        guard let bytes = Base64.decode(card.storage[property.raw.lower..<property.raw.upper]) else {
            card.warn(.badBase64, at: property, limits: limits)
            return
        }
        scratch = bytes
        let charset = charset(of: property, card)
        appendScratch(charset: charset, property, &card)
    }

    private mutating func appendScratch(charset: Charset?, _ property: Property, _ card: inout Card) {
        var check = UTF8Check(scratch, 0..<scratch.count)
        if !check.isValid, !joins.isEmpty, charset == nil || charset == .utf8,
            let healed = QuotedPrintable.healed(scratch, joins: joins)
        {
            scratch = healed
            check = UTF8Check(scratch, 0..<scratch.count)
        }
        if !check.isASCII || needsDecoding(charset) {
            let before = scratch.count
            let found = decoder.decode(&scratch, check: check, declared: charset)
            findings.formUnion(found)
            if !found.isEmpty || scratch.count != before || charset != .utf8 {
                check = UTF8Check(scratch, 0..<scratch.count)
            }
        }
        guard mustClean(check, property, card) else {
            let start = card.storage.count
            card.storage.append(contentsOf: scratch)
            card.pieces.append(ByteRange(start, card.storage.count))
            return
        }
        appendClean(property, &card)
    }

    /// Moves `scratch`, which is UTF-8, to the card's storage as one piece.
    private mutating func appendClean(_ property: Property, _ card: inout Card) {
        let start = card.storage.count
        let rule = TextCleaner(isOld: card.version == .v21, joinsItems: joinsItems(property, card))
        if rule.clean(scratch, 0..<scratch.count, into: &card.storage) { findings.insert(.controls) }
        card.pieces.append(ByteRange(start, card.storage.count))
    }
}
