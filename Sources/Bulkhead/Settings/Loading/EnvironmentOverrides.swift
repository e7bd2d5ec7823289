/// Puts the `BULKHEAD_` variables over what the file says.
struct EnvironmentOverrides {
    private enum Step {
        case key(String)
        case item(Int)
    }

    let keys: [SettingsKey]
    private(set) var problems: [SettingsProblem] = []

    init(keys: [SettingsKey]) {
        self.keys = keys
    }

    mutating func apply(_ environment: [String: String], to root: inout SettingsNode) {
        let reserved = EnvironmentName.reserved.map(\.key)
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard name.hasPrefix(EnvironmentName.prefix), !reserved.contains(name),
                !EnvironmentName.isKubernetesService(name, value: value)
            else { continue }
            let tail = name.dropFirst(EnvironmentName.prefix.count)
            let origin = SettingsOrigin.environment(name)
            guard let steps = resolve(tail, in: keys, at: root) else {
                let near = Suggestion.nearest(to: name, in: reserved + variables(of: keys, at: root))
                problems.append(SettingsProblem(.unknownVariable(suggestion: near), key: "", origin: origin))
                continue
            }
            let scalar = SettingsNode.Scalar(text: value, isLiteral: true)
            set(SettingsNode(origin: origin, content: .scalar(scalar)), at: steps[...], in: &root)
        }
    }

    /// The steps to the key that a name stands for; the first that fits, as `_` may be the end of a part or a part of it.
    private func resolve(_ tail: Substring, in keys: [SettingsKey], at node: SettingsNode?) -> [Step]? {
        for key in keys {
            let name = EnvironmentName.part(key.name)
            if tail == name, case .value = key.shape { return [.key(key.name)] }
            guard tail.hasPrefix(name + "_") else { continue }
            let rest = tail.dropFirst(name.count + 1)
            if let steps = resolve(rest, below: key.shape, at: node?[key.name]) { return [.key(key.name)] + steps }
        }
        return nil
    }

    private func resolve(_ tail: Substring, below shape: SettingsKey.Shape, at node: SettingsNode?) -> [Step]? {
        switch shape {
        case .value:
            return nil
        case .group(let keys):
            return resolve(tail, in: keys, at: node)
        case .map(_, let keys):
            for member in node?.members ?? [] {
                let name = EnvironmentName.part(member.key) + "_"
                guard tail.hasPrefix(name) else { continue }
                if let steps = resolve(tail.dropFirst(name.count), in: keys, at: member.node) {
                    return [.key(member.key)] + steps
                }
            }
            // A name of which the file knows nothing: the shortest that leaves a key behind it.
            for end in tail.indices where tail[end] == "_" && end > tail.startIndex {
                if let steps = resolve(tail[tail.index(after: end)...], in: keys, at: nil) {
                    return [.key(tail[..<end].lowercased())] + steps
                }
            }
            return nil
        case .list(let keys, _):
            let digits = tail.prefix { $0.isASCII && $0.isNumber }
            let count = node?.items?.count ?? 0
            // One item more may follow the last.
            guard let index = Int(digits), index <= count, tail.dropFirst(digits.count).first == "_" else { return nil }
            let item = node?.items.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            return resolve(tail.dropFirst(digits.count + 1), in: keys, at: item).map { [.item(index)] + $0 }
        case .properties(let defaults):
            guard !tail.isEmpty else { return nil }
            let known = (node?.members ?? []).map(\.key) + defaults.keys.sorted()
            let name = known.first { EnvironmentName.part($0) == tail }
            return [.key(name ?? tail.lowercased().split(separator: "_").joined(separator: "."))]
        }
    }

    private func set(_ value: SettingsNode, at steps: ArraySlice<Step>, in node: inout SettingsNode) {
        guard let step = steps.first else {
            node = value
            return
        }
        let empty = SettingsNode(origin: value.origin, content: .scalar(SettingsNode.Scalar(text: "", isNull: true)))
        switch step {
        case .key(let key):
            // What is no mapping is reported as such when it is read.
            guard var members = node.members else { return }
            if let index = members.lastIndex(where: { $0.key == key }) {
                set(value, at: steps.dropFirst(), in: &members[index].node)
            } else {
                var below = empty
                set(value, at: steps.dropFirst(), in: &below)
                members.append(SettingsNode.Member(key: key, origin: value.origin, node: below))
            }
            node.content = .mapping(members)
        case .item(let index):
            guard var items = node.items ?? (node.isNull ? [] : nil) else { return }
            if items.indices.contains(index) {
                set(value, at: steps.dropFirst(), in: &items[index])
            } else {
                var below = empty
                set(value, at: steps.dropFirst(), in: &below)
                items.append(below)
            }
            node.content = .sequence(items)
        }
    }

    /// The variables of all keys, with the names that the settings have for providers, accounts and countries.
    private func variables(of keys: [SettingsKey], at node: SettingsNode?, prefix: String = "") -> [String] {
        keys.flatMap { key -> [String] in
            let path = prefix.key(key.name)
            let below = node?[key.name]
            switch key.shape {
            case .value: return [EnvironmentName.variable(of: path)]
            case .group(let keys): return variables(of: keys, at: below, prefix: path)
            case .map(_, let keys):
                return (below?.members ?? []).flatMap { variables(of: keys, at: $0.node, prefix: path.key($0.key)) }
            case .list(let keys, _):
                return (below?.items ?? []).enumerated().flatMap {
                    variables(of: keys, at: $1, prefix: path.index($0))
                }
            case .properties(let defaults):
                return defaults.keys.sorted().map { EnvironmentName.variable(of: path.key($0)) }
            }
        }
    }
}
