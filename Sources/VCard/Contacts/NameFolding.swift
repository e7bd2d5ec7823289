/// Folds a name for comparison (`reference/vcard.md` 6).
///
/// Two names that differ in letter case, canonical composition, white space, punctuation or the order of their words
/// have the same fold.
enum NameFolding {
    /// A hash that is the same for equal folds within one process.
    static func hash(_ name: String) -> UInt64 {
        let bytes = name.utf8Span.span
        var sum: UInt64 = 0
        var count: UInt64 = 0
        var start = 0
        var index = 0
        while index <= bytes.count {
            let length = index < bytes.count ? separator(bytes, index) : 1
            guard length > 0 else {
                index += characterLength(bytes[index])
                continue
            }
            if index > start {
                // Addition forgets the order of the words.
                sum &+= hash(bytes, start..<index)
                count += 1
            }
            index += length
            start = index
        }
        // Nothing but punctuation: then that is the name.
        if count == 0 { sum = hash(bytes, 0..<bytes.count) }
        return sum ^ (count &* 0x9E37_79B9_7F4A_7C15)
    }

    private static func hash(_ bytes: Span<UInt8>, _ word: Range<Int>) -> UInt64 {
        if let hash = plainHash(bytes, word) { return hash }
        var copy: [UInt8] = []
        for index in word { copy.append(bytes[index]) }
        let text = String(decoding: copy, as: UTF8.self).lowercased()
        // As the Kelvin sign becomes a k.
        let folded = text.utf8Span.span
        return plainHash(folded, 0..<folded.count) ?? KeyedHash.hash(text)
    }

    /// The hash of a word in letters whose composition and case are simple: ASCII, Latin-1 and Arabic; `nil` for others.
    ///
    /// What is canonically equivalent to such a word has the same hash here, once it is in lower case.
    private static func plainHash(_ bytes: Span<UInt8>, _ word: Range<Int>) -> UInt64? {
        var hash = KeyedHash.start
        var letter: UInt32 = 0
        var index = word.lowerBound
        while index < word.upperBound {
            let scalar = scalar(bytes, index)
            index &+= characterLength(bytes[index])
            switch scalar {
            case 0x300...0x327, 0x653...0x655:
                guard let composed = composed(letter, scalar) else { return nil }
                letter = composed
                continue
            case 0x41...0x5A, 0xC0...0xD6, 0xD8...0xDE:
                hash = KeyedHash.mix(hash, UInt64(letter))
                letter = scalar | 0x20
            case ..<0x80, 0xD7, 0xDF...0xFF, 0x620...0x64A:
                hash = KeyedHash.mix(hash, UInt64(letter))
                letter = scalar
            default: return nil
            }
        }
        return KeyedHash.mix(hash, UInt64(letter))
    }

    /// The letter that a letter and a mark make, both of Latin-1 in lower case or of Arabic.
    private static func composed(_ letter: UInt32, _ mark: UInt32) -> UInt32? {
        let letters: String
        switch mark {
        case 0x300: letters = "aàeèiìoòuù"
        case 0x301: letters = "aáeéiíoóuúyý"
        case 0x302: letters = "aâeêiîoôuû"
        case 0x303: letters = "aãnñoõ"
        case 0x308: letters = "aäeëiïoöuüyÿ"
        case 0x30A: letters = "aå"
        case 0x327: letters = "cç"
        case 0x653: letters = "\u{627}\u{622}"
        case 0x654: letters = "\u{627}\u{623}\u{648}\u{624}\u{64A}\u{626}"
        case 0x655: letters = "\u{627}\u{625}"
        default: return nil
        }
        let scalars = Array(letters.unicodeScalars)
        for place in stride(from: 0, to: scalars.count, by: 2) where scalars[place].value == letter {
            return scalars[place + 1].value
        }
        return nil
    }

    @inline(__always)
    private static func characterLength(_ lead: UInt8) -> Int {
        switch lead {
        case ..<0xC0: 1
        case ..<0xE0: 2
        case ..<0xF0: 3
        default: 4
        }
    }

    /// The scalar that begins at `index` of well-formed UTF-8.
    @inline(__always)
    private static func scalar(_ bytes: Span<UInt8>, _ index: Int) -> UInt32 {
        let byte = bytes[index]
        guard byte >= 0x80 else { return UInt32(byte) }
        let length = characterLength(byte)
        var value = UInt32(byte) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for place in (index &+ 1)..<min(bytes.count, index &+ length) {
            value = value &<< 6 | UInt32(bytes[place] & 0x3F)
        }
        return value
    }

    /// Bytes of the separator at `index`, or 0 if what stands there is part of a word.
    private static func separator(_ bytes: Span<UInt8>, _ index: Int) -> Int {
        guard let scalar = Unicode.Scalar(scalar(bytes, index)), separates(scalar) else { return 0 }
        return characterLength(bytes[index])
    }

    private static func separates(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return false
        case ..<0x80: return scalar.value <= 0x20 || isASCIIPunctuation(scalar.value)
        // Latin, Greek, Cyrillic, Arabic letters and the common ideographs, which most names consist of.
        case 0xC0...0x24F, 0x391...0x3C9, 0x400...0x481, 0x620...0x65F, 0x4E00...0x9FFF, 0xAC00...0xD7A3: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .connectorPunctuation,
            .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation:
            return true
        default: return false
        }
    }

    private static func isASCIIPunctuation(_ value: UInt32) -> Bool {
        switch UInt8(truncatingIfNeeded: value) {
        case UInt8(ascii: "$"), UInt8(ascii: "+"), UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: ">"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            false
        default: true
        }
    }
}
