/// What one pass over some bytes found.
struct UTF8Check: Equatable {
    var isASCII = true
    /// Of the Unicode standard's table 3-7: no overlong form, no surrogate, nothing above U+10FFFF.
    var isValid = true
    /// Characters of category Cc apart from tab and line feed.
    var hasControls = false
    var hasBackslashes = false
    var hasCommas = false
    /// Characters of more than one byte that are well formed, and bytes that belong to none.
    var characters = 0
    var strayBytes = 0

    /// Looks at `bytes[range]`.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        let source = bytes.span.extracting(range.clamped(to: 0..<bytes.count))
        // Without branches, so that the compiler looks at many bytes at once.
        var seen: UInt8 = 0
        var specials: UInt8 = 0
        for index in source.indices {
            let byte = source[index]
            seen |= byte
            specials |= byte == ASCII.backslash ? 1 : 0
            specials |= byte == ASCII.comma ? 2 : 0
            specials |= byte < 0x20 || byte == 0x7F ? 4 : 0
        }
        hasBackslashes = specials & 1 != 0
        hasCommas = specials & 2 != 0
        if specials & 4 != 0 {
            hasControls = bytes[range].contains {
                $0 < 0x20 && $0 != ASCII.tab && $0 != ASCII.lineFeed || $0 == 0x7F
            }
        }
        guard seen >= 0x80 else { return }
        isASCII = false
        checkSequences(bytes, range)
    }

    private mutating func checkSequences(_ bytes: [UInt8], _ range: Range<Int>) {
        let source = bytes.span
        let end = min(range.upperBound, source.count)
        var index = range.lowerBound
        while index < end {
            let byte = source[index]
            if byte < 0x80 {
                index &+= 1
                continue
            }
            let length = Self.length(lead: byte)
            let second = index &+ 1 < end ? source[index &+ 1] : 0
            var isWhole = length > 0 && index &+ length <= end && Self.isValid(second: second, after: byte)
            if isWhole, length > 2 { isWhole = source[index &+ 2] & 0xC0 == 0x80 }
            if isWhole, length > 3 { isWhole = source[index &+ 3] & 0xC0 == 0x80 }
            if isWhole {
                if byte == 0xC2, second < 0xA0 { hasControls = true }
                characters &+= 1
                index &+= length
            } else {
                strayBytes &+= 1
                index &+= 1
            }
        }
        isValid = strayBytes == 0
    }

    /// Bytes of the character that `lead` begins; 0 for a byte that begins none.
    @inline(__always)
    static func length(lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
    }

    @inline(__always)
    static func isValid(second: UInt8, after lead: UInt8) -> Bool {
        switch lead {
        case 0xE0: 0xA0...0xBF ~= second
        case 0xED: 0x80...0x9F ~= second
        case 0xF0: 0x90...0xBF ~= second
        case 0xF4: 0x80...0x8F ~= second
        default: 0x80...0xBF ~= second
        }
    }
}
