import Testing
import VCard

@Suite struct CharsetTests {
    @Test func `a byte order mark is ignored`() {
        let result = imported([0xEF, 0xBB, 0xBF] + card("NOTE:ü"))
        #expect(result.contact?.notes == ["ü"])
        #expect(result.cards.first?.offset == 3)
        #expect(result.summary.warnings.total == 0)
    }

    @Test func `a byte order mark of a joined file is ignored`() {
        let result = imported(card("", name: "a") + [0xEF, 0xBB, 0xBF] + card("", name: "b"))
        #expect(result.contacts.map(\.displayName) == ["a", "b"])
        #expect(result.summary.warnings.total == 0)
    }

    @Test(arguments: [1, 2, 3, 1_000], [true, false])
    func `UTF-16 is read by its mark`(chunk: Int, isBig: Bool) {
        let text = "\u{FEFF}BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jürgen 😀\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:b\r\nEND:VCARD"
        let file = text.utf16.flatMap { unit -> [UInt8] in
            let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return isBig ? pair : pair.reversed()
        }
        let result = imported(file, chunk: chunk)
        #expect(result.contacts.map(\.displayName) == ["Jürgen 😀", "b"])
        #expect(result.cards.map(\.offset) == [2, 2 * text.utf16.count - 56])
        #expect(result.cards.map(\.line) == [1, 5])
        let rest = imported(
            Array(file[result.cards[1].offset...]),
            at: ImportPosition(card: 2, line: 5, offset: result.cards[1].offset)
        )
        #expect(rest.contacts.map(\.displayName) == ["b"])
        #expect(rest.cards.map(\.offset) == [result.cards[1].offset])
    }

    @Test(arguments: [
        ("FN:J<FC>rgen", "Jürgen", [Code.charsetGuessed]),
        ("FN;CHARSET=ISO-8859-1:J<FC>rgen", "Jürgen", []),
        ("FN;CHARSET=iso-8859-1:J<FC>rgen", "Jürgen", []),
        ("FN;CHARSET=windows-1251:<CF><F0><E8><E2><E5><F2>", "Привет", []),
        ("FN;CHARSET=Unheard-Of:Jürgen", "Jürgen", [.charsetUnknown]),
        ("FN;CHARSET=Unheard-Of:J<FC>rgen", "Jürgen", [.charsetUnknown, .charsetGuessed]),
        ("FN;CHARSET=Shift_JIS:<83>e", "ƒe", [.charsetUnsupported, .charsetGuessed]),
        ("FN;CHARSET=Shift_JIS:plain", "plain", []),
        ("FN:a<C0><80>b", "aÀ€b", [.charsetGuessed]),
        ("FN:a<ED><A0><80>b", "aí\u{A0}€b", [.charsetGuessed]),
        ("FN:a<80>b", "a€b", [.charsetGuessed]),
        ("FN:a<81>b", "a\u{FFFD}b", [.charsetGuessed, .invalidBytes]),
        ("FN:محم<D8>", "محم\u{FFFD}", [.invalidBytes]),
        ("FN:a<00>b<07>c<7F>d", "abcd", [.controlCharacters]),
        ("FN:a<C2><85>b", "ab", [.controlCharacters]),
    ])
    func `text is decoded by what it declares, else as UTF-8, else by the fallback`(
        line: String,
        name: String,
        codes: [Code]
    ) {
        let result = imported(card(line, name: nil))
        #expect(result.contact?.displayName == name)
        #expect(result.codes == codes)
    }

    @Test func `tab and newline stay`() {
        #expect(imported(card("NOTE:a<09>b\\nc")).contact?.notes == ["a\tb\nc"])
    }

    @Test func `the fallback is a setting`() {
        var settings = VCardSettings()
        settings.fallbackCharset = "windows-1256"
        let result = imported(card("FN:<E3><CD><E3><CF>", name: nil), settings: settings)
        #expect(result.contact?.displayName == "محمد")
        #expect(result.codes == [.charsetGuessed])
    }

    private struct OneWord: CharacterDecoder {
        func decode(_ bytes: [UInt8], charset: String) -> String? {
            charset == "SHIFT_JIS" && bytes == [0x83, 0x65, 0x5C] ? "テ表" : nil
        }
    }

    @Test(arguments: [
        ("FN;CHARSET=Shift_JIS:<83>e\\", "テ表", [Code]()),
        ("FN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=83=65=5C", "テ表", []),
        ("FN;CHARSET=Big5:<A4>", "¤", [.charsetUnsupported, .charsetGuessed]),
        ("FN;CHARSET=Nobodys:<A4>", "¤", [.charsetUnknown, .charsetGuessed]),
    ])
    func `a decoder from outside reads the larger sets`(line: String, name: String, codes: [Code]) {
        var settings = VCardSettings()
        settings.decoder = OneWord()
        let result = imported(card(line, version: "2.1", name: nil), settings: settings)
        #expect(result.contact?.displayName == name)
        #expect(result.codes == codes)
    }
}
