/// Quoted-printable as cards hold it (RFC 2045 section 6.7), with soft breaks kept as `=` and a line feed.
enum QuotedPrintable {
    /// Decodes `bytes[range]` into `output`; `true` when something was no quoted-printable and stayed as it was.
    ///
    /// - Parameter joins: receives the places in `output` of a blank that opened a physical line. Whether it is content
    ///   or indentation only shows once the characters around it are known.
    static func decode(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        into output: inout [UInt8],
        joins: inout [Int]
    ) -> Bool {
        var isBad = false
        var index = range.lowerBound
        let end = range.upperBound
        while index < end {
            let byte = bytes[index]
            index &+= 1
            guard byte == ASCII.equals else {
                output.append(byte)
                continue
            }
            if index < end, bytes[index] == ASCII.lineFeed {
                index &+= 1
                if index == end {
                    // The value ends with the sign of a line that never came.
                    output.append(ASCII.equals)
                    isBad = true
                } else if bytes[index].isBlank {
                    joins.append(output.count)
                }
                continue
            }
            guard index &+ 1 < end, let high = bytes[index].hexValue, let low = bytes[index &+ 1].hexValue else {
                output.append(ASCII.equals)
                isBad = true
                continue
            }
            index &+= 2
            append(high << 4 | low, nextIsLineFeed: startsLineFeed(bytes, index, end), to: &output)
        }
        return isBad
    }

    /// A carriage return ends a line: with the line feed that follows, or instead of it.
    private static func append(_ byte: UInt8, nextIsLineFeed: Bool, to output: inout [UInt8]) {
        if byte == ASCII.carriageReturn {
            if !nextIsLineFeed { output.append(ASCII.lineFeed) }
        } else {
            output.append(byte)
        }
    }

    private static func startsLineFeed(_ bytes: [UInt8], _ index: Int, _ end: Int) -> Bool {
        var start = index
        if start &+ 1 < end, bytes[start] == ASCII.equals, bytes[start &+ 1] == ASCII.lineFeed { start &+= 2 }
        return start &+ 2 < end && bytes[start] == ASCII.equals && bytes[start &+ 1] == 0x30
            && bytes[start &+ 2].uppercased == 0x41
    }

    /// Removes blanks at `joins` that stand within a character.
    static func healed(_ bytes: [UInt8], joins: [Int]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var start = 0
        for join in joins where join > 0 && join + 1 < bytes.count {
            guard bytes[join - 1] >= 0x80, bytes[join + 1] & 0xC0 == 0x80 else { continue }
            result += bytes[start..<join]
            start = join + 1
        }
        guard start > 0 else { return nil }
        result += bytes[start...]
        return UTF8Check(result, 0..<result.count).isValid ? result : nil
    }
}
