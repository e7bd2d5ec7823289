import KafkaClient
import Messages
import ProviderKit
import TestSupport
import Testing

@testable import Pipeline

/// Imports as a service, against brokers in this process.
@Suite(.timeLimit(.minutes(5))) struct ImportServiceTests {
    private func card(_ uid: String) -> String {
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:\(uid)\r\nFN:\(uid)\r\nEND:VCARD\r\n"
    }

    private func part(_ index: Int, firstCard: Int, last: Bool = false, _ uids: String...) -> ProducerRecord {
        let event = EventAttributes(id: "i-1", source: "/crm", type: .contactsImport, time: Timestamp(nanoseconds: 5))
        let headers = event.binaryHeaders(
            contentType: "text/vcard",
            extensions: [
                EventExtension("provider", "convor"), EventExtension("account", "main"),
                EventExtension("part", String(index)), EventExtension("partlast", String(last)),
                EventExtension("firstcard", String(firstCard)),
            ]
        )
        return ProducerRecord(
            topic: "fleet.imports",
            key: utf8("i-1"),
            value: utf8(uids.map(card).joined()),
            headers: headers.map { KafkaHeader(name: $0.name, value: $0.value) }
        )
    }

    private func send(_ world: PipelineWorld, _ records: ProducerRecord...) async throws {
        for result in await world.producer.send(records) { _ = try result.get() }
    }

    private let silent = AnsweringTransport { _, _ throws(TransportFailure) in ProviderResponse(500) }

    @Test func `duplicates are told over all parts of an import, also by a worker that takes over`() async throws {
        let world = try PipelineWorld()
        try await world.worker(silent, provider: convor()).run(imports: true) {
            try await send(world, part(1, firstCard: 1, "a", "b"), part(2, firstCard: 3, "a", "c"))
            let duplicates = try await world.outcomes(world.topics.results, atLeast: 1)
            #expect(duplicates.map(\.command.id) == ["i-1/3"])
        }
        try await world.worker(silent, provider: convor()).run(imports: true) {
            try await send(world, part(3, firstCard: 5, last: true, "b", "d", "c"))
            let duplicates = try await world.outcomes(world.topics.results, atLeast: 3)
            #expect(duplicates.map(\.command.id) == ["i-1/3", "i-1/5", "i-1/7"])
            #expect(duplicates.map(\.supersededBy?.id) == ["i-1/1", "i-1/2", "i-1/4"])
            let others = try await world.outcomes(world.topics.failures, atLeast: 4)
            #expect(others.map(\.command.id) == ["i-1/1", "i-1/2", "i-1/4", "i-1/6"])
        }
        await world.close()
    }

    @Test(arguments: [
        ("\r\n \r\n", "no_cards"), ("<html><body>502</body></html>", "not_a_vcard"),
        ("PK\u{3}\u{4}\u{14}\0\u{8}\0", "not_a_vcard"),
        (#"{"error":"no such file"}"#, "not_a_vcard"), ("name,phone\nJo,1\n", "not_a_vcard"),
    ])
    func `a file that holds no cards says so`(text: String, error: String) async throws {
        let world = try PipelineWorld()
        try await world.worker(silent, provider: convor()).run(imports: true) {
            var record = part(1, firstCard: 1, last: true)
            record.value = utf8(text)
            try await send(world, record)
            var found: ImportPart?
            while found == nil {
                for record in try await world.records(world.topics.status, atLeast: 1) {
                    guard case .importPart(let part) = try? StatusMessage(decoding: record.value ?? []) else {
                        continue
                    }
                    found = part
                }
            }
            #expect(found?.cards == 0)
            #expect(found?.error == error)
        }
        await world.close()
    }

    @Test func `a letter of one card that is refused as a whole keeps the name of its card`() async throws {
        let world = try PipelineWorld()
        try await world.worker(silent, provider: convor()).run(imports: true) {
            let origin = RecordPosition(topic: world.topics.imports, partition: 0, offset: 0, timestamp: 1)
            var letter = DeadLetter(
                disposition: .refused,
                reason: "no",
                lastFailure: Timestamp(milliseconds: 1),
                origin: origin
            )
            letter.card = 17
            var record = part(1, firstCard: 17, last: true, "a")
            record.headers = record.headers.map {
                $0.name == "ce_provider" ? KafkaHeader(name: $0.name, text: "gone") : $0
            }
            record.headers = DeadLetter.replayHeaders(of: letter.added(to: record.headers)).map(KafkaHeader.init)
            try await send(world, record)
            let outcome = try #require(try await world.outcomes(world.topics.failures, atLeast: 1).first)
            #expect(outcome.command.id == "i-1/17")
            #expect(outcome.disposition == .rejected)
            #expect(outcome.entity == "gone/main/i-1/17")
            #expect(outcome.importMember?.card == 17)
            #expect(outcome.replay == 1)
            let next = try #require(try await world.records(world.topics.deadLetters, atLeast: 1).first)
            #expect(DeadLetter(next.headers)?.card == 17)
        }
        await world.close()
    }
}
