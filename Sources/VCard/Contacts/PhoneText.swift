/// The text of a TEL, taken apart before any rule about numbers applies (`reference/vcard.md` 5, rules 1 to 5).
struct PhoneText {
    /// ASCII digits without separators.
    var digits: [UInt8] = []
    var hasPlus = false
    var `extension`: String?
    /// A code with `*` or `#`.
    var isCode = false
    /// Words, or the address of something that is no telephone.
    var isForeign = false

    init(_ text: String) {
        if readPlain(text) { return }
        digits = []
        hasPlus = false
        var scalars = Self.normalized(text)
        if scalars.starts(with: "tel:".utf8, by: { $0.lowercased == $1 }) { scalars.removeFirst(4) }
        guard !Self.isAddress(scalars) else {
            isForeign = true
            return
        }
        var context: [UInt8] = []
        if let semicolon = scalars.firstIndex(of: ASCII.semicolon) {
            readParameters(scalars[(semicolon + 1)...], context: &context)
            scalars.removeSubrange(semicolon...)
        }
        if `extension` == nil { cutExtension(from: &scalars) }
        if !context.isEmpty, !scalars.contains(UInt8(ascii: "+")) { scalars = context + scalars }
        readNumber(scalars)
    }

    /// Reads what nearly all numbers are: digits with an optional plus before and common separators between them.
    private mutating func readPlain(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count <= Self.maxPlainCount else { return false }
        digits.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case 0x30...0x39: digits.append(byte)
            case 0x20, 0x2D, 0x2E, 0x2F: continue
            case 0x2B where digits.isEmpty && !hasPlus: hasPlus = true
            default: return false
            }
        }
        return true
    }

    private static let maxPlainCount = 40

    /// Digits of any script and full-width signs as ASCII; everything that separates as a space.
    ///
    /// What is none of this becomes a letter, since only its presence matters.
    private static func normalized(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(min(text.utf8.count, maxCount))
        for scalar in text.unicodeScalars {
            guard result.count < maxCount else { return Array("x".utf8) }
            if scalar.isASCII {
                result.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if let byte = ascii(scalar) {
                result.append(byte)
            }
        }
        while let last = result.last, last <= 0x20 { result.removeLast() }
        return Array(result.drop { $0 <= 0x20 })
    }

    /// A longer text is no number; the rules need not look at all of it.
    private static let maxCount = 256

    private static func ascii(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar.value {
        case 0xFF0B, 0xFE62: return UInt8(ascii: "+")
        case 0xFF0A: return UInt8(ascii: "*")
        case 0xFF03: return UInt8(ascii: "#")
        case 0xFF08, 0xFF3B: return UInt8(ascii: "(")
        case 0xFF09, 0xFF3D: return UInt8(ascii: ")")
        case 0xFF0E, 0xFF0F, 0x2212, 0x2044, 0x2215, 0x30FC, 0x00B7, 0x2022: return ASCII.space
        default: break
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .decimalNumber:
            guard let value = properties.numericValue, (0...9).contains(value) else { return UInt8(ascii: "z") }
            return 0x30 + UInt8(value)
        case .dashPunctuation, .spaceSeparator, .lineSeparator, .paragraphSeparator: return ASCII.space
        // Marks of writing direction stand in many numbers that were copied off a screen.
        case .format, .control: return nil
        default: return UInt8(ascii: "z")
        }
    }

    /// A mail address or any URI but `tel:`.
    private static func isAddress(_ text: [UInt8]) -> Bool {
        if text.contains(UInt8(ascii: "@")) { return true }
        guard let colon = text.firstIndex(of: ASCII.colon), text[0].isASCIILetter else { return false }
        return text[..<colon].allSatisfy(\.isASCIILetterOrDigit)
    }

    /// `ext` and `phone-context` of RFC 3966 section 3.
    private mutating func readParameters(_ text: ArraySlice<UInt8>, context: inout [UInt8]) {
        for parameter in text.split(separator: ASCII.semicolon) {
            guard let equals = parameter.firstIndex(of: ASCII.equals) else { continue }
            let value = parameter[(equals + 1)...]
            switch String(decoding: parameter[..<equals].map(\.lowercased), as: UTF8.self) {
            case "ext", "extension":
                let digits = value.filter(\.isDigit)
                if (1...15).contains(digits.count) { `extension` = String(decoding: digits, as: UTF8.self) }
            case "phone-context" where value.first == UInt8(ascii: "+"):
                context = Array(value)
            default: break
            }
        }
    }

    /// Cuts a trailing `x22`, `ext. 22`, `extension 22` or `#22` off.
    private mutating func cutExtension(from text: inout [UInt8]) {
        var end = text.count
        while end > 0, text[end - 1].isDigit { end -= 1 }
        let digits = text[end...]
        guard (1...15).contains(digits.count) else { return }
        while end > 0, text[end - 1].isBlank || text[end - 1] == ASCII.dot || text[end - 1] == ASCII.colon { end -= 1 }
        guard end > 0, text[end - 1].isASCIILetter || text[end - 1] == 0x23 else { return }
        for mark in Self.extensionMarks where end >= mark.count {
            let start = end - mark.count
            guard zip(text[start..<end], mark).allSatisfy({ $0.uppercased == $1 }) else { continue }
            // A number goes before it, not a code and not a word.
            let before = text[..<start]
            guard before.contains(where: \.isDigit), !before.contains(where: Self.isCodeSign) else { return }
            if let last = before.last, last.isASCIILetter { return }
            `extension` = String(decoding: digits, as: UTF8.self)
            text.removeSubrange(start...)
            return
        }
    }

    private static let extensionMarks = ["EXTENSION", "EXTN", "EXT", "X", "#"].map { Array($0.utf8) }

    private static func isCodeSign(_ byte: UInt8) -> Bool { byte == 0x2A || byte == 0x23 }

    private mutating func readNumber(_ scalars: [UInt8]) {
        var text = scalars
        if text.contains(UInt8(ascii: "+")) { Self.removeTrunkHint(from: &text) }
        for byte in text {
            switch byte {
            case 0x30...0x39: digits.append(byte)
            case 0x2B where digits.isEmpty && !hasPlus: hasPlus = true
            // Spaces, hyphens, dots, slashes, brackets.
            case ..<0x21, 0x2D, 0x2E, 0x2F, 0x28, 0x29, 0x5B, 0x5D, 0x7B, 0x7D: continue
            case 0x2A, 0x23: isCode = true
            // `#31#+49…` hides the caller's number.
            case 0x2B where isCode: continue
            default: isForeign = true
            }
        }
    }

    /// `+44 (0) 20…`: the zero is dialled at home only.
    private static func removeTrunkHint(from text: inout [UInt8]) {
        var start = text.startIndex
        while let open = text[start...].firstIndex(of: 0x28), let close = text[open...].firstIndex(of: 0x29) {
            start = close + 1
            guard text[(open + 1)..<close].filter({ !$0.isBlank }) == [0x30] else { continue }
            if text[..<open].contains(where: \.isDigit) { return text.removeSubrange(open...close) }
        }
    }
}
