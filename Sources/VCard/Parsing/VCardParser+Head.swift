extension VCardParser {
    /// Reads group, name and parameters of the pending line, which stand before its colon.
    mutating func parseHead() {
        pending.isParsed = true
        var range = card.storage.trimmed(pending.start..<pending.headEnd)
        // Across a fold the place of the first character in the file would be lost.
        if !pending.isFoldedEarly { range = skipMark(range) }
        if pending.headOverflowed {
            let kept = card.storage[range].lastIndex(of: ASCII.semicolon) ?? range.upperBound
            range = range.lowerBound..<kept
            pending.parametersDropped = true
        }
        let nameEnd = parseName(range)
        var index = nameEnd
        var count = 0
        while index < range.upperBound {
            let next = parseParameter(index + 1, range.upperBound, count)
            index = next
            count += 1
        }
        pending.property.parameterCount = UInt32(
            truncatingIfNeeded: card.parameters.count - Int(pending.property.firstParameter)
        )
    }

    /// A byte order mark stands before the first line of each file that was joined to another.
    ///
    /// Moves the line's place behind it and behind blanks.
    private mutating func skipMark(_ range: Range<Int>) -> Range<Int> {
        var blanks = range.lowerBound - pending.start
        var rest = range
        let hasMark = card.storage[range.prefix(3)].elementsEqual([0xEF, 0xBB, 0xBF])
        if hasMark {
            rest = card.storage.trimmed(range.dropFirst(3))
            blanks += rest.lowerBound - range.lowerBound - 3
        }
        pending.offset += blanks * bytesPerCharacter
        if hasMark { pending.offset += bytesPerCharacter == 1 ? 3 : 2 }
        return rest
    }

    /// Returns where the parameters begin.
    private mutating func parseName(_ range: Range<Int>) -> Int {
        let (start, end, key) = card.storage.scanName(range)
        if start > range.lowerBound { pending.property.group = ByteRange(range.lowerBound, start - 1) }
        let name = card.storage.trimmed(start..<end)
        pending.property.nameRange = ByteRange(name.lowerBound, name.upperBound)
        pending.property.name = propertyNames[key] ?? .custom
        return end
    }

    /// Reads the parameter that begins at `start` and returns the index of the semicolon behind it.
    private mutating func parseParameter(_ start: Int, _ end: Int, _ position: Int) -> Int {
        var index = card.storage.end(from: start, to: end) { $0 == ASCII.semicolon || $0 == ASCII.equals }
        let name = card.storage.trimmed(start..<index)
        guard index < end, card.storage[index] == ASCII.equals else {
            if !name.isEmpty { keep(.bare, nameRange: .empty, value: name, position) }
            return index
        }
        let known = parameterNames[NameKey(card.storage, name)] ?? .other
        let nameRange = ByteRange(name.lowerBound, name.upperBound)
        repeat {
            // TYPE is a set however it was quoted; elsewhere quotes protect a comma.
            var inQuotes = false
            let stop = card.storage.end(from: index &+ 1, to: end) { byte in
                if byte == ASCII.quote { inQuotes.toggle() }
                return byte == ASCII.semicolon && !inQuotes || byte == ASCII.comma && (!inQuotes || known == .type)
            }
            let item = unquoted((index &+ 1)..<stop)
            if !item.isEmpty { keep(known, nameRange: nameRange, value: item, position) }
            index = stop
        } while index < end && card.storage[index] == ASCII.comma
        return index
    }

    private func unquoted(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        let source = card.storage.span
        while lower < upper, source[lower] == ASCII.quote || source[lower].isBlank { lower &+= 1 }
        while lower < upper, source[upper - 1] == ASCII.quote || source[upper - 1].isBlank { upper &-= 1 }
        return lower..<upper
    }

    private mutating func keep(_ name: ParameterName, nameRange: ByteRange, value: Range<Int>, _ position: Int) {
        let first = Int(pending.property.firstParameter)
        guard position < settings.limits.parametersPerProperty,
            card.parameters.count - first < settings.limits.parametersPerProperty,
            value.upperBound - pending.start <= settings.limits.parameterBytes
        else {
            pending.parametersDropped = true
            return
        }
        note(name, value)
        card.parameters.append(
            Parameter(name: name, nameRange: nameRange, value: ByteRange(value.lowerBound, value.upperBound))
        )
    }

    /// Turns the parameters that decide about reading into properties of the property.
    private mutating func note(_ name: ParameterName, _ value: Range<Int>) {
        switch name {
        case .type, .bare, .encoding:
            switch words[NameKey(card.storage, value)] {
            case .type(let types):
                if name != .encoding { pending.property.types.formUnion(types) }
                if types == .preferred, pending.property.preference == 0 { pending.property.preference = 1 }
            case .encoding(let encoding):
                // TYPE=B is no encoding, but TYPE=BASE64 has been seen as one.
                if name == .type, value.count == 1 { return }
                pending.property.encoding = encoding
                let isLongWord = value.count > 1
                if isLongWord, encoding != .plain { pending.property.isOldStyle = true }
            case .location: pending.property.isLocation = true
            case .noise: break
            case nil: if name != .encoding { pending.property.types.insert(.other) }
            }
            if name == .bare { pending.property.isOldStyle = true }
        case .value: noteValueKind(value)
        case .charset: pending.property.hasCharset = true
        case .preference:
            let text = String(decoding: card.storage[value].prefix(4), as: UTF8.self)
            if let number = UInt8(text), (1...100).contains(number) { pending.property.preference = number }
        default: break
        }
    }

    private mutating func noteValueKind(_ value: Range<Int>) {
        guard case .location = words[NameKey(card.storage, value)] else { return }
        pending.property.isLocation = true
    }
}

extension [UInt8] {
    /// Where the name begins behind its group and where it ends, and what it is.
    fileprivate func scanName(_ range: Range<Int>) -> (start: Int, end: Int, key: NameKey) {
        let source = span
        var start = range.lowerBound
        var key = NameKey()
        var index = start
        while index < range.upperBound {
            let byte = source[index]
            if byte == ASCII.semicolon { break }
            index &+= 1
            if byte == ASCII.dot, start == range.lowerBound {
                start = index
                key = NameKey()
            } else if byte != ASCII.space {
                key.append(byte)
            }
        }
        return (start, index, key)
    }
}
