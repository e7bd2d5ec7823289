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
            """
    )

    @Option(help: "Number of brokers.") var brokers = 1
    @Option(name: .customLong("topic"), help: "A topic to begin with, as NAME:PARTITIONS; may be given again.")
    var topics: [String] = []
    @Flag(help: "Prints one JSON object instead of the line.") var json = false

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
        let line =
            json ? JSONText.members(["bootstrap.servers": .text(servers)]).line : "bootstrap.servers=\(servers)"
        try await serveUntilStopped(line)
        await cluster.close()
    }
}

/// Prints a line once signals are heard, and returns when SIGTERM or SIGINT arrives.
func serveUntilStopped(_ line: String) async throws {
    let group = ServiceGroup(
        services: [Announcement(line: line)],
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
