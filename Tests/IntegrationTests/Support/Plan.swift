/// What an installation is made of.
struct Plan: Sendable {
    struct Provider: Sendable {
        var name: String
        /// Each has a partition of its own.
        var accounts: [String]
        /// What the worker is told and the simulator enforces.
        var requests = 100_000
        var perMilliseconds = 1_000
        var scope = "account"
        /// Answers come after so long.
        var latencyMilliseconds = 0
        var concurrency = 8
        var timeout = "20s"
        /// More lines of YAML.
        var extra: [String] = []
    }

    var providers: [Provider]
    /// More of librdkafka's settings, as lines of YAML.
    var kafka: [String] = []
    /// Partitions of every topic but the compacted ones.
    var partitions = 4
    /// More top-level lines of YAML.
    var extra: [String] = []

    init(_ providers: Provider..., extra: [String] = []) {
        self.providers = providers
        self.extra = extra
    }

    var lanes: [SampleCommand.Lane] {
        providers.flatMap { provider in
            provider.accounts.map { SampleCommand.Lane(provider: provider.name, account: $0) }
        }
    }

    var topics: [String] {
        ["commands", "imports", "results", "failures", "dead-letters", "dead-letters.parked"].map { "bulkhead.\($0)" }
            + laneTopics
            + providers.map { "bulkhead.lane.\($0.name).parked" }
    }

    var laneTopics: [String] {
        providers.flatMap { ["bulkhead.lane.\($0.name).live", "bulkhead.lane.\($0.name).bulk"] }
    }

    var brokerArguments: [String] {
        let arguments = topics.flatMap { ["--topic", "\($0):\(partitions)"] }
        return ["broker", "--control", "0"] + arguments + [
            "--topic", "bulkhead.control:1", "--topic", "bulkhead.status:1",
        ]
    }

    var simulatorArguments: [String] {
        ["simulate", "--port", "0"]
            + providers.flatMap { provider in
                [
                    "--limit", "\(provider.name):\(provider.requests)/\(provider.perMilliseconds)ms:\(provider.scope)",
                    "--latency", "\(provider.name):\(provider.latencyMilliseconds)ms",
                ]
            }
    }

    func settings(bootstrapServers: String, simulator: String) -> String {
        var lines = [
            "kafka:", "  bootstrap.servers: \(bootstrapServers)", "  session.timeout.ms: 4000",
            "  heartbeat.interval.ms: 1000",
        ]
        lines += kafka.map { "  \($0)" }
        lines += [
            "topics: { partitions: { commands: \(partitions), imports: \(partitions), lanes: \(partitions), "
                + "outcomes: \(partitions) } }",
            "admin: { listen: \"127.0.0.1:0\" }",
            "log: { level: debug }",
            "providers:",
        ]
        for provider in providers {
            lines += [
                "  \(provider.name):",
                "    baseURL: \(simulator)/\(provider.name)",
                "    concurrency: \(provider.concurrency)",
                "    timeout: \(provider.timeout)",
                "    limits: [{ requests: \(provider.requests), per: \(provider.perMilliseconds)ms, "
                    + "scope: \(provider.scope) }]",
            ]
            if provider.name == "convor" {
                lines.append("    assign: { path: \"/api/conversations/{id}/assign\", field: operatorId }")
            }
            lines += provider.extra.map { "    \($0)" }
            lines.append("    accounts:")
            for (index, account) in provider.accounts.enumerated() {
                let credential =
                    provider.name == "hatif"
                    ? "clientID: \(account), clientSecret: \(Self.secret(provider.name, account))"
                    : "token: \(Self.secret(provider.name, account))"
                lines.append("      \(account): { \(credential), partition: \(index % partitions) }")
            }
        }
        return (lines + extra).joined(separator: "\n") + "\n"
    }

    /// What must never be read anywhere.
    static func secret(_ provider: String, _ account: String) -> String { "hush-\(provider)-\(account)" }

    /// Every secret of the installation, and what the simulator's tokens begin with.
    var secrets: [String] { lanes.map { Self.secret($0.provider, $0.account) } + ["simulated-"] }

    /// How the simulator names an account: by what it shows for itself.
    static func credential(_ lane: SampleCommand.Lane) -> String {
        lane.provider == "hatif" ? lane.account : secret(lane.provider, lane.account)
    }
}
