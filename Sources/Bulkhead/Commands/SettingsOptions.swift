internal import ArgumentParser
internal import Foundation

/// Where the settings come from; the same for every command that needs them.
struct SettingsOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Settings file; else $BULKHEAD_CONFIG, else ./bulkhead.yaml where it exists.")
    var config: String?

    func loaded() -> LoadedSettings {
        SettingsLoader.load(path: config, environment: ProcessInfo.processInfo.environment)
    }

    /// The settings; every problem at once and exit code 2 when there are any.
    func settings() throws -> Settings {
        let loaded = loaded()
        guard let settings = loaded.settings else {
            throw Failure(.usage, lines: loaded.problems.map(\.description))
        }
        return settings
    }
}
