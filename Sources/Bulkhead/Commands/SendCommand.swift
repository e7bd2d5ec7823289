internal import ArgumentParser
internal import Foundation
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends commands, one JSON object a line.",
        discussion: """
            Lines go to the commands topic as they are, keyed by their entity, so that what is wrong with one shows in its \
            outcome. With --wait each outcome is printed as it comes, and exit code 3 says that some commands failed.
            """
    )

    @OptionGroup var options: SettingsOptions
    @Argument(help: "A file of JSON lines, or - for standard input.") var file: String
    @Flag(help: "Waits for the outcome of every command.") var wait = false
    @Flag(help: "Prints JSON lines.") var json = false

    func run() async throws {
        let settings = try options.settings()
        let kafka = KafkaSettings(settings.kafka)
        let topics = TopicNames(prefix: settings.prefix)
        let logger = LogSetup.logger(level: .error)
        let lines = try Self.lines(of: file)
        let showsJSON = json
        let watch = OutcomeWatch { outcome in
            if showsJSON {
                Terminal.current.print(String(decoding: outcome.encoded(), as: UTF8.self))
            } else {
                Terminal.current.print(Self.line(outcome))
            }
        }
        if wait { try await watch.start(kafka, topics, logger) }
        let producer = try KafkaProducer(settings: kafka.merging(["message.max.bytes": "16777216"]), logger: logger)

        let records = lines.map { Self.record($0, topics) }
        let results = await producer.send(records)
        var keys: Set<OutcomeWatch.Key> = []
        var failures: [String] = []
        for (index, result) in results.enumerated() {
            switch result {
            case .success(let delivery):
                keys.insert(Self.key(lines[index], delivery))
            case .failure(let error):
                failures.append("line \(index + 1): not sent: \(error.reason)")
            }
        }
        await producer.close()
        if !json { Terminal.current.say("sent \(results.count - failures.count) of \(results.count) commands") }
        if wait {
            await watch.want(keys)
            try await Terminal.current.drawing("outcomes", progress: { await watch.progress }) {
                try await watch.untilComplete()
            }
        } else if json {
            Terminal.current.print(JSONText.members(["sent": .integer(results.count - failures.count)]))
        }
        guard failures.isEmpty else { throw Failure(.failed, lines: failures) }
        let failed = await watch.outcomes.count { $0.disposition.topic == .failures }
        if wait, failed > 0 { throw Failure(.someFailed, "\(failed) of \(keys.count) commands failed") }
    }

    static func lines(of file: String) throws -> [[UInt8]] {
        // By handle, since a pipe such as the shell's <(…) has no size that could be asked for.
        let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
        guard let handle, let data = try? handle.readToEnd() ?? Data() else {
            throw Failure(.usage, "\(file): cannot be read")
        }
        return data.split(separator: UInt8(ascii: "\n")).map { Array($0) }.filter { line in
            !line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }
        }
    }

    static func record(_ line: [UInt8], _ topics: TopicNames) -> ProducerRecord {
        let message = decoded(line)
        var topic = topics.commands
        var key: String?
        switch message {
        case .command(let command): key = command.entity
        case .contactsImport(let command):
            topic = topics.imports
            key = command.id
        case .campaign(let command): key = command.id
        case .contactsBatch, nil: key = nil
        }
        return ProducerRecord(
            topic: topic,
            key: key.map { Array($0.utf8) },
            value: line,
            headers: [KafkaHeader(name: "content-type", text: "application/cloudevents+json; charset=UTF-8")]
        )
    }

    /// How the command's outcome will name it.
    static func key(_ line: [UInt8], _ delivery: Delivery) -> OutcomeWatch.Key {
        if let message = decoded(line) { return OutcomeWatch.Key(source: message.event.source, id: message.event.id) }
        var salvaged = Rejection.Salvage()
        do throws(Rejection) {
            _ = try InboundMessage.decode(value: line, headers: [MessageHeader](), recordTimestamp: 0)
        } catch {
            salvaged = error.salvaged
        }
        let place = "\(delivery.partition.topic)-\(delivery.partition.partition)-\(delivery.offset)"
        return OutcomeWatch.Key(source: salvaged.source, id: salvaged.id ?? place)
    }

    private static func decoded(_ line: [UInt8]) -> InboundMessage? {
        try? InboundMessage.decode(value: line, headers: [MessageHeader](), recordTimestamp: 0)
    }

    private static func line(_ outcome: Outcome) -> String {
        let detail = outcome.reason ?? outcome.response.message ?? outcome.response.status.map { "\($0)" } ?? ""
        return "\(outcome.command.id)  \(outcome.disposition.rawValue)  \(outcome.entity ?? "-")  \(detail)"
    }
}
