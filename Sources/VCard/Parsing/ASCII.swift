/// Byte values with a meaning in the vCard grammar.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let comma: UInt8 = 0x2C
    static let hyphen: UInt8 = 0x2D
    static let dot: UInt8 = 0x2E
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let backslash: UInt8 = 0x5C
    static let caret: UInt8 = 0x5E
}

extension UInt8 {
    @inline(__always)
    var isBlank: Bool { self == ASCII.space || self == ASCII.tab }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    @inline(__always)
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

    @inline(__always)
    var isASCIILetterOrDigit: Bool { isASCIILetter || isDigit }

    /// The value of a digit, or `nil`.
    var digitValue: Int? { isDigit ? Int(self &- 0x30) : nil }

    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let folded = self | 0x20
        return folded &- 0x61 < 6 ? folded &- 0x57 : nil
    }

    @inline(__always)
    var uppercased: UInt8 { self &- 0x61 < 26 ? self &- 0x20 : self }

    @inline(__always)
    var lowercased: UInt8 { self &- 0x41 < 26 ? self &+ 0x20 : self }
}

/// Where some bytes stand in a card's storage.
///
/// Four bytes a bound keep properties small; ``VCardLimits`` keeps storage below what they can count.
package struct ByteRange: Hashable, Sendable {
    var start: UInt32
    var end: UInt32

    static let empty = ByteRange(0, 0)

    @inline(__always)
    init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    @inline(__always)
    var lower: Int { Int(start) }

    @inline(__always)
    var upper: Int { Int(end) }

    @inline(__always)
    var count: Int { Int(end) &- Int(start) }

    @inline(__always)
    var isEmpty: Bool { start >= end }
}

extension Span<UInt8> {
    /// Eight bytes as one number, the first one lowest: scans look at eight bytes at once.
    ///
    /// The compiler makes one load of it.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        let bytes = extracting(index..<(index &+ 8))
        let low = UInt64(bytes[0]) | UInt64(bytes[1]) &<< 8 | UInt64(bytes[2]) &<< 16 | UInt64(bytes[3]) &<< 24
        let high = UInt64(bytes[4]) &<< 32 | UInt64(bytes[5]) &<< 40 | UInt64(bytes[6]) &<< 48
        return low | high | UInt64(bytes[7]) &<< 56
    }
}

extension UInt64 {
    /// Eight times the same byte.
    @inline(__always)
    init(eachByte byte: UInt8) { self = UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// Not zero if a byte is; its lowest set bit belongs to the first such byte.
    @inline(__always)
    var zeroBytes: UInt64 {
        (self &- UInt64(eachByte: 0x01)) & ~self & UInt64(eachByte: 0x80)
    }
}

extension [UInt8] {
    /// Whether the bytes of `range` are `text` in any letter case.
    func matches(_ text: Keyword, in range: Range<Int>) -> Bool {
        guard range.count == text.bytes.count else { return false }
        var index = range.lowerBound
        for byte in text.bytes {
            if self[index].uppercased != byte { return false }
            index &+= 1
        }
        return true
    }

    /// The first index from `start` on at which `isEnd` holds, else `end`.
    @inline(__always)
    func end(from start: Int, to end: Int, _ isEnd: (UInt8) -> Bool) -> Int {
        let source = span
        var index = start
        while index < end, !isEnd(source[index]) { index &+= 1 }
        return Swift.min(index, end)
    }

    /// The range of a value without blanks at its ends and without carriage returns that a doubled line end left.
    func trimmedValue(_ range: Range<Int>) -> Range<Int> {
        var upper = range.upperBound
        while upper > range.lowerBound, self[upper &- 1].isBlank || self[upper &- 1] == ASCII.carriageReturn {
            upper &-= 1
        }
        return trimmed(range.lowerBound..<upper)
    }

    /// The range without blanks at its ends.
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower].isBlank { lower &+= 1 }
        while lower < upper, self[upper &- 1].isBlank { upper &-= 1 }
        return lower..<upper
    }
}

/// An ASCII word in upper case, as bytes to compare with.
struct Keyword: Sendable {
    static let vcard = Keyword("VCARD")
    static let beginVCard = Keyword("BEGIN:VCARD")
    static let endVCard = Keyword("END:VCARD")
    static let data = Keyword("DATA:")
    static let base64 = Keyword("BASE64")
    static let mailto = Keyword("MAILTO:")

    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
}
