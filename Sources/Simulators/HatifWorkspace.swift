/// One Hatif workspace: what one client id sees.
struct HatifWorkspace: Sendable {
    struct Conversation: Sendable {
        let id: String
        var assignment = Assignment()
        var closed = false
        let channel: Int
        var contactID: String
        var contactName: String?
        var phone: String
        var lastActivity: Int64
    }

    struct Channel: Sendable {
        let id: String
        var name: String
        var phone: String
        var members: [Int] = []
    }

    struct User: Sendable {
        /// Id of the membership; equal to `userID` for AI agents.
        let id: String
        let userID: String
        let name: String
        let isAIAgent: Bool
    }

    struct Contact: Sendable {
        struct Edit: Sendable {
            var property: String
            var old: String?
            var new: String?
            var time: Int64
        }

        let id: String
        var name: String
        var phone: String
        var email: String?
        var company: String?
        var position: String?
        var notes: [String] = []
        /// The card that it was imported from, as it was sent.
        var card: String?
        let created: Int64
        var edits: [Edit] = []
    }

    private(set) var conversations: [Conversation] = []
    private var places: [String: Int] = [:]
    private(set) var channels: [Channel] = []
    let users: [User]
    private(set) var contacts: [Contact?] = []
    private var contactPlaces: [String: Int] = [:]
    private(set) var contactCount = 0
    /// Every card of every import, as it was sent.
    var cards: [String] = []
    private let number: UInt32

    init(number: UInt32) {
        self.number = number
        let people = (1...5).map { index in
            User(
                id: Self.id(kind: 1, number, index),
                userID: Self.id(kind: 2, number, index),
                name: "Agent \(index)",
                isAIAgent: false
            )
        }
        let agents = (1...2).map { index in
            let id = Self.id(kind: 3, number, index)
            return User(id: id, userID: id, name: "AI agent \(index)", isAIAgent: true)
        }
        users = people + agents
        grow(channels: 1)
    }

    /// A UUID that says what it belongs to, the same in every run.
    private static func id(kind: Int, _ workspace: UInt32, _ number: Int) -> String {
        func hex(_ value: Int, _ width: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "3a1a\(hex(kind, 4))-\(hex(Int(workspace & 0xFFFF), 4))-4000-8000-\(hex(number, 12))"
    }

    func channel(_ id: String) -> Int? { channels.firstIndex { $0.id == id } }

    mutating func grow(channels count: Int) {
        while channels.count < count {
            let next = channels.count + 1
            let channel = Channel(
                id: Self.id(kind: 4, number, next),
                name: "Line \(next)",
                phone: "+9661100\(String(10_000 + next).dropFirst())"
            )
            channels.append(channel)
        }
    }

    func place(of conversation: String) -> Int? { places[conversation] }

    /// Adds a conversation; without an id it is given the next one.
    mutating func open(id: String? = nil, channel: Int, phone: String? = nil, name: String? = nil, now: Int64) -> Int {
        let place = conversations.count
        let id = id ?? Self.id(kind: 5, number, place + 1)
        let channel = channels.indices.contains(channel) ? channel : 0
        conversations.append(
            Conversation(
                id: id,
                channel: channel,
                contactID: Self.id(kind: 6, number, place + 1),
                contactName: name ?? phone,
                phone: phone ?? "+96650\(String(10_000_000 + place % 10_000_000).dropFirst())",
                lastActivity: now
            )
        )
        places[id] = place
        channels[channel].members.append(place)
        return place
    }

    mutating func update(_ place: Int, _ edit: (inout Conversation) -> Void) {
        edit(&conversations[place])
    }

    func contact(_ id: String) -> Contact? { contactPlaces[id].flatMap { contacts[$0] } }

    mutating func addContact(name: String, phone: String, now: Int64, _ edit: (inout Contact) -> Void) -> Contact {
        let id = Self.id(kind: 7, number, contacts.count + 1)
        var contact = Contact(id: id, name: name, phone: phone, created: now)
        edit(&contact)
        contactPlaces[id] = contacts.count
        contacts.append(contact)
        contactCount += 1
        return contact
    }

    mutating func updateContact(_ contact: Contact) {
        guard let place = contactPlaces[contact.id] else { return }
        contacts[place] = contact
    }

    mutating func removeContact(_ id: String) -> Bool {
        guard let place = contactPlaces.removeValue(forKey: id) else { return false }
        contacts[place] = nil
        contactCount -= 1
        return true
    }
}
