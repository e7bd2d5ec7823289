import Yams

/// The settings file as nodes with their places.
struct SettingsDocument {
    /// `nil` for a file without content or with a syntax error.
    var root: SettingsNode?
    var problems: [SettingsProblem] = []

    private let file: String

    init(text: String, file: String) {
        self.file = file
        var source = RepeatedKeys(text: text)
        // Yams stops at the first mapping with a repeated key; the key is put out of the way and the rest read, too.
        while true {
            do {
                // libyaml reads from the string's own storage, which short strings keep inside the value.
                let padded = source.text + String(repeating: "\n", count: 32)
                let node = try Parser(yaml: padded, encoding: .utf8).singleRoot()
                root = node.flatMap { self.node($0, at: "", key: nil, source) }
                return
            } catch YamlError.duplicatedKeysInMapping(_, let context) where source.rename(at: context.mark) {
                continue
            } catch {
                problems += source.places.keys.map { place in
                    SettingsProblem(.duplicateKey(firstLine: place.line), key: "", origin: origin(place))
                }
                problems.append(problem(of: error, in: text))
                return
            }
        }
    }

    private func origin(_ place: RepeatedKeys.Place) -> SettingsOrigin {
        .file(name: file, line: place.line, column: place.column)
    }

    private func origin(_ mark: Mark?) -> SettingsOrigin {
        .file(name: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    /// - Parameter key: where the node's key stands.
    private mutating func node(
        _ node: Node,
        at path: String,
        key: SettingsOrigin?,
        _ source: RepeatedKeys
    ) -> SettingsNode? {
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return SettingsNode(
                origin: isNull ? key ?? origin(scalar.mark) : origin(scalar.mark),
                content: .scalar(SettingsNode.Scalar(text: scalar.string, isNull: isNull))
            )
        case .sequence(let sequence):
            let items = sequence.enumerated().compactMap { self.node($1, at: path.index($0), key: nil, source) }
            return SettingsNode(origin: key ?? origin(sequence.mark), content: .sequence(items))
        case .mapping(let mapping):
            let members = members(of: mapping, at: path, source)
            return SettingsNode(origin: key ?? origin(mapping.mark), content: .mapping(members))
        case .alias:
            // The parser puts the anchored node in the place of its aliases.
            return nil
        }
    }

    private mutating func members(
        of mapping: Node.Mapping,
        at path: String,
        _ source: RepeatedKeys
    ) -> [SettingsNode.Member] {
        var members: [SettingsNode.Member] = []
        var merged: [SettingsNode.Member] = []
        var repeated: [String: Int] = [:]
        for (key, value) in mapping {
            let place = origin(key.mark)
            guard let name = key.scalar?.string else {
                problems.append(
                    SettingsProblem(.value(found: "keys", allowed: "text as a key"), key: path, origin: place)
                )
                continue
            }
            if let mark = key.mark, let original = source.name(of: name, at: mark) {
                repeated[original] = repeated[original] ?? mark.line
                continue
            }
            if let line = repeated[name] {
                problems.append(SettingsProblem(.duplicateKey(firstLine: line), key: path.key(name), origin: place))
            }
            guard let node = node(value, at: path.key(name), key: place, source) else { continue }
            // The merge key of YAML 1.1: what the mapping says itself stands above it.
            if name == "<<", key.scalar?.style == .plain {
                merged += (node.items ?? [node]).reversed().flatMap { $0.members ?? [] }
            } else {
                members.append(SettingsNode.Member(key: name, origin: place, node: node))
            }
        }
        var result: [SettingsNode.Member] = []
        var indices: [String: Int] = [:]
        for member in merged + members {
            if let index = indices[member.key] {
                result[index] = member
            } else {
                indices[member.key] = result.count
                result.append(member)
            }
        }
        return result
    }

    private func problem(of error: any Error, in text: String) -> SettingsProblem {
        switch error {
        case YamlError.scanner(let context, let reason, let mark, _),
            YamlError.parser(let context, let reason, let mark, _),
            YamlError.composer(let context, let reason, let mark, _):
            // What is open at the end of the text is told there, and not in the padding behind it.
            let last = text.count { $0.isNewline } + 1
            let place =
                mark.line <= last ? origin(mark) : SettingsOrigin.file(name: file, line: last, column: 1)
            let start = context.map { "\($0.text) in line \(min($0.mark.line, last)): " } ?? ""
            return SettingsProblem(.syntax(reason: start + reason), key: "", origin: place)
        case YamlError.duplicatedKeysInMapping(_, let context):
            return SettingsProblem(.syntax(reason: "duplicate key"), key: "", origin: origin(context.mark))
        case YamlError.reader(let reason, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            return SettingsProblem(
                .syntax(reason: reason),
                key: "",
                origin: .file(name: file, line: line, column: column)
            )
        default:
            return SettingsProblem(.syntax(reason: "it cannot be read"), key: "", origin: origin(nil))
        }
    }
}
