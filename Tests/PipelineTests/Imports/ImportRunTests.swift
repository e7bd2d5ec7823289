import KafkaClient
import Messages
import ProviderKit
import Providers
import Scheduling
import Testing
import VCard

@testable import Pipeline

/// Imports from bytes to lane records, without brokers.
@Suite struct ImportRunTests {
    private static let topics = TopicNames(prefix: "b")

    private func card(_ number: Int, _ lines: String = "") -> String {
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:C\(number)\r\nTEL:+9665\(10_000_000 + number)\r\n\(lines)END:VCARD\r\n"
    }

    private func command(_ provider: String, part: ImportCommand.Part = .whole) -> ImportCommand {
        ImportCommand(
            event: EventAttributes(id: "i-1", source: "/crm", type: .contactsImport, time: Timestamp(nanoseconds: 5)),
            provider: provider,
            account: "main",
            content: .bytes([]),
            part: part,
            labels: ["vip"]
        )
    }

    private func entry(_ adapter: any Provider) -> AccountEntry {
        AccountEntry(name: "main", adapter: adapter, lane: AccountLane.Settings(), partition: 2)
    }

    private static let hatif = Hatif(
        HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("b")))
    )
    private static let aelyst = Aelyst(AelystSettings(token: Secret("t")))

    /// What an import comes to when its bytes arrive in pieces of the given size.
    private func expand(
        _ text: String,
        _ provider: String,
        _ adapter: any Provider,
        part: ImportCommand.Part = .whole,
        piece: Int = 64
    ) -> (ImportExpander.Output, ImportSummary) {
        let command = command(provider, part: part)
        let order = ImportExpander.Order(
            command: command,
            origin: RecordPosition(topic: "b.imports", partition: 0, offset: 7, timestamp: 1),
            key: nil,
            replays: 0
        )
        let expander = ImportExpander(order, entry(adapter), Self.topics, partitions: 4, redact: false)
        var run = ImportRun(command, expander, settings: VCardSettings(), home: nil)
        var all = ImportExpander.Output()
        func add(_ output: ImportExpander.Output) {
            all.lane += output.lane
            all.letters += output.letters
            all.outcomes += output.outcomes
        }
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            add(run.feed(Array(bytes[start..<min(bytes.count, start + piece)]), now: Instant(nanoseconds: 9)))
        }
        let (rest, summary) = run.finish(now: Instant(nanoseconds: 9))
        add(rest)
        return (all, summary)
    }

    private func batches(_ output: ImportExpander.Output) throws -> [ContactBatch] {
        try output.lane.map { record in
            let message = try InboundMessage.decode(value: record.value, headers: record.headers, recordTimestamp: 0)
            guard case .contactsBatch(let batch) = message else { throw Rejection("type", found: "", allowed: "") }
            return batch
        }
    }

    @Test(arguments: [1, 7, 64, 1_000, 100_000])
    func `cards go in batches of 50, the same ones however the bytes come`(piece: Int) throws {
        let text = (1...120).map { card($0) }.joined()
        let (output, summary) = expand(text, "hatif", Self.hatif, piece: piece)
        let batches = try batches(output)
        #expect(batches.map { $0.members.map(\.card) } == [Array(1...50), Array(51...100), Array(101...120)])
        #expect(batches.map(\.id) == ["i-1/1", "i-1/51", "i-1/101"])
        #expect(batches.allSatisfy { $0.labels == ["vip"] })
        #expect(output.lane.allSatisfy { $0.partition == 2 && $0.topic == "b.lane.hatif.bulk" })
        #expect(output.outcomes.isEmpty)
        #expect(summary.accepted == 120)
        let again = expand(text, "hatif", Self.hatif, piece: 333).0
        #expect(again.lane.map(\.value) == output.lane.map(\.value))
    }

    @Test func `one contact a record, in line with the commands for that contact`() throws {
        let (output, _) = expand(card(1) + card(2), "aelyst", Self.aelyst)
        #expect(try batches(output).map { $0.members.map(\.card) } == [[1], [2]])
        let entities = output.lane.map { LaneHeaders($0.headers)?.entity }
        #expect(entities == ["aelyst/main/phone:+966510000001", "aelyst/main/phone:+966510000002"])
    }

    @Test func `cards that are not imported have their outcome at once, and bad ones a letter of their own`() throws {
        let text =
            card(1) + card(1) + "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nFN:G\r\nEND:VCARD\r\n"
            + "BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:n\r\nEND:VCARD\r\n" + card(5)
        let (output, summary) = expand(text, "hatif", Self.hatif, piece: 11)
        let outcomes = output.outcomes.map(\.outcome)
        #expect(outcomes.map(\.command.id) == ["i-1/2", "i-1/3", "i-1/4"])
        #expect(outcomes.map(\.disposition) == [.superseded, .unsupported, .rejected])
        #expect(outcomes.map(\.reason) == ["duplicate_content", "group_card", "empty_card"])
        #expect(outcomes[0].supersededBy?.id == "i-1/1")
        #expect(outcomes.map(\.importMember?.line) == [6, 11, 16])
        #expect(outcomes[2].importMember?.codes.map(\.code).contains("empty_card") == true)
        #expect(summary.cards == 5)
        #expect(try batches(output).flatMap(\.members).map(\.card) == [1, 5])

        let letter = try #require(output.letters.first)
        #expect(output.letters.count == 1)
        #expect(DeadLetter(letter.headers)?.origin.topic == "b.imports")
        #expect(DeadLetter(letter.headers)?.card == 4)
        let message = try InboundMessage.decode(value: letter.value, headers: letter.headers, recordTimestamp: 0)
        guard case .contactsImport(let single) = message else {
            Issue.record("no import")
            return
        }
        #expect(single.content == .bytes(Array("BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:n\r\nEND:VCARD\r\n".utf8)))
        #expect(single.part.firstCard == 4)
        #expect(single.part.firstLine == 16)
    }

    @Test func `a card of which no contact can be made ends alone`() throws {
        let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:No Phone\r\nNOTE:x\r\nEND:VCARD\r\n" + card(2)
        let (output, _) = expand(text, "aelyst", Self.aelyst)
        #expect(output.outcomes.map(\.outcome.disposition) == [.rejected])
        #expect(output.outcomes.first?.outcome.rejection?.field == "phone")
        #expect(output.letters.count == 1)
        #expect(output.lane.count == 1)
    }

    @Test func `parts go on counting cards and lines`() throws {
        let part = ImportCommand.Part(index: 2, last: true, firstCard: 41, firstLine: 201)
        let (output, _) = expand(card(1) + card(2), "hatif", Self.hatif, part: part)
        let batch = try #require(try batches(output).first)
        #expect(batch.members.map(\.card) == [41, 42])
        #expect(batch.members.map(\.line) == [201, 206])
    }

    @Test func `a provider without contacts has an outcome for each`() {
        let convor = Convor(
            ConvorSettings(baseURL: BaseURL(scheme: "https", authority: "x.example"), token: Secret("t"))
        )
        let (output, _) = expand(card(1) + card(2), "convor", convor)
        #expect(output.lane.isEmpty)
        #expect(output.outcomes.map(\.outcome.disposition) == [.unsupported, .unsupported])
    }

    /// `reference/vcard.md` 11: a bad card between 500 and 500 good ones.
    @Test(arguments: [
        "BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cut off\r\n",
        "BEGIN:VCARD\r\nVERSION:9.9\r\nNOTE:only\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nNOTE no colon at all\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\n\u{0}\u{1}\u{2}\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:" + String(repeating: "x", count: 300_000) + "\r\nEND:VCARD\r\n",
    ])
    func `a bad card costs none of its neighbours`(bad: String) throws {
        let text = (1...500).map { card($0) }.joined() + bad + (501...1_000).map { card($0) }.joined()
        let (output, summary) = expand(text, "hatif", Self.hatif, piece: 4_096)
        let names = Set(try batches(output).flatMap(\.members).map(\.contact.displayName))
        #expect((1...1_000).allSatisfy { names.contains("C\($0)") })
        #expect(summary.cards == 1_001)
        #expect(try batches(output).flatMap(\.members).count + output.outcomes.count == 1_001)
    }
}
