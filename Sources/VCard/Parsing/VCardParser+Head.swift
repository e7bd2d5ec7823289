extension VCardParser {
    /// Reads group, name and parameters of the pending line, which stand before its colon.
    mutating func parseHead() {
        pending.isParsed = true
        var range = card.storage.trimmed(pending.start..<pending.headEnd)
        if let first = range.first, card.storage[first] == 0xEF { range = skipMark(range) }
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
    private mutating func skipMark(_ range: Range<Int>) -> Range<Int> {
        guard range.count >= 3, card.storage[range.lowerBound + 1] == 0xBB, card.storage[range.lowerBound + 2] == 0xBF
        else { return range }
        pending.offset += 3
        return card.storage.trimmed(range.dropFirst(3))
    }

    /// Returns where the parameters begin.
    private mutating func parseName(_ range: Range<Int>) -> Int {
        var start = range.lowerBound
        var key = NameKey()
        var index = start
        while index < range.upperBound {
            let byte = card.storage[index]
            if byte == ASCII.semicolon { break }
            if byte == ASCII.dot, start == range.lowerBound {
                pending.property.group = ByteRange(start, index)
                start = index + 1
                key = NameKey()
            } else if byte != ASCII.space {
                key.append(byte)
            }
            index &+= 1
        }
        let name = card.storage.trimmed(start..<index)
        pending.property.nameRange = ByteRange(name.lowerBound, name.upperBound)
        pending.property.name = PropertyName[key]
        return index
    }

    /// Reads the parameter that begins at `start` and returns the index of the semicolon behind it.
    private mutating func parseParameter(_ start: Int, _ end: Int, _ position: Int) -> Int {
        var index = start
        while index < end {
            let byte = card.storage[index]
            if byte == ASCII.semicolon || byte == ASCII.equals { break }
            index &+= 1
        }
        let name = card.storage.trimmed(start..<index)
        guard index < end, card.storage[index] == ASCII.equals else {
            if !name.isEmpty { keep(.bare, nameRange: .empty, value: name, position) }
            return index
        }
        let known = ParameterName[NameKey(card.storage, name)]
        let nameRange = ByteRange(name.lowerBound, name.upperBound)
        index &+= 1
        var itemStart = index
        var inQuotes = false
        while true {
            let byte = index < end ? card.storage[index] : ASCII.semicolon
            if byte == ASCII.quote, index < end { inQuotes.toggle() }
            // TYPE is a set however it was quoted; elsewhere quotes protect a comma.
            let splits = byte == ASCII.comma && (!inQuotes || known == .type)
            if splits || index >= end || byte == ASCII.semicolon && !inQuotes {
                let item = unquoted(itemStart..<min(index, end))
                if !item.isEmpty { keep(known, nameRange: nameRange, value: item, position) }
                itemStart = index + 1
                if !splits { return min(index, end) }
            }
            index &+= 1
        }
    }

    private func unquoted(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, card.storage[lower] == ASCII.quote || card.storage[lower].isBlank { lower &+= 1 }
        while lower < upper, card.storage[upper - 1] == ASCII.quote || card.storage[upper - 1].isBlank { upper &-= 1 }
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
            switch TypeSet.words[NameKey(card.storage, value)] {
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
        guard case .location = TypeSet.words[NameKey(card.storage, value)] else { return }
        pending.property.isLocation = true
    }
}
