/// Integers of variable length, small ones in one byte (zigzag and LEB128).
struct VarintWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Nanoseconds as milliseconds after `base`, rounded up so that nothing comes free early; 0 stands for never.
    mutating func writeInstant(_ nanoseconds: Int64, base: Int64) {
        guard nanoseconds > base else { return write(0) }
        write((nanoseconds - base) / 1_000_000 + 1)
    }
}

struct VarintReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var left: Int { bytes.count - position }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func read() -> Int64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let next = byte(), shift < 64 {
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
            shift += 7
        }
        return nil
    }

    /// A count of things that take at least a byte each.
    mutating func count() -> Int? {
        guard let value = read(), value >= 0, value <= left else { return nil }
        return Int(value)
    }

    mutating func readInstant(base: Int64) -> Int64? {
        guard let milliseconds = read(), milliseconds >= 0 else { return nil }
        guard milliseconds > 0 else { return 0 }
        return base.clampedAdding(Instant(milliseconds: milliseconds).nanoseconds)
    }
}

/// CRC-32 as in zip and Ethernet (ISO 3309), bit by bit: commits are short and few.
func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return ~crc
}

private let base64URLAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

/// Base64url without padding (RFC 4648 section 5).
func base64URLEncoded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 4 / 3 + 3)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let count = min(3, bytes.count - start)
        var group: UInt32 = 0
        for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
        for digit in 0...count { text.append(base64URLAlphabet[Int(group >> UInt32(18 - 6 * digit) & 63)]) }
    }
    return String(decoding: text, as: UTF8.self)
}

func base64URLDecoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var group: UInt32 = 0
    var digits = 0
    for character in text.utf8 {
        let value: UInt8
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): value = 62
        case UInt8(ascii: "_"): value = 63
        default: return nil
        }
        group = group << 6 | UInt32(value)
        digits += 1
        guard digits == 4 else { continue }
        for shift in [16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: group >> shift)) }
        group = 0
        digits = 0
    }
    switch digits {
    case 0: break
    case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
    case 3:
        bytes.append(UInt8(truncatingIfNeeded: group >> 10))
        bytes.append(UInt8(truncatingIfNeeded: group >> 2))
    default: return nil
    }
    return bytes
}
