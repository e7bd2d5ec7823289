/// Loads the settings whole, before the first connection, and finds every problem in one go.
package enum SettingsLoader {
    /// The file that is read when neither `--config` nor `BULKHEAD_CONFIG` names one, if it is there.
    package static let standardPath = "bulkhead.yaml"

    /// - Parameter path: the file; `nil` is `BULKHEAD_CONFIG`, else ``standardPath`` where that exists, else no file.
    /// - Parameter readFile: reads the settings file and the files of `${file:…}`.
    package static func load(
        path: String?,
        environment: [String: String],
        readFile: @escaping (String) throws(SettingsFileError) -> String = SettingsFile.read
    ) -> LoadedSettings {
        let named = path ?? environment["BULKHEAD_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let file = named ?? standardPath
        let name = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
        var problems: [SettingsProblem] = []
        var root: SettingsNode?
        var isRead = false
        do {
            let document = SettingsDocument(text: try readFile(file), file: name)
            isRead = true
            root = document.root
            problems = document.problems
        } catch {
            if named != nil || error != .missing {
                let origin = SettingsOrigin.standard
                problems.append(
                    SettingsProblem(.unreadable(reason: "\(name) \(error.reason)"), key: "", origin: origin)
                )
            }
        }
        // Without the file's keys, everything in it would be reported as missing.
        let isWhole = !problems.contains(where: \.stopsReading)
        let origin = isRead ? SettingsOrigin.file(name: name, line: 1, column: 1) : .standard
        var merged = root ?? SettingsNode(origin: origin, content: .mapping([]))

        var overrides = EnvironmentOverrides(keys: Settings.keys)
        overrides.apply(environment, to: &merged)
        problems += overrides.problems
        guard isWhole else { return LoadedSettings(problems: problems) }

        var settings = Settings()
        let expansion = ReferenceExpansion(environment: environment, readFile: readFile)
        var reading = SettingsReading(expansion: expansion)
        reading.group(merged, at: "", into: &settings)
        complete(&settings, reading)
        let rules = SettingsRules(settings, reading)
        problems += reading.problems + rules.problems
        return LoadedSettings(
            values: settings,
            problems: problems,
            notes: rules.notes,
            origins: reading.origins,
            file: isRead ? name : nil
        )
    }

    /// Fills in what follows from a provider's name and kind, and takes back a default that an alias replaces.
    private static func complete(_ settings: inout Settings, _ reading: SettingsReading) {
        if settings.kafka["metadata.broker.list"] != nil, reading.origins["kafka.bootstrap.servers"] == nil {
            settings.kafka["bootstrap.servers"] = nil
        }
        for name in settings.providers.keys {
            let kind = settings.providers[name]?.kind ?? ProviderKind(rawValue: name)
            settings.providers[name]?.kind = kind
            if settings.providers[name]?.baseURL == nil { settings.providers[name]?.baseURL = kind?.baseURL }
        }
    }
}

extension SettingsProblem {
    /// Whether what the file holds is not known.
    fileprivate var stopsReading: Bool {
        switch cause {
        case .syntax, .unreadable: true
        default: false
        }
    }
}
