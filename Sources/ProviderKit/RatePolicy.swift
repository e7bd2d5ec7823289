import RawStructuredFieldValues

/// One window of a provider's limits as `RateLimit-Policy` announces it.
package struct RatePolicy: Hashable, Sendable {
    /// What `RateLimit` calls this window; `nil` in the draft's earlier form.
    package var name: String?
    package var requests: Int
    /// The window's length; `nil` when it is not said.
    package var window: Duration?

    package init(name: String? = nil, requests: Int, window: Duration?) {
        self.name = name
        self.requests = requests
        self.window = window
    }

    /// Reads `"name";q=100;w=60` and, of earlier versions, `100;w=60`.
    ///
    /// Policies that count something else than requests (`qu="content-bytes"`) are left out.
    static func announced(_ value: String?) -> [RatePolicy] {
        guard let value else { return [] }
        return StructuredMember.list(value).compactMap { member in
            if case .string(let unit)? = member.parameters["qu"], unit != "requests" { return nil }
            let window = member.parameters["w"]?.count.map { Duration.seconds($0) }
            if let requests = member.value?.count { return RatePolicy(requests: requests, window: window) }
            guard let requests = member.parameters["q"]?.count else { return nil }
            return RatePolicy(name: member.value?.text, requests: requests, window: window)
        }
    }
}

/// What `RateLimit` says of the present window.
struct RateState {
    var name: String?
    var limit: Int?
    var remaining: Int
    var resetSeconds: Int?

    /// Reads `"name";r=50;t=30` and, of earlier versions, `limit=100, remaining=50, reset=5`.
    ///
    /// - Returns: of several windows the one that blocks first.
    static func tightest(of value: String?) -> RateState? {
        guard let value else { return nil }
        let states = StructuredMember.list(value).compactMap { member -> RateState? in
            guard let remaining = member.parameters["r"]?.count else { return nil }
            return RateState(
                name: member.value?.text,
                remaining: remaining,
                resetSeconds: member.parameters["t"]?.count
            )
        }
        if !states.isEmpty {
            return states.min { ($0.remaining, -($0.resetSeconds ?? 0)) < ($1.remaining, -($1.resetSeconds ?? 0)) }
        }
        let fields = StructuredMember.dictionary(value)
        guard let remaining = fields["remaining"]?.count else { return nil }
        return RateState(limit: fields["limit"]?.count, remaining: remaining, resetSeconds: fields["reset"]?.count)
    }
}

/// A member of a structured field (RFC 9651); a field that breaks the grammar anywhere has none, as section 4.2 asks.
private struct StructuredMember {
    var value: RFC9651BareItem?
    var parameters: OrderedMap<String, RFC9651BareItem>

    /// Far more than any honest server sends, and little to parse.
    private static let maximumBytes = 4_096

    static func list(_ text: String) -> [StructuredMember] {
        guard text.utf8.count <= maximumBytes else { return [] }
        var parser = StructuredFieldValueParser(Array(text.utf8))
        guard let members = try? parser.parseListFieldValue() else { return [] }
        return members.compactMap { member in
            guard case .item(let item) = member else { return nil }
            return StructuredMember(value: item.rfc9651BareItem, parameters: item.rfc9651Parameters)
        }
    }

    static func dictionary(_ text: String) -> [String: RFC9651BareItem] {
        guard text.utf8.count <= maximumBytes else { return [:] }
        var parser = StructuredFieldValueParser(Array(text.utf8))
        guard let members = try? parser.parseDictionaryFieldValue() else { return [:] }
        var result: [String: RFC9651BareItem] = [:]
        for (key, member) in members {
            if case .item(let item) = member { result[key] = item.rfc9651BareItem }
        }
        return result
    }
}

extension RFC9651BareItem {
    /// A number that counts something, at most 10⁹.
    fileprivate var count: Int? {
        guard case .integer(let value) = self, value >= 0 else { return nil }
        return Int(min(value, 1_000_000_000))
    }

    fileprivate var text: String? {
        switch self {
        case .string(let text), .token(let text): text
        default: nil
        }
    }
}
