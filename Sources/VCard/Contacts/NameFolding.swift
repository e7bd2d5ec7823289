/// Folds a name for comparison (`reference/vcard.md` 6).
///
/// Two names that differ in letter case, canonical composition, white space, punctuation or the order of their words
/// have the same fold.
enum NameFolding {
    /// A hash that is the same for equal folds within one process.
    static func hash(_ name: String) -> UInt64 {
        var sum: UInt64 = 0
        var count: UInt64 = 0
        forEachWord(of: name.lowercased()) { word in
            var hasher = Hasher()
            // String hashing follows canonical equivalence, as == does.
            hasher.combine(word)
            // Addition forgets the order of the words.
            sum &+= UInt64(bitPattern: Int64(hasher.finalize()))
            count += 1
        }
        return sum ^ (count &* 0x9E37_79B9_7F4A_7C15)
    }

    private static func forEachWord(of text: String, _ body: (Substring) -> Void) {
        var start: String.Index?
        var found = false
        var index = text.unicodeScalars.startIndex
        let scalars = text.unicodeScalars
        while index < scalars.endIndex {
            if separates(scalars[index]) {
                if let first = start {
                    body(text[first..<index])
                    found = true
                }
                start = nil
            } else if start == nil {
                start = index
            }
            index = scalars.index(after: index)
        }
        if let start {
            body(text[start...])
        } else if !found {
            // Nothing but punctuation: then that is the name.
            body(text[...])
        }
    }

    private static func separates(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x61...0x7A: return false
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
