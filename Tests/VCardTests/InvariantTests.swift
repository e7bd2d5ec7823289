import Testing
import VCard

/// What holds for every input (`reference/vcard.md` 10).
@Suite struct InvariantTests {
    private static let files: [[UInt8]] = Samples.cards + [Samples.mixed, Samples.mixed + Samples.mixed]

    @Test(arguments: [1, 2, 3, 7, 64, 4_096])
    func `how the input is cut into chunks changes nothing`(chunk: Int) {
        for file in Self.files {
            #expect(parsed(file, chunk: chunk) == parsed(file))
            let cut = imported(file, chunk: chunk)
            let whole = imported(file)
            #expect(cut.cards.map(\.outcome) == whole.cards.map(\.outcome))
            #expect(cut.summary == whole.summary)
        }
    }

    @Test func `CRLF and LF give the same contacts`() {
        for file in Self.files {
            let bare = file.replacing([13, 10], with: [10])
            #expect(imported(bare).cards.map(\.outcome) == imported(file).cards.map(\.outcome))
            #expect(imported(bare).cards.map(\.line) == imported(file).cards.map(\.line))
        }
    }

    /// Folds every logical line that no other rule protects after each `width` bytes.
    private func refolded(_ file: [UInt8], _ width: Int) -> [UInt8] {
        let unfolded = file.replacing([13, 10, 32], with: [])
        var result: [UInt8] = []
        for line in unfolded.split(separator: 10, omittingEmptySubsequences: false) {
            let content = line.last == 13 ? line.dropLast() : line
            for (index, byte) in content.enumerated() {
                if index > 0, index % width == 0 { result += [13, 10, 32] }
                result.append(byte)
            }
            result += [13, 10]
        }
        return result
    }

    @Test(arguments: [1, 2, 3, 5, 11, 20, 74], ["3.0", "4.0"])
    func `folding at any width changes nothing`(width: Int, version: String) {
        let lines = """
            N:Grün;Jürgen;a,b⏎TEL;TYPE="cell,voice":+49 30 1234567⏎NOTE:  spaces\\, 山田 and\\n more  x⏎\
            item1.EMAIL:a@b.c⏎item1.X-ABLabel:L⏎PHOTO:data:image/gif;base64,R0lGODlh⏎BDAY:--0509
            """
        let file = card(lines, version: version) + card("ORG:x;y", version: version)
        let folded = imported(refolded(file, width))
        #expect(folded.contacts == imported(file).contacts)
        #expect(folded.contacts.count == 2)
        #expect(folded.codes == [])
    }

    @Test func `two files joined give the cards of both`() {
        for first in Samples.cards {
            for second in Samples.cards where second.starts(with: "BEGIN".utf8) {
                let both = parsed(first + second).map(\.content)
                // What ends the first file's last card is another BEGIN then.
                let parts = (parsed(first) + parsed(second)).map(\.content)
                let expected = parts.enumerated().map { index, content in
                    index < parts.count - 1 ? content.map { $0 == "truncated" ? "missing_end" : $0 } : content
                }
                #expect(both == expected)
            }
        }
    }

    @Test(
        arguments: [
            "NOTE:half a", "END:VCARD", "END:VCARD<EF><BB><BF>", "NOT", "TEL;TYPE=CE", "TEL;X=\"a",
            "NOTE;QUOTED-PRINTABLE:a=",
            "NOTE;QUOTED-PRINTABLE:a=⏎b", "PHOTO;ENCODING=b:/9j/⏎SkZJ", "PHOTO;ENCODING=b:/9j/⏎␠SkZJ", "NOTE:a⏎␠b",
        ],
        [1, 5, 10_000]
    )
    func `a file that was joined without a line end costs no card`(end: String, chunk: Int) {
        let first = bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:a⏎" + end)
        let result = imported(first + card("NOTE:n", name: "b"), chunk: chunk)
        #expect(result.contacts.map(\.displayName) == ["a", "b"])
        #expect(result.contacts.last?.notes == ["n"])
        #expect(result.cards.map(\.offset) == [0, first.count])
        #expect(result.cards.last?.warnings == [])
    }

    @Test func `outcomes add up and offsets point at their BEGIN`() {
        for file in Self.files {
            let result = imported(file)
            let summary = result.summary
            #expect(summary.accepted + summary.rejected + summary.skipped + summary.duplicate == summary.cards)
            #expect(result.cards.map(\.index) == Array(1..<(result.cards.count + 1)))
            #expect(result.cards.count == summary.cards)
            for card in result.cards {
                #expect(file[card.offset...].starts(with: "BEGIN:VCARD".utf8))
                #expect(lineNumber(of: card.offset, in: file) == card.line)
            }
        }
    }

    private func lineNumber(of offset: Int, in file: [UInt8]) -> Int {
        var line = 1
        for index in 0..<offset {
            let isReturn = file[index] == 13 && file[index + 1] != 10 && endsLine(index, in: file)
            if file[index] == 10 || isReturn { line += 1 }
        }
        return line
    }

    /// A carriage return alone ends lines in the one sample that is made so.
    private func endsLine(_ index: Int, in file: [UInt8]) -> Bool {
        !file[..<index].suffix(6).elementsEqual("NOTE:a".utf8)
    }

    @Test func `reading on from a card's place gives the same rest`() {
        let whole = parsed(Samples.mixed)
        for (index, card) in whole.enumerated() {
            let position = ImportPosition(card: card.index, line: card.line, offset: card.offset)
            #expect(parsed(Array(Samples.mixed[card.offset...]), at: position) == Array(whole[index...]))
        }
    }

    @Test func `an import that was read on counts its own cards`() {
        let file = card("UID:a") + card("UID:b") + card("UID:c")
        let third = imported(file).cards[2]
        let position = ImportPosition(card: 3, line: third.line, offset: third.offset)
        let rest = imported(Array(file[third.offset...]), at: position)
        #expect(rest.cards.map(\.index) == [3])
        #expect(rest.summary.cards == 1)
        #expect(rest.summary.duplicateCheckIsIncomplete)
    }
}
