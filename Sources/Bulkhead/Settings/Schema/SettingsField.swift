/// One key of a group, tied to the property that holds its value.
///
/// The fields of all groups together are the one table from which the loader, `config show`, the names of environment
/// variables and the README's table come.
package struct SettingsField<Root> {
    package var key: SettingsKey
    /// Reads the node, `nil` when the key is not set, into the root.
    let read: (_ node: SettingsNode?, _ path: String, _ root: inout Root, _ reading: inout SettingsReading) -> Void
    /// The effective values below the path.
    let entries: (_ root: Root, _ path: String) -> [SettingsEntry]
}

extension SettingsField where Root: SettingsGroup {
    package static func value<Value>(
        _ name: String,
        _ property: WritableKeyPath<Root, Value>,
        _ codec: SettingsCodec<Value>,
        _ documentation: String
    ) -> SettingsField {
        let standard = codec.write(Root()[keyPath: property])
        let shape = SettingsKey.Value(allowed: codec.allowed, standard: standard, isLiteral: true)
        return SettingsField(
            key: SettingsKey(name: name, shape: .value(shape), kinds: [], documentation: documentation),
            read: { node, path, root, reading in
                guard let node, let value = reading.value(node, at: path, codec) else { return }
                root[keyPath: property] = value
            },
            entries: { root, path in
                let value = root[keyPath: property]
                return [SettingsEntry(path: path, text: codec.write(value), json: codec.json(value))]
            }
        )
    }

    /// A key without a default of its own.
    ///
    /// - Parameter absent: what holds when it is not set, in words.
    package static func optional<Value>(
        _ name: String,
        _ property: WritableKeyPath<Root, Value?>,
        _ codec: SettingsCodec<Value>,
        absent: String = "not set",
        isRequired: Bool = false,
        _ documentation: String
    ) -> SettingsField {
        let shape = SettingsKey.Value(
            allowed: codec.allowed,
            standard: isRequired ? "required" : absent,
            isLiteral: false,
            isRequired: isRequired,
            isSecret: codec.isSecret
        )
        return SettingsField(
            key: SettingsKey(name: name, shape: .value(shape), kinds: [], documentation: documentation),
            read: { node, path, root, reading in
                if let node, isRequired || !node.isNull {
                    guard let value = reading.value(node, at: path, codec) else { return }
                    root[keyPath: property] = value
                } else if isRequired {
                    reading.add(.missing(allowed: codec.allowed + codec.form), at: path)
                }
            },
            entries: { root, path in
                guard let value = root[keyPath: property] else {
                    return [SettingsEntry(path: path, text: "(\(absent))", json: .null)]
                }
                return [SettingsEntry(path: path, text: codec.write(value), json: codec.json(value))]
            }
        )
    }

    package static func group<Group: SettingsGroup>(
        _ name: String,
        _ property: WritableKeyPath<Root, Group>,
        _ documentation: String
    ) -> SettingsField {
        SettingsField(
            key: SettingsKey(name: name, shape: .group(Group.keys), kinds: [], documentation: documentation),
            read: { node, path, root, reading in
                guard let node else { return }
                reading.group(node, at: path, into: &root[keyPath: property])
            },
            entries: { root, path in SettingsEntry.all(of: root[keyPath: property], at: path) }
        )
    }

    package static func map<Element: SettingsGroup>(
        _ name: String,
        _ property: WritableKeyPath<Root, [String: Element]>,
        placeholder: String,
        _ documentation: String
    ) -> SettingsField {
        let shape = SettingsKey.Shape.map(placeholder: placeholder, Element.keys)
        return SettingsField(
            key: SettingsKey(name: name, shape: shape, kinds: [], documentation: documentation),
            read: { node, path, root, reading in
                guard let node, let members = reading.members(node, at: path) else { return }
                for member in members {
                    let below = path.key(member.key)
                    guard Self.isName(member.key) else {
                        reading.add(.name(allowed: "1 to 64 of a-z, A-Z, 0-9, _ and -"), at: below, member.origin)
                        continue
                    }
                    var element = Element()
                    reading.group(member.node, at: below, into: &element)
                    root[keyPath: property][member.key] = element
                }
            },
            entries: { root, path in
                root[keyPath: property].sorted { $0.key < $1.key }.flatMap {
                    SettingsEntry.all(of: $0.value, at: path.key($0.key))
                }
            }
        )
    }

    /// A list of groups; not set is something else than empty, which is refused.
    package static func list<Element: SettingsGroup>(
        _ name: String,
        _ property: WritableKeyPath<Root, [Element]?>,
        absent: String,
        _ documentation: String
    ) -> SettingsField {
        let shape = SettingsKey.Shape.list(Element.keys, absent: absent)
        return SettingsField(
            key: SettingsKey(name: name, shape: shape, kinds: [], documentation: documentation),
            read: { node, path, root, reading in
                guard let node, !node.isNull, let items = reading.items(node, at: path) else { return }
                root[keyPath: property] = items.enumerated().map { index, item in
                    var element = Element()
                    reading.group(item, at: path.index(index), into: &element)
                    return element
                }
            },
            entries: { root, path in
                guard let elements = root[keyPath: property] else {
                    return [SettingsEntry(path: path, text: "(\(absent))", json: .null)]
                }
                return elements.enumerated().flatMap { SettingsEntry.all(of: $1, at: path.index($0)) }
            }
        )
    }

    /// Names and texts that pass through; those set are put over the defaults.
    package static func properties(
        _ name: String,
        _ property: WritableKeyPath<Root, [String: String]>,
        isSecret: @escaping (String) -> Bool,
        _ documentation: String
    ) -> SettingsField {
        let shape = SettingsKey.Shape.properties(defaults: Root()[keyPath: property])
        return SettingsField(
            key: SettingsKey(name: name, shape: shape, kinds: [], documentation: documentation),
            read: { node, path, root, reading in
                guard let node, let members = reading.members(node, at: path) else { return }
                for member in members {
                    let codec: SettingsCodec<String> = .anyText(isSecret: isSecret(member.key))
                    guard let text = reading.value(member.node, at: path.key(member.key), codec) else { continue }
                    root[keyPath: property][member.key] = text
                }
            },
            entries: { root, path in
                root[keyPath: property].sorted { $0.key < $1.key }.map {
                    let shown = isSecret($0.key) ? SettingsEntry.mask : $0.value
                    return SettingsEntry(path: path.key($0.key), text: shown, json: .text(shown))
                }
            }
        )
    }

    /// The fields of a part that stand beside the root's own.
    ///
    /// - Parameter kinds: the kinds of provider that have them; empty is all.
    package static func lifted<Part: SettingsGroup>(
        _ part: WritableKeyPath<Root, Part>,
        for kinds: [ProviderKind] = []
    ) -> [SettingsField] {
        Part.fields.map { field in
            var key = field.key
            if !kinds.isEmpty { key.kinds = kinds }
            return SettingsField(
                key: key,
                read: { node, path, root, reading in field.read(node, path, &root[keyPath: part], &reading) },
                entries: { root, path in field.entries(root[keyPath: part], path) }
            )
        }
    }

    /// The same field, for some kinds of provider only.
    package func only(_ kinds: ProviderKind...) -> SettingsField {
        var field = self
        field.key.kinds = kinds
        return field
    }

    /// Names become parts of topics, entities and paths of settings, so they hold neither dots nor slashes.
    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }
}

extension UInt8 {
    var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

extension String {
    /// The path of a key below this one.
    func key(_ name: String) -> String { isEmpty ? name : "\(self).\(name)" }
    /// The path of an item of this list.
    func index(_ index: Int) -> String { "\(self)[\(index)]" }
}
