/// Remembers the cards of one import by hashes of their normalised fields (`reference/vcard.md` 6).
///
/// A card costs a fixed number of bytes whatever it holds. The hashes are this process's own and of 64 bits, so no file
/// can be made to collide, and among 100,000 cards one pair does with a probability of about one in four billion.
///
/// Only cards with a lower number count against a card, so that reading a card again finds what the first time found.
package struct DuplicateIndex: Sendable {
    /// By hash of a UID, of a content or of a channel: the number of the first card that has it.
    private var cards = CardTable()
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
        let uid = contact.uid.map { KeyedHash.mix(KeyedHash.hash($0), 1) }
        if let first = first(uid, before: number) { return .duplicate(.duplicateUID, of: first) }
        let channels = Channels(contact)
        let content = channels.content(with: contact.displayName)
        if let first = first(content, before: number) { return .duplicate(.duplicateContent, of: first) }
        let keys = channels.remembered
        let isPossible = keys.contains { first($0, before: number) != nil }
        // Nothing to be found by, or read again.
        guard let key = uid ?? content ?? keys.first, cards[key] != number else {
            return isPossible ? .possible : .new
        }
        if isFull {
            isIncomplete = true
        } else {
            remembered += 1
            if let uid { cards.insert(uid, number) }
            if let content { cards.insert(content, number) }
            for key in keys { cards.insert(key, number) }
        }
        return isPossible ? .possible : .new
    }

    private func first(_ key: UInt64?, before number: UInt32) -> Int? {
        guard let key, let first = cards[key], first < number else { return nil }
        return Int(first)
    }
}

/// Hashes of a contact's numbers and behind them its addresses.
private struct Channels {
    private var hashes: [UInt64] = []
    private let numbers: Int

    /// A contact with many has said enough with the first: the index grows by a fixed size per card.
    private static let most = 8

    init(_ contact: Contact) {
        hashes.reserveCapacity(contact.phones.count + contact.emails.count)
        for phone in contact.phones { if let number = phone.e164 { hashes.append(KeyedHash.hash(number)) } }
        numbers = hashes.count
        for email in contact.emails { hashes.append(KeyedHash.hash(Self.lowercased(email.address))) }
    }

    /// Most addresses are in lower case already, and a look is cheaper than a copy.
    private static func lowercased(_ text: String) -> String {
        text.utf8.contains { $0 >= 0x80 || 0x41...0x5A ~= $0 } ? text.lowercased() : text
    }

    var remembered: ArraySlice<UInt64> {
        guard hashes.count > Self.most else { return hashes[...] }
        return hashes[..<min(numbers, Self.most)] + hashes[numbers...].prefix(Self.most)
    }

    /// A key of the set of numbers, or without any that of addresses, and the folded name.
    ///
    /// `nil` without a number or an address: a name alone is shared by too many.
    func content(with name: String) -> UInt64? {
        let set = numbers > 0 ? hashes[..<numbers] : hashes[...]
        guard !set.isEmpty else { return nil }
        var sum: UInt64 = 0
        if set.count <= Self.most {
            for (place, hash) in set.enumerated() where !set[..<place].contains(hash) { sum &+= KeyedHash.mix(hash, 2) }
        } else {
            for hash in Set(set) { sum &+= KeyedHash.mix(hash, 2) }
        }
        return KeyedHash.mix(sum, NameFolding.hash(name))
    }
}
