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
        let source = bytes.span
        let end = min(range.upperBound, source.count)
        var index = range.lowerBound
        var found = Found()
        while index &+ 8 <= end {
            found.add(source.word(at: index))
            index &+= 8
        }
        if index < end {
            var rest = UInt64(eachByte: UInt8(ascii: "A"))
            while index < end {
                rest = rest &<< 8 | UInt64(source[index])
                index &+= 1
            }
            found.add(rest)
        }
        hasBackslashes = found.backslashes != 0
        hasCommas = found.commas != 0
        if found.controls != 0 {
            hasControls = bytes[range].contains {
                $0 < 0x20 && $0 != ASCII.tab && $0 != ASCII.lineFeed || $0 == 0x7F
            }
        }
        guard found.bytes & UInt64(eachByte: 0x80) != 0 else { return }
        isASCII = false
        checkSequences(bytes, range)
    }

    /// What was seen in words of eight bytes; not zero means somewhere.
    private struct Found {
        var bytes: UInt64 = 0
        var backslashes: UInt64 = 0
        var commas: UInt64 = 0
        var controls: UInt64 = 0

        @inline(__always)
        mutating func add(_ word: UInt64) {
            bytes |= word
            backslashes |= (word ^ UInt64(eachByte: ASCII.backslash)).zeroBytes
            commas |= (word ^ UInt64(eachByte: ASCII.comma)).zeroBytes
            controls |= (word &- UInt64(eachByte: 0x20)) & ~word & UInt64(eachByte: 0x80)
            controls |= (word ^ UInt64(eachByte: 0x7F)).zeroBytes
        }
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
