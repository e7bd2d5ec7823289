/// Reads assign and unassign commands in structured mode straight from their bytes.
///
/// Only the usual form is read: ASCII text without escapes, no attributes of the producer's own, no precondition. Anything
/// else, wrong or not, is left to the tree of ``JSON``, which can say what is wrong. It takes a quarter of the tree's time.
struct CommandReader {
    private var index = 0
    private var attributes: EventAttributes
    private var hasVersion = false
    private var type: MessageType?

    private var provider: String?
    private var account = Command.defaultAccount
    private var target: Target?
    private var assignee: Assignee?
    private var campaign: String?

    private init(_ attributes: EventAttributes) {
        self.attributes = attributes
    }

    /// The command that the bytes hold, where the tree would give the same one; `nil` when it takes the tree to know.
    ///
    /// - Parameter attributes: what is known of the event without its value.
    static func command(_ bytes: Span<UInt8>, _ attributes: EventAttributes) -> Command? {
        var reader = CommandReader(attributes)
        guard reader.envelope(bytes) else { return nil }
        reader.skipSpace(bytes)
        guard reader.index == bytes.count else { return nil }
        return reader.command
    }

    private var command: Command? {
        guard hasVersion, let type, !attributes.id.isEmpty, !attributes.source.isEmpty, let provider, let target else {
            return nil
        }
        let action: Command.Action
        switch (type, assignee) {
        case (.assign, let assignee?): action = .assign(target, assignee)
        case (.unassign, nil): action = .unassign(target)
        default: return nil
        }
        return Command(event: attributes, provider: provider, account: account, action: action, campaign: campaign)
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
                guard let range = text(bytes), !range.isEmpty, read(attribute, bytes.extracting(range)) else {
                    return false
                }
            }
        } while goesOn(bytes)
        return take(UInt8(ascii: "}"), bytes)
    }

    private mutating func read(_ attribute: Attribute, _ text: Span<UInt8>) -> Bool {
        let isTraceState = attribute == .tracestate
        guard text.count <= (isTraceState ? EventAttributes.maximumTraceLength : EventAttributes.maximumLength) else {
            return false
        }
        switch attribute {
        case .specversion: hasVersion = text.equals("1.0")
        case .type:
            // The names are constants, so that a command's type costs no memory.
            type = text.equals(MessageType.assign.rawValue) ? .assign : nil
            if text.equals(MessageType.unassign.rawValue) { type = .unassign }
            attributes.type = type?.rawValue ?? ""
        case .source: attributes.source = text.ascii
        case .id: attributes.id = text.ascii
        case .time:
            guard let time = Timestamp(text) else { return false }
            attributes.time = time
        case .subject: attributes.subject = text.ascii
        case .datacontenttype: return text.equals("application/json")
        case .correlationid: attributes.correlationID = text.ascii
        case .expirytime:
            guard let time = Timestamp(text) else { return false }
            attributes.expiry = time
        case .traceparent: attributes.traceparent = text.ascii
        case .tracestate: attributes.tracestate = text.ascii
        case .priority:
            guard let priority = Priority(rawValue: text.ascii) else { return false }
            attributes.priority = priority
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
                guard let range = text(bytes), read(field, bytes.extracting(range)) else { return false }
            }
        } while goesOn(bytes)
        return take(UInt8(ascii: "}"), bytes)
    }

    private mutating func read(_ field: Field, _ text: Span<UInt8>) -> Bool {
        switch field {
        case .provider, .account, .campaign:
            guard (1...128).contains(text.count), !text.contains(UInt8(ascii: "/")) else { return false }
        case .conversation, .contact:
            guard target == nil else { return false }
        case .assignee: return false
        }
        let text = text.ascii
        switch field {
        case .provider: provider = text
        case .account: account = text
        case .campaign: campaign = text
        case .conversation:
            target = conversationID(text).map(Target.conversation)
            return target != nil
        case .contact:
            target = ContactIdentifier(text: text).map(Target.contact)
            return target != nil
        case .assignee: return false
        }
        return true
    }

    private mutating func assignee(_ bytes: Span<UInt8>) -> Bool {
        guard take(UInt8(ascii: "{"), bytes) else { return false }
        var seen: UInt32 = 0
        guard let kind = name(bytes, Self.assigneeNames, &seen), let range = text(bytes) ?? integer(bytes),
            (1...256).contains(range.count)
        else { return false }
        let text = bytes.extracting(range).ascii
        switch kind {
        case .user: assignee = .user(text)
        case .aiAgent: assignee = .aiAgent(text)
        case .email:
            guard isAddress(text) else { return false }
            assignee = .email(text)
        }
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
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            // Of a name that is too long the first bytes are lost, but none of the others is zero, as in all known names.
            guard bytes[index] >= 0x20 else { return nil }
            packed = packed &<< 8 | UInt128(bytes[index])
            index &+= 1
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
        var end = start
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "\""):
                index = end &+ 1
                return start..<end
            case UInt8(ascii: "\\"), 0..<0x20, 0x7F...: return nil
            default: end &+= 1
            }
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

    init() {
        entries = Name.allCases.map { ($0.rawValue.utf8.reduce(0) { $0 << 8 | UInt128($1) }, $0) }
    }

    /// The name, and a bit that no other one has.
    subscript(packed: UInt128) -> (Name, bit: UInt32)? {
        for index in entries.indices where entries[index].packed == packed { return (entries[index].name, 1 << index) }
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
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    fileprivate func contains(_ byte: UInt8) -> Bool {
        for index in indices where self[index] == byte { return true }
        return false
    }
}
