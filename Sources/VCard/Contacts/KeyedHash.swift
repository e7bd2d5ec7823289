/// Hashes of 64 bits under keys that each process draws for itself, so that no file can be made to collide.
///
/// Folded multiplication, as wyhash does it: far less work than the library's hashing for texts as short as these.
enum KeyedHash {
    private static let seed = UInt64.random(in: .min ... .max)
    /// Odd, so that no bit of a factor is lost.
    private static let factor = UInt64.random(in: .min ... .max) | 1

    static var start: UInt64 { seed }

    /// Adds a word to a hash.
    @inline(__always)
    static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: factor)
        return product.high ^ product.low &+ hash
    }

    /// Equal for equal texts, canonical equivalence included.
    static func hash(_ text: String) -> UInt64 {
        let bytes = text.utf8Span.span
        var hash = mix(seed, UInt64(truncatingIfNeeded: bytes.count))
        var seen: UInt64 = 0
        var index = 0
        while index &+ 8 <= bytes.count {
            let word = bytes.word(at: index)
            seen |= word
            hash = mix(hash, word)
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest &<< 8 | UInt64(bytes[index])
            index &+= 1
        }
        seen |= rest
        guard seen & UInt64(eachByte: 0x80) == 0 else {
            // String hashing follows canonical equivalence, as == does.
            var hasher = Hasher()
            hasher.combine(text)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
        return mix(hash, rest)
    }
}
