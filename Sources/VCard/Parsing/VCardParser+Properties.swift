extension VCardParser {
    /// Gives the pending line, which is complete, to whom it belongs.
    mutating func finalize(endOffset: Int, _ receive: (inout Card) -> Void) {
        guard pending.isActive else { return }
        pending.isActive = false
        if pending.stage == .head, !findColonInQuotes() { return finalizeTextWithoutColon() }
        if !pending.isParsed { parseHead() }
        let isBoundary = pending.property.name == .begin || pending.property.name == .end
        if isBoundary, pendingValue(is: .vcard) {
            let isBegin = pending.property.name == .begin
            discardPending()
            if isBegin { begin(receive) } else { end(endOffset: endOffset, receive) }
        } else if !inCard {
            noteOutsideText()
            discardPending()
        } else if agentDepth > 0 || card.rejection != nil {
            noteAgent()
            discardPending()
        } else {
            keepProperty()
        }
    }

    /// Reads a line whose quotes are not balanced as if they were ordinary characters.
    private mutating func findColonInQuotes() -> Bool {
        guard pending.inQuotes,
            let colon = card.storage[pending.start...].firstIndex(of: ASCII.colon)
        else { return false }
        pending.headEnd = colon
        pending.valueStart = colon + 1
        pending.stage = .value
        return true
    }

    private mutating func finalizeTextWithoutColon() {
        let content = card.storage.trimmedValue(pending.start..<card.storage.count)
        if !content.isEmpty {
            if inCard, agentDepth == 0, card.rejection == nil {
                card.warn(.noColon, line: pending.number, offset: pending.offset, limits: settings.limits)
            } else if !inCard {
                noteOutsideText()
            }
            agentIsDue = false
        }
        discardPending()
    }

    /// Forgets what the pending line holds in the card.
    private mutating func discardPending() {
        card.cut(to: pending.start)
        card.parameters.removeLast(max(0, card.parameters.count - Int(pending.property.firstParameter)))
    }

    private mutating func noteOutsideText() {
        hasOutsideText = true
        guard outsideStart == nil else { return }
        outsideStart = pending.offset
        warnFile(.textOutsideCard)
    }

    private mutating func warnFile(_ code: Code) {
        tally.add(code)
        guard fileWarnings.count < settings.limits.warningsPerCard else { return }
        fileWarnings.append(Warning(card: nil, line: pending.number, offset: pending.offset, code: code))
    }

    private mutating func begin(_ receive: (inout Card) -> Void) {
        if inCard {
            if agentIsDue { return enterAgent() }
            endCard(.missingEnd, endOffset: pending.offset, receive)
        }
        if let outsideStart { outsideBytes += pending.offset - outsideStart }
        outsideStart = nil
        guard cardCount < settings.limits.cards else {
            stopped = .tooManyCards
            return
        }
        cardCount += 1
        card.index = cardCount
        card.line = pending.number
        card.offset = pending.offset
        card.version = .v30
        if firstLine == nil { firstLine = pending.number }
        inCard = true
        groups.removeAll(keepingCapacity: true)
        cardUsesReturns = pending.endedByReturn
        versionIsKnown = false
        agentDepth = 0
        agentIsDue = false
    }

    private mutating func enterAgent() {
        agentIsDue = false
        agentDepth += 1
        guard agentDepth <= settings.limits.agentNesting, card.rejection == nil else { return }
        card.warn(
            .nestedCard,
            line: pending.number,
            offset: pending.offset,
            limits: settings.limits,
            property: "AGENT"
        )
    }

    private mutating func end(endOffset: Int, _ receive: (inout Card) -> Void) {
        agentIsDue = false
        if !inCard {
            warnFile(.strayEnd)
        } else if agentDepth > 0 {
            agentDepth -= 1
        } else {
            endCard(nil, endOffset: endOffset, receive)
        }
    }

    mutating func endCard(_ fault: Code?, endOffset: Int, _ receive: (inout Card) -> Void) {
        if let fault { card.warn(fault, line: card.line, offset: card.offset, limits: settings.limits) }
        card.endOffset = endOffset
        if card.rejection == nil, decodesValues { decoder.decode(&card, versionIsKnown: versionIsKnown) }
        receive(&card)
        tally.add(card.tally)
        card.reset()
        inCard = false
    }

    /// Gives up the card's content but goes on reading up to its end.
    mutating func reject(_ code: Code) {
        card.reset()
        card.rejection = code
        card.warn(code, line: card.line, offset: card.offset, limits: settings.limits)
        guard pending.isActive else { return }
        pending.start = 0
        pending.headEnd = 0
        pending.valueStart = 0
        pending.property = Property()
        pending.isParsed = true
        pending.stage = .dropped
    }

    /// Notices an AGENT whose card follows, on the next line or on its own.
    private mutating func noteAgent() {
        agentIsDue = false
        guard pending.property.name == .agent, pending.stage == .value else { return }
        if pendingValue(is: .beginVCard) {
            enterAgent()
        } else {
            agentIsDue = card.storage.trimmedValue(pending.valueStart..<card.storage.count).isEmpty
        }
    }

    private mutating func keepProperty() {
        noteAgent()
        if pending.stage == .value, !pending.isDecided, pending.property.mayHoldBase64 { decideValue() }
        let limits = settings.limits
        var property = pending.property
        property.line = pending.number
        property.offset = pending.offset
        if pending.parametersDropped { card.warn(.parametersDropped, at: property, limits: limits) }
        let isTooLong =
            switch pending.stage {
            case .metered: pending.valueCount > limits.binaryValue
            case .dropped: true
            case .head, .value: pending.valueCount > limits.textValue
            }
        if isTooLong {
            card.warn(.valueTooLong, at: property, limits: limits)
            return discardPending()
        }
        if property.name == .version {
            noteVersion(property)
            return discardPending()
        }
        guard card.properties.count < limits.propertiesPerCard, hasRoom(forGroupOf: property) else {
            return reject(.tooManyProperties)
        }
        if pending.stage == .metered { property.binary = pending.meter.content }
        if property.name == .groupLabel { card.hasGroupLabels = true }
        property.raw = ByteRange(pending.valueStart, card.storage.count)
        card.properties.append(property)
    }

    private mutating func hasRoom(forGroupOf property: Property) -> Bool {
        // Each property has one group at most, so that they need no count of their own unless there may be fewer.
        let limits = settings.limits
        guard !property.group.isEmpty, limits.groupsPerCard < limits.propertiesPerCard else { return true }
        groups.insert(card.text(property.group).lowercased())
        return groups.count <= limits.groupsPerCard
    }

    private mutating func noteVersion(_ property: Property) {
        guard !versionIsKnown else { return }
        let range = card.storage.trimmedValue(pending.valueStart..<card.storage.count)
        guard !range.isEmpty else { return }
        versionIsKnown = true
        let text = String(decoding: card.storage[range].prefix(16), as: UTF8.self)
        if let version = VCardVersion(rawValue: text) {
            card.version = version
        } else {
            card.version = text.hasPrefix("2") ? .v21 : text.hasPrefix("4") ? .v40 : .v30
            card.warn(.unknownVersion, at: property, limits: settings.limits)
        }
    }
}
