/// Folds a name for comparison (`reference/vcard.md` 6).
///
/// Two names that differ in letter case, canonical composition, white space, punctuation or the order of their words
/// have the same fold.
enum NameFolding {
    /// A hash that is the same for equal folds within one process.
    static func hash(_ name: String) -> UInt64 {
        let bytes = Array(name.utf8)
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

    private static func hash(_ bytes: [UInt8], _ word: Range<Int>) -> UInt64 {
        var hasher = Hasher()
        if bytes[word].allSatisfy({ $0 < 0x80 }) {
            hash(bytes, word, &hasher)
        } else {
            let text = String(decoding: bytes[word], as: UTF8.self).lowercased()
            let folded = Array(text.utf8)
            if folded.allSatisfy({ $0 < 0x80 }) {
                // As the Kelvin sign becomes a k.
                hash(folded, 0..<folded.count, &hasher)
            } else {
                // String hashing follows canonical equivalence, as == does.
                hasher.combine(text)
            }
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// ASCII has neither composition nor surprising letter case, so its bytes will do.
    private static func hash(_ bytes: [UInt8], _ word: Range<Int>, _ hasher: inout Hasher) {
        var packed: UInt64 = 0
        for (place, byte) in bytes[word].enumerated() {
            packed = packed &<< 8 | UInt64(byte.lowercased)
            if place % 8 == 7 {
                hasher.combine(packed)
                packed = 0
            }
        }
        hasher.combine(packed)
        hasher.combine(word.count)
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

    /// Bytes of the separator at `index`, or 0 if what stands there is part of a word.
    private static func separator(_ bytes: [UInt8], _ index: Int) -> Int {
        let byte = bytes[index]
        if byte < 0x80 { return separates(Unicode.Scalar(byte)) ? 1 : 0 }
        let length = characterLength(byte)
        var value = UInt32(byte) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for next in bytes[(index + 1)..<min(bytes.count, index + length)] { value = value << 6 | UInt32(next & 0x3F) }
        guard let scalar = Unicode.Scalar(value), separates(scalar) else { return 0 }
        return length
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
