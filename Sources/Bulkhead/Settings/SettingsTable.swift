/// The table of all settings, as the README has it.
package enum SettingsTable {
    private struct Row {
        var path: String
        var allowed: String
        var standard: String
        var meaning: String
    }

    /// Markdown, a line for each key, ending in a line break.
    package static func markdown() -> String {
        let head = "| Key | Allowed | Default | Meaning |\n|---|---|---|---|\n"
        return rows(of: Settings.keys, below: "", kinds: []).reduce(into: head) { text, row in
            let cells = ["`\(row.path)`", row.allowed, row.standard, row.meaning].map {
                $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
            }
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
    }

    private static func rows(of keys: [SettingsKey], below path: String, kinds: [ProviderKind]) -> [Row] {
        keys.flatMap { key -> [Row] in
            let below = path.key(key.name)
            let kinds = key.kinds.isEmpty ? kinds : key.kinds
            let only = kinds.isEmpty ? "" : " (\(kinds.map(\.rawValue).joined(separator: ", ")))"
            switch key.shape {
            case .value(let value):
                let standard =
                    value.standard.isEmpty ? "empty" : value.isLiteral ? "`\(value.standard)`" : value.standard
                let secret = value.isSecret ? " Secret." : ""
                return [
                    Row(
                        path: below,
                        allowed: value.allowed,
                        standard: standard,
                        meaning: key.documentation + secret + only
                    )
                ]
            case .group(let keys):
                return rows(of: keys, below: below, kinds: kinds)
            case .map(let placeholder, let keys):
                let row = Row(path: below, allowed: "names", standard: "none", meaning: key.documentation + only)
                return [row] + rows(of: keys, below: below.key("<\(placeholder)>"), kinds: kinds)
            case .list(let keys, let absent):
                let row = Row(path: below, allowed: "a list", standard: absent, meaning: key.documentation + only)
                return [row] + rows(of: keys, below: "\(below)[]", kinds: kinds)
            case .properties(let defaults):
                let standard = defaults.sorted { $0.key < $1.key }.map { "`\($0.key): \($0.value)`" }
                return [
                    Row(
                        path: "\(below).*",
                        allowed: "text",
                        standard: standard.joined(separator: ", "),
                        meaning: key.documentation
                    )
                ]
            }
        }
    }
}
