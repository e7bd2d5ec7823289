/// Cards that among them show every quirk of the reference.
enum Samples {
    static let cards: [[UInt8]] = [
        card("N:A;B;;;⏎TEL;TYPE=CELL,PREF:+49 30 1234567⏎EMAIL:a@b.c⏎NOTE:a\\, b\\nc⏎␠d"),
        card("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=⏎ller;Jo⏎TEL;HOME;CELL:030 1234567", version: "2.1"),
        card("ADR;LABEL=\"1 Main: St;x,y\";TYPE=home:;;Main St⏎UID:urn:uuid:A-B⏎KIND:individual", version: "4.0"),
        card("PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ⏎SkZJRgAB⏎⏎NOTE:gr<C3>⏎␠<BC>n⏎item1.TEL:1234567⏎item1.X-ABLabel:L"),
        card("PHOTO;ENCODING=BASE64;JPEG:⏎␠/9j/4AAQ⏎␠SkZJRgAB⏎⏎NOTE:an⏎␠example", version: "2.1"),
        card("AGENT:⏎BEGIN:VCARD⏎VERSION:2.1⏎N:Agent⏎END:VCARD⏎NOTE:J<FC>rgen", version: "2.1"),
        card("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-09⏎CATEGORIES:a,b\\,c⏎X_FOO:1⏎Home phone:2"),
        card("PHOTO:data:image/gif;base64,R0lGODlh⏎IMPP:xmpp:a@b.c⏎FN;ALTID=1;LANGUAGE=ja:山田", version: "4.0"),
        card("NOTE;QUOTED-PRINTABLE:see=⏎TEL:123=⏎end=ZZ⏎junk⏎TEL;waid=966500111222:0500111222", version: "2.1"),
        bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:no end⏎"),
        bytes("text between⏎END:VCARD⏎⏎"),
        bytes("BEGIN:VCARD⏎FN;CHARSET=none:no version⏎TEL;X=\"y:1⏎END:VCARD⏎"),
        bytes("BEGIN:VCARD\nVERSION:3.0\nFN:line feeds\nNOTE:a\rb\nEND:VCARD\n"),
        bytes("BEGIN:VCARD\rVERSION:3.0\rFN:returns\rEND:VCARD\r"),
        card(
            "NOTE:" + String(repeating: "long ", count: 2_000) + "⏎PHOTO;ENCODING=b:"
                + String(repeating: "A", count: 9_000)
        ),
        card("", name: nil),
    ]

    static let mixed: [UInt8] = Array(cards.joined()) + bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:cut off⏎NOTE:ab")
}
