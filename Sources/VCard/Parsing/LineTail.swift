/// The last characters of a physical line, as many as `BEGIN:VCARD` has.
///
/// Kept for every line, stored or not, since a card may begin behind the middle of what another left unfinished.
struct LineTail: Sendable {
    static let count = 11

    private var last: UInt128 = 0
    private var length = 0

    private static let begin: UInt128 = "begin:vcard".utf8.reduce(0) { $0 &<< 8 | UInt128($1) }
    private static let mask: UInt128 = (1 &<< 88) &- 1
    /// The bit by which ASCII letters differ in case.
    ///
    /// The colon has it already.
    private static let lowerCase: UInt128 = (0..<11).reduce(0) { sum, _ in sum &<< 8 | 0x20 }

    @inline(__always)
    mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        let source = bytes.span
        var index = max(range.lowerBound, range.upperBound &- Self.count)
        while index < range.upperBound {
            last = last &<< 8 | UInt128(source[index])
            index &+= 1
        }
        length &+= range.count
    }

    /// Whether the line ends in BEGIN and has something before it.
    var endsInBegin: Bool { length > Self.count && matches }

    /// Whether the line is BEGIN.
    var isBegin: Bool { length == Self.count && matches }

    /// The colon is compared as it is: another byte becomes one by that bit.
    private var matches: Bool {
        (last & Self.mask) | Self.lowerCase == Self.begin && UInt8(truncatingIfNeeded: last &>> 40) == ASCII.colon
    }
}
