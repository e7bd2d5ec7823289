import Testing
import VCard

@Suite struct LineTests {
    @Test(arguments: [
        ("3.0", "NOTE:abc⏎␠def", "abcdef"),
        ("3.0", "NOTE:abc⏎\tdef", "abcdef"),
        ("4.0", "NOTE:abc\n def", "abcdef"),
        ("3.0", "TITLE:x\nNOTE:abc\n def⏎ROLE:y", "abcdef"),
        ("3.0", "NOTE:gr<C3>⏎␠<BC>n", "grün"),
        ("3.0", "NOTE:great city of⏎␠␠Görlitz", "great city of Görlitz"),
        ("2.1", "NOTE:an⏎␠example", "an example"),
        ("3.0", "⏎NOTE:abc⏎⏎⏎TITLE:x", "abc"),
        ("3.0", "NOTE:abc⏎⏎␠def", "abcdef"),
        ("3.0", "N⏎␠OTE:abc", "abc"),
        ("4.0", "NOTE⏎␠:abc", "abc"),
    ])
    func `folded lines are joined as their version says`(version: String, lines: String, note: String) {
        let result = imported(card(lines, version: version))
        #expect(result.contact?.notes == [note])
        #expect(result.codes == [])
    }

    @Test func `blank lines before, between and within cards are ignored`() {
        let one = card("⏎NOTE:abc⏎")
        let result = imported(bytes("⏎⏎") + one + bytes("\n⏎") + one.replacing("Somebody".utf8, with: "Other".utf8))
        #expect(result.contacts.map(\.displayName) == ["Somebody", "Other"])
        #expect(result.summary.warnings.total == 0)
        #expect(result.cards[0].line == 3)
        #expect(result.cards[0].offset == 4)
    }

    @Test func `the last card is complete without a line end`() {
        let result = imported(Array(card("NOTE:abc").dropLast(2)))
        #expect(result.contact?.notes == ["abc"])
        #expect(result.codes == [])
        #expect(!result.summary.isTruncated)
    }

    @Test(arguments: [
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ⏎SkZJRgAB⏎AQAASABI⏎NOTE:abc",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ⏎SkZJRgAB⏎AQAASABI⏎⏎NOTE:abc",
        "PHOTO;ENCODING=BASE64;JPEG:⏎␠/9j/4AAQ⏎␠SkZJRgAB⏎␠AQAASABI⏎⏎NOTE:abc",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAASABI⏎NOTE:abc",
    ])
    func `base64 goes on without indentation up to a property or a blank line`(lines: String) {
        let result = imported(card(lines))
        #expect(result.contact?.photo == Contact.Photo(mediaType: "image/jpeg", bytes: 18))
        #expect(result.contact?.notes == ["abc"])
        #expect(result.codes == [])
    }

    @Test func `a line behind a blank line no longer belongs to base64`() {
        let result = imported(card("PHOTO;ENCODING=b:/9j/4AAQ⏎⏎SkZJRgAB⏎NOTE:abc"))
        #expect(result.contact?.photo?.bytes == 6)
        #expect(result.codes == [.noColon])
    }

    @Test(arguments: [0, 75])
    func `a photo of several megabytes is measured on one line and folded`(width: Int) {
        let data = [UInt8](repeating: UInt8(ascii: "A"), count: 4 << 20)
        var lines = Array("PHOTO;ENCODING=b:/9j/".utf8)
        if width == 0 {
            lines += data
        } else {
            for start in stride(from: 0, to: data.count, by: width) {
                lines += data[start..<min(start + width, data.count)] + [13, 10, 32]
            }
        }
        let file = bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:x⏎") + lines + bytes("⏎NOTE:abc⏎END:VCARD⏎")
        for chunk in [4_096, file.count] {
            let result = imported(file, chunk: chunk)
            #expect(result.contact?.photo == Contact.Photo(mediaType: "image/jpeg", bytes: (4 + (4 << 20)) / 4 * 3))
            #expect(result.contact?.notes == ["abc"])
        }
    }

    @Test(arguments: ["\r", "\u{85}", "\u{2028}", "\u{0B}", "\u{0C}"])
    func `other line ends are content of a file with CRLF or LF`(character: String) {
        for end in ["\r\n", "\n"] {
            let file = "BEGIN:VCARD\(end)VERSION:3.0\(end)FN:x\(end)NOTE:a\(character)TITLE:b\(end)END:VCARD\(end)"
            let result = imported(Array(file.utf8))
            #expect(result.contact?.notes.count == 1)
            #expect(result.contact?.title == nil)
            #expect(result.contact?.notes.first?.hasPrefix("a") == true)
            #expect(result.contact?.notes.first?.hasSuffix("TITLE:b") == true)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func `a file whose lines end in a carriage return alone is read`(chunk: Int) {
        let file = Array("BEGIN:VCARD\rVERSION:3.0\rFN:x\rNOTE:a\r b\rEND:VCARD\rBEGIN:VCARD\rFN:y\rEND:VCARD".utf8)
        let result = imported(file, chunk: chunk)
        #expect(result.contacts.map(\.displayName) == ["x", "y"])
        #expect(result.contacts.first?.notes == ["ab"])
        #expect(result.cards.map(\.line) == [1, 7])
    }

    @Test func `a folded line before VERSION is unfolded by the version that follows`() {
        let lines = "BEGIN:VCARD⏎NOTE:an⏎␠example⏎VERSION:%⏎N:x⏎FN:y⏎END:VCARD⏎"
        let old = imported(bytes(lines.replacing("%", with: "2.1")))
        let new = imported(bytes(lines.replacing("%", with: "4.0")))
        #expect(old.contact?.notes == ["an example"])
        #expect(new.contact?.notes == ["anexample"])
    }
}
