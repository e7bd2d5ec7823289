/// Remembers the cards of one import by hashes of their normalised fields (`reference/vcard.md` 6).
///
/// A card costs a fixed number of bytes whatever it holds. The hashes are this process's own and of 64 bits, so no file
/// can be made to collide, and among 100,000 cards one pair does with a probability of about one in four billion.
struct DuplicateIndex: Sendable {
    private var byUID: [UInt64: UInt32] = [:]
    private var byContent: [UInt64: UInt32] = [:]
    private var channels: Set<UInt64> = []
    private var remembered = 0
    private let maxCards: Int

    /// Whether a card was left out because the index was full.
    private(set) var isIncomplete = false

    enum Finding: Equatable {
        case new
        /// Another card has one of its phones or e-mail addresses: families and switchboards share them.
        case possible
        /// The number of the first card of its kind.
        case duplicate(Code, of: Int)
    }

    init(maxCards: Int) { self.maxCards = maxCards }

    /// Looks the contact up and, unless it is a duplicate, remembers it.
    mutating func insert(_ contact: Contact, card: Int) -> Finding {
        let uid = contact.uid.map { Self.hash($0, salt: 1) }
        if let uid, let first = byUID[uid] { return .duplicate(.duplicateUID, of: Int(first)) }
        let numbers = contact.phones.compactMap(\.e164)
        let addresses = contact.emails.map { Self.lowercased($0.address) }
        let content = Self.contentKey(numbers: numbers, addresses: addresses, name: contact.displayName)
        if let content, let first = byContent[content] { return .duplicate(.duplicateContent, of: Int(first)) }
        guard remembered < maxCards else {
            isIncomplete = true
            return .new
        }
        remembered += 1
        let number = UInt32(truncatingIfNeeded: card)
        if let uid { byUID[uid] = number }
        if let content { byContent[content] = number }
        return remember(numbers, addresses) ? .possible : .new
    }

    /// Whether one of the contact's channels was known before it came.
    private mutating func remember(_ numbers: [String], _ addresses: [String]) -> Bool {
        // A contact with many has said enough with the first: the index grows by a fixed size per card.
        var keys: [UInt64] = []
        for number in numbers.prefix(Self.maxChannels) { keys.append(Self.hash(number, salt: 2)) }
        for address in addresses.prefix(Self.maxChannels) { keys.append(Self.hash(address, salt: 2)) }
        var isKnown = false
        for (place, key) in keys.enumerated() where !channels.insert(key).inserted {
            // A contact that names one number twice is no duplicate of another for that.
            if !keys[..<place].contains(key) { isKnown = true }
        }
        return isKnown
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
