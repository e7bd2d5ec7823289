import Foundation
import KafkaClient
import Messages
import Pipeline
import Scheduling

/// The commands that benchmarks send.
enum Sample {
    static let provider = "convor"
    static let assignPath = "/api/conversations/{id}/assign"
    /// Account n belongs to partition n where the lane's topics have as many partitions.
    static let accounts = ["main", "second", "third", "fourth"]

    static func conversation(_ number: Int) -> String {
        String(format: "%08x-c7e1-4045-927b-%012x", number &* 2_654_435_761 & 0xFFFF_FFFF, number)
    }

    /// A command with the attributes that a careful producer sets, of about 400 bytes.
    static func command(_ number: Int, conversation: Int, account: String = accounts[0]) -> Command {
        let trace = String(format: "%016lx%016lx", UInt64(number) &* 0x9E37_79B9_7F4A_7C15, UInt64(number))
        return Command(
            event: EventAttributes(
                id: "assign-\(number)",
                source: "/crm/routing",
                type: .assign,
                time: Timestamp(nanoseconds: 1_795_251_600_000_000_000 + Int64(number) * 1_000_000),
                correlationID: "order-\(number)",
                traceparent: "00-\(trace)-00f067aa0ba902b7-01"
            ),
            provider: provider,
            account: account,
            action: .assign(.conversation(Self.conversation(conversation)), .user("operator-\(number % 100)"))
        )
    }

    /// A command as intake writes it to a lane.
    static func laneRecord(_ number: Int, _ command: Command, topic: String, partition: Int32 = 0) -> ProducerRecord {
        let now = WallClock().now.milliseconds
        let headers = LaneHeaders(
            origin: RecordPosition(topic: "bench.commands", partition: 0, offset: Int64(number), timestamp: now),
            key: Array(command.target.name.utf8),
            entity: command.entity
        )
        return ProducerRecord(
            topic: topic,
            partition: partition,
            key: Array(command.account.utf8),
            value: command.encoded(),
            headers: headers.added(to: [MessageHeader]()).map { KafkaHeader(name: $0.name, value: $0.value) }
        )
    }

    static func topics(_ prefix: String, lanePartitions: Int, commandPartitions: Int = 1) -> [String] {
        let names = TopicNames(prefix: prefix)
        return [
            "\(names.commands):\(commandPartitions)", "\(names.imports):1", "\(names.live(provider)):\(lanePartitions)",
            "\(names.bulk(provider)):\(lanePartitions)", "\(names.results):1", "\(names.failures):1",
            "\(names.deadLetters):1", "\(names.control):1",
        ].flatMap { ["--topic", $0] }
    }
}
