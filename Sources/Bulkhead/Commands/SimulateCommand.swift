internal import ArgumentParser
internal import Messages
internal import Simulators

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Serves the APIs of Hatif, Aelyst and Convor on one port, for trying things out and for tests.",
        discussion: """
            Prints `url=http://127.0.0.1:PORT` on its first line; the APIs are below /hatif, /aelyst and /convor. Limits are \
            enforced and every call is audited against them. What it holds, and faults on demand, are below /control: \
            GET /control/stats, POST /control/faults, PUT /control/limits and others (see the documentation).
            """
    )

    @Option(help: "Port on the loopback address; 0 takes a free one.") var port = 8_090
    @Option(
        name: .customLong("limit"),
        help:
            "A provider's limit, as PROVIDER:REQUESTS/PER[:SCOPE], for example hatif:50/1s:account; may be given again."
    )
    var limits: [String] = []
    @Option(
        name: .customLong("latency"),
        help: "Time a provider takes to answer, as PROVIDER:DURATION; may be given again."
    )
    var latencies: [String] = []
    @Flag(help: "Counts calls beyond the limits, but does not refuse them.") var auditOnly = false
    @Option(help: "How long Hatif's tokens are valid.") var tokenLifetime = "1h"
    @Flag(help: "Knows only the conversations and contacts it was given.") var strict = false
    @Flag(help: "Prints one JSON object instead of the line.") var json = false

    func run() async throws {
        var configuration = SimulatorConfiguration()
        configuration.port = port
        configuration.strict = strict
        configuration.tokenLifetime = try Self.duration(tokenLifetime, "--token-lifetime")
        configuration.limits = try Self.policies(limits, auditOnly: auditOnly)
        for text in latencies {
            let parts = text.split(separator: ":").map(String.init)
            guard parts.count == 2, let provider = SimulatedProvider(rawValue: parts[0]) else {
                throw Failure(.usage, "--latency: found \"\(text)\", allowed: PROVIDER:DURATION")
            }
            let latency = try Self.duration(parts[1], "--latency")
            configuration.latency[provider] = latency...latency
        }
        let simulator = Simulator(configuration)
        let bound: Int
        do {
            bound = try await simulator.start(port: port)
        } catch {
            throw Failure(
                .failed,
                "Port \(port) cannot be served: \(error)",
                "Choose another one with --port, or 0 for a free one."
            )
        }
        let url = "http://127.0.0.1:\(bound)"
        try await serveUntilStopped(json ? JSONText.members(["url": .text(url)]).line : "url=\(url)")
        await simulator.stop()
    }

    static func policies(_ texts: [String], auditOnly: Bool) throws -> [SimulatedProvider: LimitPolicy] {
        var policies: [SimulatedProvider: LimitPolicy] = [:]
        if auditOnly {
            for provider in SimulatedProvider.allCases {
                policies[provider] = .standard(of: provider)
                policies[provider]?.enforcement = .off
            }
        }
        var seen: Set<SimulatedProvider> = []
        for text in texts {
            let parts = text.split(separator: ":").map(String.init)
            let rate = parts.count > 1 ? parts[1].split(separator: "/").map(String.init) : []
            guard (2...3).contains(parts.count), let provider = SimulatedProvider(rawValue: parts[0]), rate.count == 2,
                let requests = Int(rate[0]), requests > 0,
                let scope = SimulatedLimit.Scope(rawValue: parts.count > 2 ? parts[2] : "account")
            else {
                throw Failure(
                    .usage,
                    "--limit: found \"\(text)\", allowed: PROVIDER:REQUESTS/PER[:account|endpoint|path]"
                )
            }
            let limit = SimulatedLimit(requests: requests, per: try duration(rate[1], "--limit"), scope: scope)
            var policy = policies[provider] ?? .standard(of: provider)
            policy.limits = seen.insert(provider).inserted ? [limit] : policy.limits + [limit]
            policies[provider] = policy
        }
        return policies
    }

    private static func duration(_ text: String, _ option: String) throws -> Duration {
        guard let duration = Duration(messageText: text), duration > .zero || text.hasPrefix("0") else {
            throw Failure(.usage, "\(option): found \"\(text)\", allowed: a duration such as 500ms, 30s or 5m")
        }
        return duration
    }
}
