/// Resolves escapes, removes control characters and joins the items of a list within a component.
struct TextCleaner {
    /// Version 2.1: only `\;`, `\\` and `\n` are escapes, and a comma is text.
    var isOld: Bool
    /// An unescaped comma separates items, which are joined with one space.
    var joinsItems: Bool

    /// Appends `bytes[range]`, which is UTF-8; `true` when control characters were left out.
    func clean(_ bytes: [UInt8], _ range: Range<Int>, into output: inout [UInt8]) -> Bool {
        var foundControls = false
        var index = range.lowerBound
        let end = range.upperBound
        let first = output.count
        while index < end {
            let byte = bytes[index]
            index &+= 1
            switch byte {
            case ASCII.backslash:
                index = appendEscaped(bytes, index, end, to: &output)
            case ASCII.comma where joinsItems && !isOld:
                while output.count > first, output[output.count - 1].isBlank { output.removeLast() }
                while index < end, bytes[index].isBlank { index &+= 1 }
                let isLast = index >= end || bytes[index] == ASCII.comma
                if output.count > first, !isLast { output.append(ASCII.space) }
            case ASCII.tab, ASCII.lineFeed:
                output.append(byte)
            case ..<ASCII.space, 0x7F:
                foundControls = true
            case 0xC2 where index < end && bytes[index] < 0xA0:
                foundControls = true
                index &+= 1
            default:
                output.append(byte)
            }
        }
        return foundControls
    }

    /// Takes what follows a backslash and returns the index behind it.
    private func appendEscaped(_ bytes: [UInt8], _ index: Int, _ end: Int, to output: inout [UInt8]) -> Int {
        guard index < end else {
            output.append(ASCII.backslash)
            return index
        }
        let next = bytes[index]
        switch next {
        case UInt8(ascii: "n"), UInt8(ascii: "N"):
            output.append(ASCII.lineFeed)
            return index &+ 1
        case ASCII.semicolon, ASCII.backslash:
            output.append(next)
            return index &+ 1
        case 0x21...0x7E where !next.isASCIILetterOrDigit && !isOld:
            output.append(next)
            return index &+ 1
        default:
            // `C:\temp` was written by somebody who escapes nothing.
            output.append(ASCII.backslash)
            return index
        }
    }
}
