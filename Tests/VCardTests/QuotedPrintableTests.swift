import Testing
import VCard

@Suite struct QuotedPrintableTests {
    @Test(
        arguments: ["2.1", "3.0"],
        [
            ("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen", "Jürgen", [Code]()),
            ("FN;ENCODING=quoted-printable;CHARSET=utf-8:J=c3=bcrgen", "Jürgen", []),
            ("FN;QUOTED-PRINTABLE:J=FCrgen", "Jürgen", [.charsetGuessed]),
            ("FN;QUOTED-PRINTABLE:J=C3=BCrgen", "Jürgen", []),
            ("FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:J=FCrgen", "Jürgen", []),
            ("FN;ENCODING=QUOTED-PRINTABLE:J=C3=⏎=BCrgen", "Jürgen", []),
            ("FN;ENCODING=QUOTED-PRINTABLE:J<C3>=⏎<BC>rgen", "Jürgen", []),
            ("FN;ENCODING=QUOTED-PRINTABLE:J=C3=⏎␠=BCrgen", "Jürgen", []),
            ("FN;ENCODING=QUOTED-PRINTABLE:abc=⏎␠def", "abc def", []),
            ("FN;ENCODING=QUOTED-PRINTABLE:=ZZ 50=%", "=ZZ 50=%", [.badQP]),
            ("FN;ENCODING=QUOTED-PRINTABLE:abc=", "abc=", [.badQP]),
            ("FN;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab=0Ac", "a\nb\nc", []),
            ("FN;ENCODING=QUOTED-PRINTABLE:a=3D=⏎=3Db", "a==b", []),
            ("FN;ENCODING=QUOTED-PRINTABLE:a=␠␠⏎b", "ab", []),
        ]
    )
    func `quoted-printable is honoured in any version`(version: String, row: (String, String, [Code])) {
        let result = imported(card(row.0, version: version, name: nil))
        #expect(result.contact?.displayName == row.1)
        #expect(result.codes == row.2)
    }

    @Test func `behind a soft break the next line is data whatever it looks like`() {
        let result = imported(card("NOTE;ENCODING=QUOTED-PRINTABLE:see=⏎TEL:123=⏎end", version: "2.1"))
        #expect(result.contact?.notes == ["seeTEL:123end"])
        #expect(result.contact?.phones == [])
        #expect(result.codes == [])
    }

    @Test func `a soft break before a card's end costs nobody a card`() {
        let bad = bytes("BEGIN:VCARD⏎VERSION:2.1⏎N:a⏎NOTE;ENCODING=QUOTED-PRINTABLE:see=⏎")
        let result = imported(bad + card("", name: "b") + bad + bytes("END:VCARD⏎") + card("", name: "c"))
        #expect(result.contacts.map(\.displayName) == ["a", "b", "a", "c"])
        #expect(result.contacts.first?.notes == ["see="])
        #expect(result.codes.contains(.badQP))
    }

    @Test func `components are split before they are decoded`() {
        let result = imported(card("N;ENCODING=QUOTED-PRINTABLE:M=3BX;Jo", version: "2.1", name: nil))
        #expect(result.contact?.name == Contact.Name(family: "M;X", given: "Jo"))
    }

    @Test func `an overlong value with soft breaks is dropped as a whole`() {
        var lines = "NOTE;ENCODING=QUOTED-PRINTABLE:"
        for _ in 0..<300 { lines += String(repeating: "x", count: 1_000) + "=⏎" }
        let result = imported(card(lines + "TEL:1⏎TITLE:kept", version: "2.1"))
        #expect(result.contact?.notes == [])
        #expect(result.contact?.phones == [])
        #expect(result.contact?.title == "kept")
        #expect(result.codes == [.valueTooLong])
    }
}
