internal import ArgumentParser
internal import EmbeddedKafka
internal import KafkaClient
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Serves the embedded Kafka brokers, for trying things out and for tests.",
        discussion: """
            Prints `bootstrap.servers=…` on its first line and serves until it is stopped. Nothing is kept on disk, topics \
            come into being when they are named (with 4 partitions), and each partition keeps its latest 5 MiB.

            With `--control` the second line is `control=http://127.0.0.1:PORT`, and faults on demand are below /control: \
            POST /control/errors {"request":"offsetFetch","errors":["NOT_COORDINATOR"],"times":2}, \
            PUT /control/brokers/1 {"up":false} or {"latencyMs":200}, PUT /control/topics/NAME {"error":…}, \
            PUT /control/leaders and /control/coordinators (see the documentation).
            """
    )

    @Option(help: "Number of brokers.") var brokers = 1
    @Option(name: .customLong("topic"), help: "A topic to begin with, as NAME:PARTITIONS; may be given again.")
    var topics: [String] = []
    @Option(help: "Port on the loopback address for faults on demand; 0 takes a free one.") var control: Int?
    @Flag(help: "Prints one JSON object instead of the lines.") var json = false

    func run() async throws {
        guard (1...16).contains(brokers) else { throw Failure(.usage, "--brokers: found \(brokers), allowed 1 to 16") }
        var counts: [String: Int] = [:]
        for topic in topics {
            let parts = topic.split(separator: ":")
            guard parts.count == 2, let partitions = Int(parts[1]), (1...1_000).contains(partitions) else {
                throw Failure(.usage, "--topic: found \"\(topic)\", allowed: NAME:PARTITIONS")
            }
            counts[String(parts[0])] = partitions
        }
        let cluster = try MockCluster(brokers: brokers, topics: counts)
        let servers = cluster.bootstrapServers
        let json = json
        if let control {
            let service = BrokerControl(cluster: cluster, port: control) { port in
                let url = "http://127.0.0.1:\(port)"
                Terminal.current.print(
                    json
                        ? JSONText.members(["bootstrap.servers": .text(servers), "control": .text(url)]).line
                        : "bootstrap.servers=\(servers)\ncontrol=\(url)"
                )
            }
            try await serveUntilStopped(service)
        } else {
            try await serveUntilStopped(
                json ? JSONText.members(["bootstrap.servers": .text(servers)]).line : "bootstrap.servers=\(servers)"
            )
        }
        await cluster.close()
    }
}

/// Prints a line once signals are heard, and returns when SIGTERM or SIGINT arrives.
func serveUntilStopped(_ line: String) async throws {
    try await serveUntilStopped(Announcement(line: line))
}

/// Runs a service until SIGTERM or SIGINT arrives.
private func serveUntilStopped(_ service: some Service) async throws {
    let group = ServiceGroup(
        services: [service],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: LogSetup.logger(level: .error)
    )
    try await group.run()
}

/// Says that it is there, and does nothing until it is told to stop.
private struct Announcement: Service {
    let line: String

    func run() async throws {
        Terminal.current.print(line)
        try? await gracefulShutdown()
    }
}
