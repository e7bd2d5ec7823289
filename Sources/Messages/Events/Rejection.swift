/// Why a record is not a message, in a form that its producer can act on.
///
/// Nothing in it is personal data: free text appears as its type and length only.
package struct Rejection: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path of the field, as `data.assignee.user`; `value` is the record's value as a whole.
    package var field: String
    package var found: String
    package var allowed: String
    /// What could be read of the record in spite of it, so that it can have an outcome.
    package var salvaged = Salvage()

    package init(_ field: String, found: String, allowed: String) {
        self.field = field
        self.found = found
        self.allowed = allowed
    }

    package var reason: String { "\(field): found \(found), allowed: \(allowed)" }
    package var description: String { reason }

    /// The readable parts of a record that was rejected.
    package struct Salvage: Hashable, Sendable {
        package var id: String?
        package var source: String?
        package var type: String?
        package var subject: String?
        package var correlationID: String?
        package var traceparent: String?
        package var tracestate: String?
        package var provider: String?
        package var account: String?
        package var campaign: String?

        package init() {}
    }
}

extension Rejection {
    static func missing(_ field: String, allowed: String) -> Rejection {
        Rejection(field, found: "nothing", allowed: allowed)
    }

    static func wrong(_ field: String, _ value: JSON, allowed: String) -> Rejection {
        Rejection(field, found: value.kindDescription, allowed: allowed)
    }

    /// For values that come from a closed list or a fixed form, and may therefore be shown.
    static func unexpected(_ field: String, _ text: String, allowed: String) -> Rejection {
        Rejection(field, found: shown(text), allowed: allowed)
    }

    static func unknown(_ name: String, in path: String, allowed: String) -> Rejection {
        Rejection("\(path).\(self.name(name))", found: "an unknown field", allowed: allowed)
    }

    /// A name as part of a field's path, at most 64 characters of it; one without characters in quotes.
    static func name(_ name: String) -> String { name.isEmpty ? shown(name) : shortened(name) }

    /// The text in quotes, at most 64 characters of it.
    static func shown(_ text: String) -> String { "\"\(shortened(text))\"" }

    private static func shortened(_ text: String) -> String {
        let start = text.prefix(64)
        return start.endIndex == text.endIndex ? text : "\(start)…"
    }
}

extension JSON {
    /// The kind of value, without its content where that may be personal.
    var kindDescription: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): value.magnitude < 1000 ? "the number \(value)" : "an integer"
        case .number: "a number with a fraction or beyond 64 bits"
        case .string(let text): text.isEmpty ? "empty text" : "text of \(text.utf8.count) bytes"
        case .array(let elements): elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
        case .object(let members): members.isEmpty ? "an empty object" : "an object"
        }
    }
}
