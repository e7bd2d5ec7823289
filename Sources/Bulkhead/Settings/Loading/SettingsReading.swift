/// One pass over the settings: collects values' origins and every problem on the way.
struct SettingsReading {
    private(set) var problems: [SettingsProblem] = []
    /// Where each key that is set stands, groups included.
    private(set) var origins: [String: SettingsOrigin] = [:]
    /// Keys that are set and exist for some kinds of provider only.
    private(set) var restricted: [(path: String, kinds: [ProviderKind])] = []
    let expansion: ReferenceExpansion

    init(expansion: ReferenceExpansion) {
        self.expansion = expansion
    }

    mutating func add(_ cause: SettingsProblem.Cause, at path: String, _ origin: SettingsOrigin? = nil) {
        problems.append(SettingsProblem(cause, key: path, origin: origin ?? self.origin(of: path)))
    }

    /// Where the key stands, or the nearest key above it that is set.
    func origin(of path: String) -> SettingsOrigin {
        var path = path[...]
        while true {
            if let origin = origins[String(path)] { return origin }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
            path = path[..<end]
        }
        return origins[""] ?? .standard
    }

    mutating func group<Group: SettingsGroup>(_ node: SettingsNode, at path: String, into group: inout Group) {
        guard let members = members(node, at: path) else { return }
        let fields = Group.fields
        for member in members where !fields.contains(where: { $0.key.name == member.key }) {
            let near = Suggestion.nearest(to: member.key, in: fields.map(\.key.name))
            // A key that is not ours may hold anything, but its name is what was meant to be read.
            add(.unknownKey(suggestion: near), at: path.key(String(member.key.printable.prefix(80))), member.origin)
        }
        for field in fields {
            let below = path.key(field.key.name)
            let value = node[field.key.name]
            if let value, !field.key.kinds.isEmpty {
                origins[below] = value.origin
                restricted.append((below, field.key.kinds))
            }
            field.read(value, below, &group, &self)
        }
    }

    mutating func members(_ node: SettingsNode, at path: String) -> [SettingsNode.Member]? {
        origins[path] = node.origin
        guard let members = node.members else {
            add(.value(found: node.shape, allowed: "keys"), at: path)
            return nil
        }
        return members
    }

    mutating func items(_ node: SettingsNode, at path: String) -> [SettingsNode]? {
        origins[path] = node.origin
        guard let items = node.items, !items.isEmpty else {
            add(.value(found: node.items == nil ? node.shape : "an empty list", allowed: "a list"), at: path)
            return nil
        }
        return items
    }

    /// The value of a node, or `nil` with a problem added.
    mutating func value<Value>(_ node: SettingsNode, at path: String, _ codec: SettingsCodec<Value>) -> Value? {
        origins[path] = node.origin
        guard let scalars = scalars(of: node, isList: codec.isList) else {
            add(.value(found: node.shape, allowed: codec.allowed + codec.form), at: path)
            return nil
        }
        var parts: [String] = []
        for scalar in scalars {
            switch expansion.expand(scalar) {
            case .success(let part): parts.append(part)
            case .failure(let failure):
                add(.reference(reason: failure.reason), at: path)
                return nil
            }
        }
        if let value = codec.read(parts.joined(separator: ",")) { return value }
        // As it is written: what a reference led to may be a secret in the wrong place.
        let written = scalars.map(\.text).joined(separator: ",")
        add(.value(found: Self.shown(written, isSecret: codec.isSecret), allowed: codec.allowed + codec.form), at: path)
        return nil
    }

    private func scalars(of node: SettingsNode, isList: Bool) -> [SettingsNode.Scalar]? {
        switch node.content {
        case .scalar(let scalar): return scalar.isNull ? nil : [scalar]
        case .sequence(let items) where isList:
            var scalars: [SettingsNode.Scalar] = []
            for item in items {
                guard case .scalar(let scalar) = item.content, !scalar.isNull else { return nil }
                scalars.append(scalar)
            }
            return scalars
        default: return nil
        }
    }

    private static func shown(_ text: String, isSecret: Bool) -> String {
        // An address may hold a user name and password.
        if isSecret || (text.contains("://") && text.contains("@")) { return SettingsEntry.mask }
        let short = text.printable.cut(to: 60)
        return "\"\(short)\""
    }
}
