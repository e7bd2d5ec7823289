/// What a command acts on, as the provider addresses it.
package enum Target: Hashable, Sendable {
    /// A conversation by its UUID, in lower case (Hatif, Convor).
    case conversation(String)
    /// A contact by `id:…`, `email:…` or `phone:+…` (Aelyst).
    case contact(ContactIdentifier)

    /// The last part of the entity's name, as `<provider>/<account>/<target>`.
    package var name: String {
        switch self {
        case .conversation(let id): id
        case .contact(let identifier): identifier.text
        }
    }
}

/// A contact as Aelyst addresses it (`reference/providers.md` 2.1).
package struct ContactIdentifier: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case id, email, phone
    }

    package var kind: Kind
    /// What follows the colon: decimal digits, an address, or `+` and digits.
    package var value: String

    package init(kind: Kind, value: String) {
        self.kind = kind
        self.value = value
    }

    package var text: String { "\(kind.rawValue):\(value)" }
}

/// Whom a conversation belongs to.
///
/// Provider ids are opaque text here; adapters convert them.
package enum Assignee: Hashable, Sendable {
    case user(String)
    case email(String)
    case aiAgent(String)
}
