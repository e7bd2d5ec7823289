/// Card numbers by 64-bit hashes: twelve bytes a slot, at most three quarters of them taken.
///
/// The hashes are spread already, so they say where to look themselves.
struct CardTable: Sendable {
    /// Each grows by itself, so that there are never two copies of all of it.
    private var parts = Array(repeating: Part(), count: 16)

    subscript(hash: UInt64) -> UInt32? { parts[Self.part(of: hash)][hash] }

    /// Notes the card unless one before it has the same hash.
    mutating func insert(_ hash: UInt64, _ card: UInt32) { parts[Self.part(of: hash)].insert(hash, card) }

    /// By the highest bits; slots go by the lowest.
    private static func part(of hash: UInt64) -> Int { Int(hash &>> 60) }

    private struct Part: Sendable {
        /// 0 where a slot is free.
        private var hashes: [UInt64] = []
        private var cards: [UInt32] = []
        private var count = 0

        subscript(hash: UInt64) -> UInt32? {
            guard !hashes.isEmpty else { return nil }
            let slot = slot(of: hash)
            return hashes[slot] == 0 ? nil : cards[slot]
        }

        mutating func insert(_ hash: UInt64, _ card: UInt32) {
            if count &* 4 >= hashes.count &* 3 { grow() }
            let slot = slot(of: hash)
            if hashes[slot] == 0 {
                hashes[slot] = max(1, hash)
                cards[slot] = card
                count &+= 1
            } else if card < cards[slot] {
                cards[slot] = card
            }
        }

        /// Where the hash stands, or would stand.
        private func slot(of hash: UInt64) -> Int {
            let hash = max(1, hash)
            let slots = hashes.span
            let mask = slots.count &- 1
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0, slots[slot] != hash { slot = (slot &+ 1) & mask }
            return slot
        }

        private mutating func grow() {
            var larger = Part()
            let size = max(64, hashes.count * 2)
            larger.hashes = Array(repeating: 0, count: size)
            larger.cards = Array(repeating: 0, count: size)
            for (slot, hash) in hashes.enumerated() where hash != 0 { larger.insert(hash, cards[slot]) }
            self = larger
        }
    }
}
