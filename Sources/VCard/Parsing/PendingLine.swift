/// A logical line that is being put together from physical ones.
///
/// Its bytes stand at the end of the card's storage, from `start` on.
struct PendingLine {
    enum Stage {
        /// Before the colon.
        case head
        /// Behind it, stored.
        case value
        /// Base64 that is measured and not kept.
        case metered
        /// More than the limits allow: passed over up to the line's end.
        case dropped
    }

    var isActive = false
    var stage = Stage.head
    /// Indexes in storage: the first byte, the end of what comes before the colon, the value.
    var start = 0
    var headEnd = 0
    var valueStart = 0
    /// Physical line on which it begins, and the place of that line in the file.
    var number = 0
    var offset = 0
    var inQuotes = false
    /// Set once the bytes before the colon have been read into `property`.
    var isParsed = false
    var headOverflowed = false
    /// It was folded among its first bytes, which may be a mark and blanks.
    var isFoldedEarly = false
    var parametersDropped = false
    /// Set once the value is known to be text or base64, which a short line need not be asked.
    var isDecided = false
    var property = Property()
    var meter = Base64Meter()
    /// Bytes of the value, kept or not.
    var valueCount = 0
    /// The last byte that was passed over, blanks left out.
    var droppedEnd: UInt8 = 0
    /// The last physical line ended in a carriage return alone.
    var endedByReturn = false

    /// The physical line ended in `=`, so the next one is data whatever it looks like.
    var expectsSoftLine = false
    /// A physical line that may turn out not to belong here.
    var doubtful: Doubtful?
    /// Base64 that a blank line has ended.
    var isClosed = false

    /// A physical line, read into the end of storage, that is judged when it is complete.
    struct Doubtful {
        enum Reason {
            /// It follows a soft line break; only BEGIN and END of a card would end the value.
            case softBreak
            /// It follows base64 without being indented; only base64 goes on.
            case notIndented
        }

        var reason: Reason
        var start: Int
        var number: Int
        var offset: Int
    }

    /// A doubtful line is judged by no more bytes than these.
    static let doubtLimit = 4_096
    /// From here on a value is looked at before its line is complete, so that a photo is never stored.
    static let decisionThreshold = 4_096
}

/// Checks and measures base64 without keeping it.
struct Base64Meter: Hashable, Sendable {
    private var symbols = 0
    private var padding = 0
    private var isBroken = false
    /// The first eight symbols, six bits each.
    private var head: UInt64 = 0

    @inline(__always)
    mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        let table = Base64.symbols
        let source = bytes.span
        let values = table.span
        var index = range.lowerBound
        let end = min(range.upperBound, source.count)
        while index < end {
            let byte = source[index]
            index &+= 1
            let value = values[Int(byte)]
            if value < 64 {
                if padding > 0 { isBroken = true }
                if symbols < 8 { head |= UInt64(value) &<< (58 &- 6 &* UInt64(symbols)) }
                symbols &+= 1
            } else if value == Base64.padding {
                padding &+= 1
            } else if value != Base64.ignored {
                isBroken = true
            }
        }
    }

    /// Padding may be missing; a single symbol left over cannot be decoded.
    var content: BinaryContent {
        let remainder = symbols % 4
        let isValid = !isBroken && symbols > 0 && remainder != 1 && padding <= 2
        let bytes = symbols / 4 * 3 + (remainder == 0 ? 0 : remainder - 1)
        let isEmpty = symbols == 0 && padding == 0 && !isBroken
        return BinaryContent(bytes: bytes, isValid: isValid, isEmpty: isEmpty, format: format)
    }

    private var format: BinaryContent.Format {
        guard symbols >= 8 else { return .unknown }
        return switch head {
        case _ where head >> 40 == 0xFFD8FF: .jpeg
        case _ where head >> 32 == 0x8950_4E47: .png
        case _ where head >> 32 == 0x4749_4638: .gif
        case _ where head >> 32 == 0x5249_4646: .webP
        default: .unknown
        }
    }
}

/// The alphabet of RFC 4648 sections 4 and 5.
enum Base64 {
    static let padding: UInt8 = 64
    static let ignored: UInt8 = 65
    static let foreign: UInt8 = 255

    /// By byte: a symbol's value, or one of the marks above.
    static let symbols: [UInt8] = {
        var table = [UInt8](repeating: foreign, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, byte) in alphabet.utf8.enumerated() { table[Int(byte)] = UInt8(value) }
        table[Int(ASCII.hyphen)] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        table[Int(ASCII.equals)] = padding
        for byte in [ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn, ASCII.space] { table[Int(byte)] = ignored }
        return table
    }()

    /// The bytes of a short value; `nil` where it is broken.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var meter = Base64Meter()
        meter.add(Array(bytes), 0..<bytes.count)
        guard meter.content.isValid else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            let value = symbols[Int(byte)]
            guard value < 64 else { continue }
            bits = bits &<< 6 | UInt32(value)
            count &+= 6
            if count >= 8 {
                count &-= 8
                result.append(UInt8(truncatingIfNeeded: bits &>> UInt32(count)))
            }
        }
        return result
    }
}
