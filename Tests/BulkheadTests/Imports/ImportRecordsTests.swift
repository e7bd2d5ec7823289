import KafkaClient
import Messages
import Testing
import VCard

@testable import Bulkhead

func vcard(_ name: String, _ lines: String = "TEL:+966500111222\r\n") -> String {
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:\(name)\r\n\(lines)END:VCARD\r\n"
}

func importCommand(id: String = "i-1", labels: [String] = []) -> ImportCommand {
    ImportCommand(
        event: EventAttributes(
            id: id,
            source: "/bulkhead/import",
            type: .contactsImport,
            time: Timestamp(milliseconds: 5)
        ),
        provider: "hatif",
        account: "main",
        content: .bytes([]),
        defaultCountry: .named("sa"),
        labels: labels
    )
}

@Suite struct ImportRecordsTests {
    private func cut(
        _ file: [UInt8],
        maxBytes: Int = 1_024,
        chunk: Int = 100,
        labels: [String] = []
    ) -> (records: [ProducerRecord], end: ImportRecords) {
        var cutting = ImportRecords(importCommand(labels: labels), topic: "bulkhead.imports", maxBytes: maxBytes)
        var records: [ProducerRecord] = []
        var start = 0
        while start < file.count {
            let end = min(file.count, start + chunk)
            records += cutting.feed(Array(file[start..<end]))
            start = end
        }
        records += cutting.finish()
        return (records, cutting)
    }

    private func decoded(_ record: ProducerRecord) throws -> ImportCommand {
        let headers = record.headers.map { MessageHeader($0.name, $0.value) }
        let message = try InboundMessage.decode(value: record.value, headers: headers, recordTimestamp: 0)
        guard case .contactsImport(let command) = message else { throw Failure(.failed) }
        return command
    }

    @Test(arguments: [7, 100, 100_000]) func `intake reads the records as the file was`(chunk: Int) throws {
        let file = (1...200).map { vcard("Person \($0)") }.joined(separator: "\r\n")
        let wide = file.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let files: [[UInt8]] = [Array(file.utf8), [0xFF, 0xFE] + wide]
        for bytes in files {
            let (records, end) = cut(bytes, chunk: chunk, labels: ["a", "b"])
            #expect(records.count > 5 && end.count == records.count)
            #expect(end.cards == 200 && end.tooLarge.isEmpty && end.error == nil)
            #expect(Set(records.map(\.key)) == [Array("i-1".utf8)])
            #expect(records.allSatisfy { $0.topic == "bulkhead.imports" && $0.value?.count ?? 0 <= 1_024 })
            let commands = try records.map(decoded)
            #expect(commands.map(\.part.index) == Array(1...records.count))
            #expect(commands.map(\.part.last) == Array(repeating: false, count: records.count - 1) + [true])
            var names: [String] = []
            var lines: [Int] = []
            for command in commands {
                #expect(command.id == "i-1" && command.provider == "hatif" && command.account == "main")
                #expect(command.defaultCountry == .named("sa") && command.labels == ["a", "b"])
                guard case .bytes(let cards) = command.content else { continue }
                let position = ImportPosition(card: command.part.firstCard, line: command.part.firstLine, offset: 0)
                var contacts = ContactImport(at: position)
                func take(_ card: ImportedCard) {
                    names.append(card.contact?.displayName ?? "")
                    lines.append(card.line)
                    #expect(card.index == names.count)
                }
                contacts.feed(cards, take)
                _ = contacts.finish(isPart: true, take)
            }
            #expect(names == (1...200).map { "Person \($0)" })
            #expect(lines == (0..<200).map { $0 * 6 + 1 })
        }
    }

    @Test func `a file of one record is one import without parts`() throws {
        let (records, _) = cut(Array(vcard("Sara").utf8))
        #expect(try records.map(decoded).map(\.part) == [.whole])
    }

    @Test func `a card that no record takes is named, and the others go on`() throws {
        let photo = "PHOTO;ENCODING=b:\(String(repeating: "A", count: 2_000))\r\n"
        let (records, end) = cut(Array((vcard("A") + vcard("B", photo) + vcard("C")).utf8))
        #expect(end.tooLarge == [ImportRecords.TooLarge(card: 2, line: 6, bytes: vcard("B", photo).utf8.count)])
        #expect(try records.map(decoded).map(\.part.firstCard) == [1, 3])
        #expect(end.cards == 3)
        let (none, only) = cut(Array(vcard("B", photo).utf8))
        #expect(none.isEmpty && only.tooLarge.count == 1)
    }

    @Test(arguments: [("", Code.noCards), ("<html>", .notAVCard)])
    func `a file without cards has no records and says why`(text: String, error: Code) {
        let (records, end) = cut(Array(text.utf8))
        #expect(records.isEmpty && end.error == error)
    }
}
