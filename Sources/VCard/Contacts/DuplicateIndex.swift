/// Remembers the cards of one import by hashes of their normalised fields (`reference/vcard.md` 6).
///
/// A card costs a fixed number of bytes whatever it holds. The hashes are this process's own and of 64 bits, so no file
/// can be made to collide, and among 100,000 cards one pair does with a probability of about one in four billion.
///
/// Only cards with a lower number count against a card, so that reading a card again finds what the first time found.
package struct DuplicateIndex: Sendable {
    /// By hash of a UID, of a content or of a channel: the number of the first card that has it.
    private var cards: [UInt64: UInt32] = [:]
    private var remembered = 0
    private let maxCards: Int

    /// Whether a card was left out because the index was full.
    package private(set) var isIncomplete = false

    enum Finding: Equatable {
        case new
        /// Another card has one of its phones or e-mail addresses: families and switchboards share them.
        case possible
        /// The number of the first card of its kind.
        case duplicate(Code, of: Int)
    }

    package init(maxCards: Int = VCardLimits().rememberedCards) { self.maxCards = maxCards }

    package var isFull: Bool { remembered >= maxCards }

    /// Looks the contact up and, unless it is a duplicate, remembers it.
    mutating func insert(_ contact: Contact, card: Int) -> Finding {
        let number = UInt32(truncatingIfNeeded: card)
        let uid = contact.uid.map { Self.hash($0, salt: 1) }
        if let first = first(uid, before: number) { return .duplicate(.duplicateUID, of: first) }
        let numbers = contact.phones.compactMap(\.e164)
        let addresses = contact.emails.map { Self.lowercased($0.address) }
        let content = Self.contentKey(numbers: numbers, addresses: addresses, name: contact.displayName)
        if let first = first(content, before: number) { return .duplicate(.duplicateContent, of: first) }
        let channels = Self.channelKeys(numbers, addresses)
        let isPossible = channels.contains { first($0, before: number) != nil }
        // Nothing to be found by, or read again.
        guard let key = uid ?? content ?? channels.first, cards[key] != number else {
            return isPossible ? .possible : .new
        }
        if isFull {
            isIncomplete = true
        } else {
            remembered += 1
            for key in [uid, content].compactMap(\.self) + channels where cards[key, default: .max] > number {
                cards[key] = number
            }
        }
        return isPossible ? .possible : .new
    }

    private func first(_ key: UInt64?, before number: UInt32) -> Int? {
        guard let key, let first = cards[key], first < number else { return nil }
        return Int(first)
    }

    /// A contact with many channels has said enough with the first: the index grows by a fixed size per card.
    private static func channelKeys(_ numbers: [String], _ addresses: [String]) -> [UInt64] {
        var keys: [UInt64] = []
        keys.reserveCapacity(min(numbers.count, maxChannels) + min(addresses.count, maxChannels))
        for number in numbers.prefix(maxChannels) { keys.append(hash(number, salt: 2)) }
        for address in addresses.prefix(maxChannels) { keys.append(hash(address, salt: 2)) }
        return keys
    }

    /// Most addresses are in lower case already, and a look is cheaper than a copy.
    private static func lowercased(_ text: String) -> String {
        text.utf8.contains { $0 >= 0x80 || 0x41...0x5A ~= $0 } ? text.lowercased() : text
    }

    private static let maxChannels = 8

    /// `nil` without a number or an address: a name alone is shared by too many.
    private static func contentKey(numbers: [String], addresses: [String], name: String) -> UInt64? {
        let channels = numbers.isEmpty ? addresses : numbers
        guard !channels.isEmpty else { return nil }
        var sum: UInt64 = 0
        if channels.count <= maxChannels {
            for (place, channel) in channels.enumerated() where !channels[..<place].contains(channel) {
                sum &+= hash(channel, salt: 3)
            }
        } else {
            for channel in Set(channels) { sum &+= hash(channel, salt: 3) }
        }
        var hasher = Hasher()
        hasher.combine(sum)
        hasher.combine(NameFolding.hash(name))
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private static func hash(_ text: String, salt: UInt8) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(salt)
        hasher.combine(text)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
