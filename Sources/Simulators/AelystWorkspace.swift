/// One Aelyst workspace: what one token sees.
struct AelystWorkspace: Sendable {
    struct User: Sendable {
        let id: Int
        let firstName: String
        let email: String
    }

    struct Contact: Sendable {
        let id: Int
        var assignment = Assignment()
        var closed = false
        let created: Int64
        /// Text fields by their name on the wire, as `firstName`.
        var fields: [String: String] = [:]
        var custom: [(name: String, value: JSON)] = []
        var lifecycle: String?
    }

    /// A contact as the path names it.
    enum Identifier: Hashable, Sendable {
        case id(Int)
        case email(String)
        case phone(String)

        init?(_ text: String) {
            let kind = text.prefix { $0 != ":" }
            let value = String(text.dropFirst(kind.count + 1))
            guard !value.isEmpty else { return nil }
            switch kind {
            case "id":
                guard let id = Int(value), id > 0 else { return nil }
                self = .id(id)
            case "email" where value.contains("@"): self = .email(value.lowercased())
            case "phone" where value.hasPrefix("+") && value.dropFirst().allSatisfy(\.isNumber): self = .phone(value)
            default: return nil
            }
        }
    }

    static let textFields = ["firstName", "lastName", "phone", "email", "language", "profilePic", "countryCode"]

    private(set) var contacts: [Int: Contact] = [:]
    /// The first contact with an address or number; later ones with the same are found by id only.
    private var first: [Identifier: Int] = [:]
    private var ordered: [Int] = []
    private var isOrdered = true
    private var nextID = 1
    private(set) var users: [User] = (1...5).map {
        User(id: $0, firstName: "Agent \($0)", email: "agent\($0)@example.com")
    }
    var customFields: [String] = ["Company", "Title"]

    /// Contact ids, lowest first.
    mutating func ids() -> [Int] {
        if !isOrdered {
            ordered.sort()
            isOrdered = true
        }
        return ordered
    }

    func find(_ identifier: Identifier) -> Contact? {
        switch identifier {
        case .id(let id): contacts[id]
        default: first[identifier].flatMap { contacts[$0] }
        }
    }

    mutating func add(_ identifier: Identifier, now: Int64) -> Contact {
        var id = nextID
        if case .id(let wanted) = identifier { id = wanted }
        var contact = Contact(id: id, created: now)
        switch identifier {
        case .id: contact.fields["firstName"] = "Contact \(id)"
        case .email(let email): contact.fields = ["firstName": email, "email": email]
        case .phone(let phone): contact.fields = ["firstName": phone, "phone": phone]
        }
        isOrdered = isOrdered && id > ordered.last ?? 0
        ordered.append(id)
        save(contact)
        nextID = max(nextID, id == .max ? 1 : id + 1)
        return contact
    }

    /// Adds a contact with the next id.
    mutating func add(now: Int64) -> Contact {
        add(.id(nextID), now: now)
    }

    mutating func save(_ contact: Contact) {
        contacts[contact.id] = contact
        let identifiers = [
            contact.fields["email"].map { Identifier.email($0.lowercased()) },
            contact.fields["phone"].map(Identifier.phone),
        ]
        for identifier in identifiers.compactMap(\.self) where first[identifier] == nil {
            first[identifier] = contact.id
        }
    }

    mutating func note(_ assignment: Assignment, of id: Int) {
        contacts[id]?.assignment = assignment
    }

    /// The user that an assignment names by id or e-mail; one that nobody heard of joins the workspace.
    mutating func user(id: Int?, email: String?) -> User {
        if let user = users.first(where: { $0.id == id || (email != nil && $0.email == email) }) { return user }
        let id = id ?? 900_000 + users.count
        let user = User(id: id, firstName: "Agent \(id)", email: email ?? "agent\(id)@example.com")
        users.append(user)
        return user
    }

    /// The user behind an interned assignee, `user:…` or `email:…`.
    func user(of assignee: (kind: Substring, id: Substring)?) -> User? {
        guard let assignee else { return nil }
        return users.first { assignee.kind == "user" ? String($0.id) == assignee.id : $0.email == assignee.id }
    }
}
