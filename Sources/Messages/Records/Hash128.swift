/// A 128-bit hash that is the same in every process and version, for remembering many command ids in little memory.
///
/// FNV-1a with the 128-bit offset basis and prime (RFC 9923). It is no defence against a producer that makes
/// collisions on purpose: such a one can only hide commands of its own making.
package struct Hash128: Hashable, Sendable {
    package private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    package init() {}

    package init(value: UInt128) {
        self.value = value
    }

    /// The hash of a command and its replay.
    package init(source: String, id: String, replay: Int) {
        combine(source)
        combine(id)
        combine(String(replay))
    }

    /// Adds the text and a byte that UTF-8 never has, so that moving a border between two texts changes the hash.
    package mutating func combine(_ text: String) {
        for byte in text.utf8 { combine(byte: byte) }
        combine(byte: 0xFF)
    }

    package mutating func combine(byte: UInt8) {
        value = (value ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
    }
}
