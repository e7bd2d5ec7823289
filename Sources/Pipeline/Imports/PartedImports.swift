internal import Messages
internal import VCard

/// The imports of a partition that come in parts: where each began, and what its cards so far are known by.
///
/// Duplicates are told over all parts of an import that stand in one partition. What the cards are known by stays in this
/// process, up to ``VCardLimits/rememberedCards`` of an import; a successor reads the earlier parts again, from the place
/// that travels with the commits.
struct PartedImports: Sendable {
    private struct Entry: Sendable {
        let key: UInt128
        /// Offset of the first part.
        let first: Int64
        var isOver = false
        var cards: DuplicateIndex?
    }

    /// What the parts before one have left.
    enum Earlier {
        case known(DuplicateIndex)
        /// They stand from this offset on and have to be read again.
        case unread(from: Int64)
        /// The part is the first that was met.
        case none
    }

    /// The latest at the end.
    private var entries: [Entry] = []

    /// More imports than this seldom share a partition at the same time; the earlier parts of others are forgotten.
    static let capacity = 4

    init() {}

    static func key(of command: ImportCommand) -> UInt128 {
        Hash128(source: command.event.source, id: command.id, replay: 0).value
    }

    /// Begins a part that stands at `offset`, taking out what is known of those before it.
    mutating func begin(_ command: ImportCommand, at offset: Int64) -> Earlier {
        let key = Self.key(of: command)
        var entry = Entry(key: key, first: offset)
        if let place = entries.firstIndex(where: { $0.key == key }) {
            let known = entries.remove(at: place)
            // The first part again behind the last one is the whole import again.
            if known.first < offset, !(known.isOver && command.part.index == 1) { entry = known }
        }
        let cards = entry.cards
        entry.cards = nil
        entries.append(entry)
        if entries.count > Self.capacity { entries.removeFirst() }
        if let cards { return .known(cards) }
        return entry.first < offset ? .unread(from: entry.first) : .none
    }

    /// Ends a part whose cards are stored.
    mutating func end(_ command: ImportCommand, _ cards: DuplicateIndex) {
        let key = Self.key(of: command)
        guard let place = entries.firstIndex(where: { $0.key == key }) else { return }
        if command.part.last { entries[place].isOver = true }
        entries[place].cards = entries[place].isOver ? nil : cards
    }

    // MARK: Commits

    /// The text that travels with a commit; `nil` when there is nothing to say.
    var encoded: String? {
        guard !entries.isEmpty else { return nil }
        let parts = entries.map { entry in
            JSON.object([
                JSON.Member("import", .string(String(entry.key, radix: 16))),
                JSON.Member("first", .integer(entry.first)),
                JSON.Member("over", .bool(entry.isOver)),
            ])
        }
        return String(decoding: JSON.object([JSON.Member("parts", .array(parts))]).encoded, as: UTF8.self)
    }

    /// Nothing for text that is not ours.
    init(_ text: String?) {
        guard let text, let json = try? JSON(parsing: Array(text.utf8)) else { return }
        for item in json["parts"]?.elements?.suffix(Self.capacity) ?? [] {
            guard let key = item["import"]?.text.flatMap({ UInt128($0, radix: 16) }),
                let first = item["first"]?.integerValue, first >= 0
            else { continue }
            entries.append(Entry(key: key, first: first, isOver: item["over"]?.boolValue ?? false))
        }
    }
}
