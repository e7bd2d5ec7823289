/// One card as it came, decoded to UTF-8 but not interpreted.
///
/// All texts stand in one byte array, so that a card costs a handful of allocations, and none when the parser lends it.
package struct Card: Sendable {
    /// Counted from 1 in the order of BEGIN.
    package var index = 0
    /// Physical line of BEGIN, counted from 1.
    package var line = 0
    /// Of BEGIN's first byte, in the file.
    package var offset = 0
    /// Behind END's line, or where the card was cut off.
    package var endOffset = 0
    package var version = VCardVersion.v30
    package var properties: [Property] = []
    /// The first ``VCardLimits/warningsPerCard`` of ``warningCount``.
    package var warnings: [Warning] = []
    package var warningCount: Int { tally.total }
    /// All of them, by code.
    package var tally = WarningTally()
    /// Why there is no content, or `nil`.
    package var rejection: Code?

    var storage: [UInt8] = []
    var parameters: [Parameter] = []
    var pieces: [ByteRange] = []
    var hasGroupLabels = false
    /// Where folds may have been spaces, as long as the version was not known.
    var folds: [UInt32] = []

    package init() {}

    /// Forgets the content but not the room for it, unless that is large.
    mutating func reset() {
        let keeps = storage.count < 256 << 10
        storage.removeAll(keepingCapacity: keeps)
        properties.removeAll(keepingCapacity: keeps)
        parameters.removeAll(keepingCapacity: keeps)
        pieces.removeAll(keepingCapacity: keeps)
        warnings.removeAll(keepingCapacity: keeps)
        folds.removeAll(keepingCapacity: keeps)
        tally = WarningTally()
        rejection = nil
        hasGroupLabels = false
    }

    /// Forgets what was stored behind `count` bytes, the folds in it included: they must stay in order.
    mutating func cut(to count: Int) {
        guard count < storage.count else { return }
        storage.removeLast(storage.count - max(0, count))
        while let fold = folds.last, Int(fold) >= count { folds.removeLast() }
    }

    func text(_ range: ByteRange) -> String {
        guard !range.isEmpty, range.upper <= storage.count else { return "" }
        return String(decoding: storage[range.lower..<range.upper], as: UTF8.self)
    }
}

extension Card {
    /// The value as one text; of a structured value or a list the part at `index`.
    ///
    /// Empty where there is none.
    package func text(of property: Property, at index: Int = 0) -> String {
        text(range(of: property, at: index))
    }

    /// Without white space at its ends.
    package func trimmedText(of property: Property, at index: Int = 0) -> String {
        text(trimmed(range(of: property, at: index)))
    }

    func range(of property: Property, at index: Int) -> ByteRange {
        let slot = Int(property.firstPiece) + index
        guard index < property.count, slot < pieces.count else { return .empty }
        return pieces[slot]
    }

    func trimmed(_ range: ByteRange) -> ByteRange {
        var lower = range.lower
        var upper = min(range.upper, storage.count)
        while lower < upper, storage[lower] <= ASCII.space { lower &+= 1 }
        while lower < upper, storage[upper &- 1] <= ASCII.space { upper &-= 1 }
        return ByteRange(lower, upper)
    }

    /// As written, letter case included.
    package func name(of property: Property) -> String { text(property.nameRange) }

    package func group(of property: Property) -> String? {
        property.group.isEmpty ? nil : text(property.group)
    }

    package func parameters(of property: Property) -> ArraySlice<Parameter> {
        let first = Int(property.firstParameter)
        return parameters[first..<first + Int(property.parameterCount)]
    }

    /// The first value of a parameter, decoded; `nil` where it is absent or empty.
    package func parameter(_ name: ParameterName, of property: Property) -> String? {
        for parameter in parameters(of: property) where parameter.name == name {
            let text = text(of: parameter)
            if !text.isEmpty { return text }
        }
        return nil
    }

    /// With the caret notation of RFC 6868 resolved.
    package func text(of parameter: Parameter) -> String {
        let range = parameter.value
        guard storage[range.lower..<range.upper].contains(where: { $0 == ASCII.caret || $0 >= 0x80 }) else {
            return text(range)
        }
        return ParameterText.decode(storage[range.lower..<range.upper], hasCarets: version != .v21)
    }

    mutating func warn(_ code: Code, at property: Property, limits: VCardLimits, reason: PhoneReason? = nil) {
        let name = reportedName(of: property)
        warn(code, line: property.line, offset: property.offset, limits: limits, property: name, reason: reason)
    }

    mutating func warn(
        _ code: Code,
        line: Int,
        offset: Int,
        limits: VCardLimits,
        property: String? = nil,
        reason: PhoneReason? = nil
    ) {
        tally.add(code)
        guard warnings.count < limits.warningsPerCard else { return }
        warnings.append(
            Warning(card: index, line: line, offset: offset, code: code, property: property, phoneReason: reason)
        )
    }

    /// The name to report a finding under; `nil` for a name that may be somebody's.
    func reportedName(of property: Property) -> String? {
        let name = text(property.nameRange).uppercased()
        guard property.name == .custom else { return name }
        let isPlain = name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == ASCII.hyphen }
        return isPlain && name.utf8.count <= 40 && name.hasPrefix("X-") ? name : nil
    }
}
