/// A name of at most 24 ASCII characters in upper case, packed for comparison.
struct NameKey: Hashable, Sendable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private(set) var count = 0

    static let maxCount = 24

    @inline(__always)
    init() {}

    init(_ name: String) {
        for byte in name.utf8 { append(byte) }
    }

    @inline(__always)
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        for index in range { append(bytes[index]) }
    }

    /// Bytes beyond the last that fits push the first ones out, and the count tells that from a shorter name.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        let upper = UInt64(byte.uppercased)
        // The oldest bytes move on, which costs less than deciding where the new one goes.
        third = third &<< 8 | second &>> 56
        second = second &<< 8 | first &>> 56
        first = first &<< 8 | upper
        count &+= 1
    }

    @inline(__always)
    var slot: Int {
        let mixed =
            (first ^ (second &* 0x9E37_79B9_7F4A_7C15) ^ (third &* 0xC2B2_AE3D_27D4_EB4F)) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed &>> 54)
    }
}

/// Known names and what they stand for: an open hash table that never grows after it was made.
final class NameTable<Value: Sendable>: Sendable {
    private let entries: [(key: NameKey, value: Value)?]
    private static var size: Int { 1_024 }

    init(_ names: [(String, Value)]) {
        var entries = [(key: NameKey, value: Value)?](repeating: nil, count: Self.size)
        for (name, value) in names {
            let key = NameKey(name)
            var slot = key.slot
            while entries[slot] != nil { slot = (slot &+ 1) % Self.size }
            entries[slot] = (key, value)
        }
        self.entries = entries
    }

    @inline(__always)
    subscript(key: NameKey) -> Value? {
        var slot = key.slot
        while let entry = entries[slot] {
            if entry.key == key { return entry.value }
            slot = (slot &+ 1) % Self.size
        }
        return nil
    }
}
