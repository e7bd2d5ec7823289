/// What loading found: settings to run with, or the reasons why there are none.
package struct LoadedSettings: Sendable {
    /// `nil` while there are problems.
    package var settings: Settings?
    /// In the order of the file, then of the environment.
    package var problems: [SettingsProblem]
    /// Allowed, and still worth a look.
    package var notes: [SettingsProblem] = []
    /// Where each key that is set stands; keys that are not here have their defaults.
    package var origins: [String: SettingsOrigin] = [:]
    /// The file that was read, if any.
    package var file: String?
    /// Every effective value, secrets masked.
    package var entries: [SettingsEntry] = []

    init(problems: [SettingsProblem]) {
        self.problems = problems.sorted { $0.position < $1.position }
    }

    init(
        values: Settings,
        problems: [SettingsProblem],
        notes: [SettingsProblem],
        origins: [String: SettingsOrigin],
        file: String?
    ) {
        self.init(problems: problems)
        self.settings = problems.isEmpty ? values : nil
        self.notes = notes.sorted { $0.position < $1.position }
        self.origins = origins
        self.file = file
        entries = SettingsEntry.all(of: values, at: "").compactMap { entry in
            var entry = entry
            entry.origin = origins[entry.path] ?? .standard
            guard !entry.kinds.isEmpty else { return entry }
            // `providers.<name>.…`, where names hold no dots.
            let name = entry.path.split(separator: ".").dropFirst().first.map { String($0) } ?? ""
            let kind = values.providers[name]?.kind
            return kind.map { entry.kinds.contains($0) } == true ? entry : nil
        }
    }

    package enum Format: Hashable, Sendable {
        /// Columns for people: key, value, origin.
        case table
        /// One JSON object.
        case json
    }

    /// The effective settings with their origins, secrets masked, one line each or as JSON on one line.
    package func show(format: Format, width: Int? = nil, colors: Bool = false) -> [String] {
        switch format {
        case .table:
            var table = Table(["Key", "Value", "Origin"])
            for entry in entries {
                table.append([
                    Table.Cell(entry.path),
                    Table.Cell(entry.text.isEmpty ? "(empty)" : entry.text),
                    Table.Cell(entry.origin.description, entry.origin == .standard ? .dim : .cyan),
                ])
            }
            return table.lines(width: width, colors: colors)
        case .json:
            let settings = entries.map { entry in
                JSONText.members([
                    "key": .text(entry.path),
                    "value": entry.json,
                    "origin": .text(entry.origin.description),
                    "variable": .text(EnvironmentName.variable(of: entry.path)),
                ])
            }
            return [JSONText.members(["file": file.map { .text($0) } ?? .null, "settings": .array(settings)]).line]
        }
    }
}
