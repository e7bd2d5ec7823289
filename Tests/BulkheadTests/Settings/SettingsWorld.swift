import Bulkhead
import Testing

/// A settings file, the files it refers to, and an environment: one test's own.
struct SettingsWorld {
    var yaml: String?
    var environment: [String: String] = [:]
    var files: [String: String] = [:]

    init(_ yaml: String?, environment: [String: String] = [:], files: [String: String] = [:]) {
        self.yaml = yaml
        self.environment = environment
        self.files = files
    }

    func load(path: String? = nil) -> LoadedSettings {
        var files = files
        files["bulkhead.yaml"] = yaml
        return SettingsLoader.load(path: path, environment: environment) { path throws(SettingsFileError) in
            guard let text = files[path] else { throw .missing }
            return text
        }
    }

    /// The problems, one line each.
    func problems() -> [String] { load().problems.map(\.description) }

    /// The settings; a problem fails the test.
    func settings(sourceLocation: SourceLocation = #_sourceLocation) throws -> Settings {
        let loaded = load()
        #expect(loaded.problems.map(\.description) == [], sourceLocation: sourceLocation)
        return try #require(loaded.settings, sourceLocation: sourceLocation)
    }

    /// A file with one provider of each kind and nothing wrong.
    static let example = """
        prefix: bulkhead
        kafka:
          bootstrap.servers: localhost:9092
        providers:
          hatif:
            kind: hatif
            baseURL: https://api.voxa.sa
            accounts:
              main: { clientID: abc, clientSecret: "${HATIF_SECRET}" }
            limits: [ { requests: 100, per: 60s, scope: account } ]
            concurrency: 16
            timeout: 30s
          aelyst:
            kind: aelyst
            accounts: { main: { token: "${AELYST_TOKEN}" } }
            limits: [ { requests: 5, per: 1s, scope: path } ]
          convor:
            kind: convor
            baseURL: https://convor.example
            accounts: { main: { token: "${CONVOR_KEY}" } }
            assign: { path: "/api/conversations/{id}/assign", field: operatorId }
        retry: { maxAttempts: 8, base: 1s, cap: 5m }
        lanes: { bulkShare: 0.1, maxRecordsPerPartition: 5000, maxBytes: 256MiB }
        admin: { listen: "127.0.0.1:8087" }

        """

    static let secrets = ["HATIF_SECRET": "s3cret-h", "AELYST_TOKEN": "s3cret-a", "CONVOR_KEY": "s3cret-c"]
}

/// SplitMix64: the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
