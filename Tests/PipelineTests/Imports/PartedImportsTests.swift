import Messages
import Testing
import VCard

@testable import Pipeline

@Suite struct PartedImportsTests {
    private func part(_ index: Int, of id: String = "i-1", last: Bool = false) -> ImportCommand {
        ImportCommand(
            event: EventAttributes(id: id, source: "/crm", type: .contactsImport, time: Timestamp(nanoseconds: 5)),
            provider: "hatif",
            content: .bytes([]),
            part: ImportCommand.Part(index: index, last: last)
        )
    }

    /// What is left to do before a part, as words.
    private func begin(_ parts: inout PartedImports, _ command: ImportCommand, _ offset: Int64) -> String {
        switch parts.begin(command, at: offset) {
        case .known: "known"
        case .unread(let first): "from \(first)"
        case .none: "none"
        }
    }

    @Test func `a part finds what those before it have left, one that was not stored leaves nothing`() {
        var parts = PartedImports()
        #expect(begin(&parts, part(1), 7) == "none")
        parts.end(part(1), DuplicateIndex())
        #expect(begin(&parts, part(2), 9) == "known")
        #expect(begin(&parts, part(2), 9) == "from 7")
        parts.end(part(2), DuplicateIndex())
        #expect(begin(&parts, part(3, last: true), 10) == "known")
    }

    @Test func `after the last part only its place is kept, and the first one again begins anew`() {
        var parts = PartedImports()
        _ = begin(&parts, part(1), 1)
        parts.end(part(1), DuplicateIndex())
        _ = begin(&parts, part(2, last: true), 2)
        parts.end(part(2, last: true), DuplicateIndex())
        #expect(begin(&parts, part(2, last: true), 3) == "from 1")
        #expect(begin(&parts, part(1), 4) == "none")
        #expect(begin(&parts, part(2, last: true), 5) == "from 4")
    }

    @Test func `a successor knows where each import began`() {
        var parts = PartedImports()
        #expect(parts.encoded == nil)
        for number in 1...6 { _ = begin(&parts, part(1, of: "i-\(number)"), Int64(number)) }
        var successor = PartedImports(parts.encoded)
        #expect(successor.encoded == parts.encoded)
        #expect(begin(&successor, part(2, of: "i-2"), 20) == "none")
        #expect(begin(&successor, part(2, of: "i-4"), 21) == "from 4")
        #expect(begin(&successor, part(2, of: "i-6"), 22) == "from 6")
    }

    @Test(arguments: ["", "x", "{}", #"{"parts":1}"#, #"{"parts":[{"import":"zz","first":1},{"first":2},7]}"#])
    func `metadata that is not ours says nothing`(text: String) {
        #expect(PartedImports(text).encoded == nil)
    }
}
