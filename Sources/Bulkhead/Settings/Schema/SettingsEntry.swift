/// An effective value, as `config show` prints it: secrets are masked already.
package struct SettingsEntry: Hashable, Sendable {
    package static let mask = "***"

    /// As `providers.hatif.limits[0].per`.
    package var path: String
    package var text: String
    package var json: JSONText
    package var kinds: [ProviderKind] = []
    package var origin: SettingsOrigin = .standard

    static func all<Group: SettingsGroup>(of group: Group, at path: String) -> [SettingsEntry] {
        Group.fields.flatMap { field in
            field.entries(group, path.key(field.key.name)).map { entry in
                var entry = entry
                if !field.key.kinds.isEmpty { entry.kinds = field.key.kinds }
                return entry
            }
        }
    }
}

/// Where an effective value comes from.
package enum SettingsOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Lines and columns count from 1; columns in Unicode scalars.
    case file(name: String, line: Int, column: Int)
    case environment(String)
    /// Built in.
    case standard

    package var description: String {
        switch self {
        case .file(let name, let line, _): "\(name):\(line)"
        case .environment(let name): "env \(name)"
        case .standard: "default"
        }
    }
}
