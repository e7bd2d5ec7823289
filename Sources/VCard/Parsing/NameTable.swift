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

    /// Bytes beyond the last that fits only raise the count, so that no longer name equals a shorter one.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        let upper = UInt64(byte.uppercased)
        if count < 8 {
            first = first &<< 8 | upper
        } else if count < 16 {
            second = second &<< 8 | upper
        } else if count < 24 {
            third = third &<< 8 | upper
        }
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
struct NameTable<Value: Sendable>: Sendable {
    private var keys: [NameKey]
    private var values: [Value?]
    private static var size: Int { 1_024 }

    init(_ entries: [(String, Value)]) {
        keys = Array(repeating: NameKey(), count: Self.size)
        values = Array(repeating: nil, count: Self.size)
        for (name, value) in entries {
            let key = NameKey(name)
            var slot = key.slot
            while values[slot] != nil { slot = (slot &+ 1) % Self.size }
            keys[slot] = key
            values[slot] = value
        }
    }

    @inline(__always)
    subscript(key: NameKey) -> Value? {
        var slot = key.slot
        while let value = values[slot] {
            if keys[slot] == key { return value }
            slot = (slot &+ 1) % Self.size
        }
        return nil
    }
}
