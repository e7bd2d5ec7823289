/// What the file and the environment say, before any key is known.
package struct SettingsNode {
    enum Content {
        case scalar(Scalar)
        case mapping([Member])
        case sequence([SettingsNode])
    }

    struct Scalar {
        /// As it is written, `${…}` not yet replaced.
        var text: String
        /// Nothing, `~` or `null`, without quotes.
        var isNull = false
        /// Whether `$` has no meaning: variables hold passwords as they are.
        var isLiteral = false
    }

    struct Member {
        var key: String
        var origin: SettingsOrigin
        var node: SettingsNode
    }

    /// Where the value stands; for mappings and lists where their key stands.
    var origin: SettingsOrigin
    var content: Content

    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    var members: [Member]? {
        switch content {
        case .mapping(let members): members
        case .scalar(let scalar) where scalar.isNull: []
        default: nil
        }
    }

    var items: [SettingsNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    subscript(key: String) -> SettingsNode? {
        members?.last { $0.key == key }?.node
    }

    /// What it is, for problems about its shape.
    ///
    /// Never the text itself: a secret may stand in the wrong place.
    var shape: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "text"
        case .mapping: "keys"
        case .sequence: "a list"
        }
    }
}
