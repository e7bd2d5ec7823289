/// How the bytes of a file become the UTF-8 that the line reader takes.
enum InputEncoding: Sendable {
    /// Too few bytes so far.
    case undecided([UInt8])
    /// Also everything that only resembles ASCII, as windows-1252 does.
    case utf8
    case utf16(UTF16Transcoder)

    static let decisiveCount = 3

    /// Goes by a byte order mark or, where a file is read on from a card, by the two bytes of `B`.
    ///
    /// The second value is the number of bytes that belong to the mark.
    static func decide(_ bytes: [UInt8]) -> (InputEncoding, Int) {
        let start = bytes.prefix(3)
        if start == [0xEF, 0xBB, 0xBF] { return (.utf8, 3) }
        switch (start.first, start.dropFirst().first) {
        case (0xFF, 0xFE): return (.utf16(UTF16Transcoder(isBigEndian: false)), 2)
        case (0xFE, 0xFF): return (.utf16(UTF16Transcoder(isBigEndian: true)), 2)
        case (0x42, 0), (0x62, 0): return (.utf16(UTF16Transcoder(isBigEndian: false)), 0)
        case (0, 0x42), (0, 0x62): return (.utf16(UTF16Transcoder(isBigEndian: true)), 0)
        default: return (.utf8, 0)
        }
    }
}

/// Turns UTF-16 into UTF-8 line by line, so that each line's place in the file stays known.
struct UTF16Transcoder: Sendable {
    private let isBigEndian: Bool
    private var firstByte: UInt8?
    private var highSurrogate: UInt16?
    private var text: [UInt8] = []
    /// Bytes of the file that `text` stands for.
    private var sourceCount = 0
    /// A character that begins the next piece.
    private var deferred: UInt16?

    private static let pieceSize = 4_096

    init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    /// Takes one byte; `true` when a piece is complete and must be taken before the next byte.
    mutating func add(_ byte: UInt8) -> Bool {
        guard let first = firstByte else {
            firstByte = byte
            return false
        }
        firstByte = nil
        let unit = isBigEndian ? UInt16(first) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(first)
        let followsReturn = text.last == ASCII.carriageReturn
        if followsReturn, unit != UInt16(ASCII.lineFeed) {
            deferred = unit
            return true
        }
        append(unit)
        return unit == UInt16(ASCII.lineFeed) || text.count >= Self.pieceSize && text.last != ASCII.carriageReturn
    }

    /// Ends the input, which may do so within a character.
    mutating func finish() {
        if firstByte != nil {
            firstByte = nil
            appendReplacement()
            sourceCount += 1
        }
        if highSurrogate != nil {
            highSurrogate = nil
            appendReplacement()
        }
    }

    /// The piece and the number of the file's bytes that it stands for.
    mutating func take() -> (text: [UInt8], sourceCount: Int) {
        let piece = (text, sourceCount)
        text = []
        sourceCount = 0
        if let unit = deferred {
            deferred = nil
            append(unit)
        }
        return piece
    }

    private mutating func append(_ unit: UInt16) {
        sourceCount += 2
        if let high = highSurrogate {
            highSurrogate = nil
            if UTF16.isTrailSurrogate(unit) {
                let scalar = 0x10000 + (UInt32(high) - 0xD800) << 10 + UInt32(unit) - 0xDC00
                return text.append(scalar: scalar)
            }
            appendReplacement()
        }
        if UTF16.isLeadSurrogate(unit) {
            highSurrogate = unit
        } else if UTF16.isTrailSurrogate(unit) {
            appendReplacement()
        } else {
            text.append(scalar: UInt32(unit))
        }
    }

    /// Half a character becomes bytes that are not UTF-8, so that its value is reported as one with invalid bytes.
    private mutating func appendReplacement() { text.append(0xFF) }
}

extension [UInt8] {
    /// Adds the UTF-8 form of `scalar`, which is below 0x110000 and no surrogate.
    mutating func append(scalar: UInt32) {
        func byte(_ value: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value) }
        switch scalar {
        case ..<0x80:
            append(byte(scalar))
        case ..<0x800:
            append(byte(0xC0 | scalar >> 6))
            append(byte(0x80 | scalar & 0x3F))
        case ..<0x10000:
            append(byte(0xE0 | scalar >> 12))
            append(byte(0x80 | scalar >> 6 & 0x3F))
            append(byte(0x80 | scalar & 0x3F))
        default:
            append(byte(0xF0 | scalar >> 18))
            append(byte(0x80 | scalar >> 12 & 0x3F))
            append(byte(0x80 | scalar >> 6 & 0x3F))
            append(byte(0x80 | scalar & 0x3F))
        }
    }
}
