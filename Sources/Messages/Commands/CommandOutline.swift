/// An assign or unassign command in structured mode as it stands in its bytes, without a copy of any part.
///
/// Only the usual form is read: ASCII text without escapes, no attributes of the producer's own, no precondition. Anything
/// else, wrong or not, is left to the tree of ``JSON``, which can say what is wrong. It takes a quarter of the tree's time.
package struct CommandOutline: Sendable {
    // Ranges of the bytes that were read; empty where there is nothing, as no text may be.

    package private(set) var provider = 0..<0
    /// Empty for ``Command/defaultAccount``.
    package private(set) var account = 0..<0
    private var campaign = 0..<0
    private var id = 0..<0
    private var source = 0..<0
    private var subject = 0..<0
    private var correlationID = 0..<0
    private var traceparent = 0..<0
    private var tracestate = 0..<0
    private var conversation = 0..<0
    private var assignee = 0..<0

    private var index = 0
    private var hasVersion = false
    private var hasUpperCase = false
    private var type: MessageType?
    private var assigneeKind: AssigneeKind?
    private var priority: Priority?
    private var time: Timestamp?
    private var expiry: Timestamp?
    private var contact: ContactIdentifier?

    /// Reads the bytes where the tree would give the same command; `nil` when it takes the tree to know.
    package init?(_ bytes: Span<UInt8>) {
        guard envelope(bytes) else { return nil }
        skipSpace(bytes)
        guard index == bytes.count, hasVersion, let type, !id.isEmpty, !source.isEmpty, !provider.isEmpty,
            conversation.isEmpty != (contact == nil), (type == .assign) == (assigneeKind != nil)
        else { return nil }
    }

    /// Whether the command says that it is bulk work.
    package var isBulk: Bool { priority == .bulk || !campaign.isEmpty }

    /// What the command asks for.
    ///
    /// - Parameter bytes: those that were read, as for all that takes them.
    package func action(_ bytes: Span<UInt8>) -> Command.Action {
        let target: Target
        if let contact {
            target = .contact(contact)
        } else {
            let id = bytes.extracting(conversation).ascii
            target = .conversation(hasUpperCase ? id.lowercased() : id)
        }
        switch assigneeKind {
        case .user: return .assign(target, .user(bytes.extracting(assignee).ascii))
        case .email: return .assign(target, .email(bytes.extracting(assignee).ascii))
        case .aiAgent: return .assign(target, .aiAgent(bytes.extracting(assignee).ascii))
        case nil: return .unassign(target)
        }
    }

    /// - Parameter attributes: what is known of the event without its value.
    func command(_ bytes: Span<UInt8>, _ attributes: EventAttributes) -> Command {
        var event = attributes
        // The names are constants, so that a command's type costs no memory.
        event.type = type?.rawValue ?? ""
        event.id = bytes.extracting(id).ascii
        event.source = bytes.extracting(source).ascii
        if let time { event.time = time }
        if let expiry { event.expiry = expiry }
        if !subject.isEmpty { event.subject = bytes.extracting(subject).ascii }
        if !correlationID.isEmpty { event.correlationID = bytes.extracting(correlationID).ascii }
        if !traceparent.isEmpty { event.traceparent = bytes.extracting(traceparent).ascii }
        if !tracestate.isEmpty { event.tracestate = bytes.extracting(tracestate).ascii }
        if let priority { event.priority = priority }
        return Command(
            event: event,
            provider: bytes.extracting(provider).ascii,
            account: account.isEmpty ? Command.defaultAccount : bytes.extracting(account).ascii,
            action: action(bytes),
            campaign: campaign.isEmpty ? nil : bytes.extracting(campaign).ascii
        )
    }

    // MARK: Objects

    private enum Attribute: String, CaseIterable {
        case specversion, type, source, id, time, subject, datacontenttype, correlationid, expirytime, traceparent
        case tracestate, priority, data
    }

    private enum Field: String, CaseIterable {
        case provider, account, conversation, contact, assignee, campaign
    }

    private enum AssigneeKind: String, CaseIterable {
        case user, email, aiAgent
    }

    private static let attributeNames = PackedNames<Attribute>()
    private static let fieldNames = PackedNames<Field>()
    private static let assigneeNames = PackedNames<AssigneeKind>()

    private mutating func envelope(_ bytes: Span<UInt8>) -> Bool {
        skipSpace(bytes)
        guard take(UInt8(ascii: "{"), bytes) else { return false }
        var seen: UInt32 = 0
        repeat {
            guard let attribute = name(bytes, Self.attributeNames, &seen) else { return false }
            if attribute == .data {
                guard data(bytes) else { return false }
            } else if !isNull(bytes) {
                guard let range = text(bytes), !range.isEmpty, read(attribute, range, bytes) else { return false }
            }
        } while goesOn(bytes)
        return take(UInt8(ascii: "}"), bytes)
    }

    private mutating func read(_ attribute: Attribute, _ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        let isTraceState = attribute == .tracestate
        guard range.count <= (isTraceState ? EventAttributes.maximumTraceLength : EventAttributes.maximumLength) else {
            return false
        }
        let text = bytes.extracting(range)
        switch attribute {
        case .specversion: hasVersion = text.equals("1.0")
        case .type:
            type = text.equals(MessageType.assign.rawValue) ? .assign : nil
            if text.equals(MessageType.unassign.rawValue) { type = .unassign }
        case .source: source = range
        case .id: id = range
        case .time:
            time = Timestamp(text)
            return time != nil
        case .subject: subject = range
        case .datacontenttype: return text.equals("application/json")
        case .correlationid: correlationID = range
        case .expirytime:
            expiry = Timestamp(text)
            return expiry != nil
        case .traceparent: traceparent = range
        case .tracestate: tracestate = range
        case .priority:
            priority = Priority(rawValue: text.ascii)
            return priority != nil
        case .data: return false
        }
        return true
    }

    private mutating func data(_ bytes: Span<UInt8>) -> Bool {
        guard take(UInt8(ascii: "{"), bytes) else { return false }
        var seen: UInt32 = 0
        repeat {
            guard let field = name(bytes, Self.fieldNames, &seen) else { return false }
            switch field {
            case .assignee:
                guard assignee(bytes) else { return false }
            case .account where isNull(bytes), .campaign where isNull(bytes):
                break
            default:
                guard let range = text(bytes), read(field, range, bytes) else { return false }
            }
        } while goesOn(bytes)
        return take(UInt8(ascii: "}"), bytes)
    }

    private mutating func read(_ field: Field, _ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        let text = bytes.extracting(range)
        switch field {
        case .provider, .account, .campaign:
            guard (1...128).contains(text.count), !text.contains(UInt8(ascii: "/")) else { return false }
        case .conversation, .contact, .assignee: break
        }
        switch field {
        case .provider: provider = range
        case .account: account = range
        case .campaign: campaign = range
        case .conversation:
            conversation = range
            return isConversationID(text, &hasUpperCase)
        case .contact:
            contact = ContactIdentifier(text: text.ascii)
            return contact != nil
        case .assignee: return false
        }
        return true
    }

    private mutating func assignee(_ bytes: Span<UInt8>) -> Bool {
        guard take(UInt8(ascii: "{"), bytes) else { return false }
        var seen: UInt32 = 0
        guard let kind = name(bytes, Self.assigneeNames, &seen), let range = text(bytes) ?? integer(bytes),
            (1...256).contains(range.count), kind != .email || isAddress(bytes.extracting(range).ascii)
        else { return false }
        assigneeKind = kind
        assignee = range
        skipSpace(bytes)
        return take(UInt8(ascii: "}"), bytes)
    }

    // MARK: Tokens

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index &+= 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index &+= 1
        return true
    }

    /// Whether another member follows.
    private mutating func goesOn(_ bytes: Span<UInt8>) -> Bool {
        skipSpace(bytes)
        return take(UInt8(ascii: ","), bytes)
    }

    /// A member's name and what stands between it and the value; `nil` for an unknown name and for one seen before.
    private mutating func name<Name>(
        _ bytes: Span<UInt8>,
        _ names: PackedNames<Name>,
        _ seen: inout UInt32
    ) -> Name? {
        skipSpace(bytes)
        guard take(UInt8(ascii: "\""), bytes) else { return nil }
        var packed: UInt128 = 0
        let rest = bytes.extracting(droppingFirst: index)
        for offset in rest.indices {
            let byte = rest[offset]
            guard byte != UInt8(ascii: "\"") else {
                index &+= offset
                break
            }
            // Of a name that is too long the first bytes are lost, but none of the others is zero, as in all known names.
            guard byte >= 0x20 else { return nil }
            packed = packed &<< 8 | UInt128(byte)
        }
        guard take(UInt8(ascii: "\""), bytes), let (name, bit) = names[packed], seen & bit == 0 else { return nil }
        seen |= bit
        skipSpace(bytes)
        guard take(UInt8(ascii: ":"), bytes) else { return nil }
        skipSpace(bytes)
        return name
    }

    /// Where the content of a text in ASCII without escapes is; nothing is taken of any other value.
    private mutating func text(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        let start = index &+ 1
        let rest = bytes.extracting(droppingFirst: start)
        for offset in rest.indices {
            let byte = rest[offset]
            if byte == UInt8(ascii: "\"") {
                index = start &+ offset &+ 1
                return start..<start &+ offset
            }
            guard byte &- 0x20 < 0x5F, byte != UInt8(ascii: "\\") else { return nil }
        }
        return nil
    }

    /// Where a number of at most 18 digits is.
    private mutating func integer(_ bytes: Span<UInt8>) -> Range<Int>? {
        let start = index
        while index < bytes.count, isDigit(bytes[index]) { index &+= 1 }
        let range = start..<index
        guard (1...18).contains(range.count), range.count == 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
        return range
    }

    /// Takes a `null`, where one stands.
    private mutating func isNull(_ bytes: Span<UInt8>) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "n"), bytes.count - index >= 4,
            bytes.extracting(index..<index + 4).equals("null")
        else { return false }
        index &+= 4
        return true
    }
}

/// Names of at most 15 ASCII characters, each packed into one number for comparison.
private struct PackedNames<Name: CaseIterable & RawRepresentable<String> & Sendable>: Sendable {
    private let entries: [(packed: UInt128, name: Name)]
    /// Where in `entries` a name is to be looked for first, by ``slot(_:)``.
    private let slots: [Int]

    init() {
        let entries = Name.allCases.map { ($0.rawValue.utf8.reduce(0) { $0 << 8 | UInt128($1) }, $0) }
        var slots = [Int](repeating: 0, count: 64)
        for (index, entry) in entries.enumerated().reversed() { slots[Self.slot(entry.0)] = index }
        self.entries = entries
        self.slots = slots
    }

    private static func slot(_ packed: UInt128) -> Int {
        let mixed = UInt64(truncatingIfNeeded: packed) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 58)
    }

    /// The name, and a bit that no other one has.
    subscript(packed: UInt128) -> (Name, bit: UInt32)? {
        for index in slots[Self.slot(packed)]..<entries.count where entries[index].packed == packed {
            return (entries[index].name, 1 << index)
        }
        return nil
    }
}

extension Span<UInt8> {
    /// Bytes that are known to be ASCII, as text.
    fileprivate var ascii: String {
        do throws(Unicode.UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: self))
        } catch {
            return ""
        }
    }

    fileprivate func equals(_ text: String) -> Bool {
        let other = text.utf8Span.span
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    fileprivate func contains(_ byte: UInt8) -> Bool {
        for index in indices where self[index] == byte { return true }
        return false
    }
}
