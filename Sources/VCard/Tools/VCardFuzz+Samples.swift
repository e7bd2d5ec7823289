extension VCardFuzz {
    /// What the mutations begin with: every part of the grammar at least once.
    static let samples: [[UInt8]] =
        [
            """
            BEGIN:VCARD\r\nVERSION:3.0\r\nN:Groß;Jürgen;a,b;Dr.;Jr.\r\nFN:Jürgen Groß\r\nORG:Acme\\, Inc.;Sales\r
            item1.TEL;TYPE=CELL,WORK;TYPE=pref:+49 (0) 30 1234567 x22\r\nitem1.X-ABLabel:_$!<Mobile>!$_\r
            TEL;type=CELL;waid=966500111222:+966 50 011 1222\r\nEMAIL;TYPE=home:mailto:a@b.c\r\nNOTE:a\\nb\\,c\r\n d\r
            PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n SkZJRgAB\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-05-09\r
            CATEGORIES:a,b\\,c\r\nUID:urn:uuid:A\r\nX-SOCIALPROFILE;type=twitter:http://t/jo\r\nEND:VCARD\r\n
            """,
            """
            BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=\r\nller;Jo\r
            TEL;HOME;CELL:030 1234567\r\nNOTE;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:see=\r\nTEL:123=0D=0A=\r\nend\r
            AGENT:\r\nBEGIN:VCARD\r\nN:Agent\r\nEND:VCARD\r\nPHOTO;JPEG;ENCODING=BASE64:\r\n /9j/4AAQ\r\nSkZJRgAB\r\n\r
            ADR;WORK:;;Main St;City;;1;C\r\nLABEL;WORK:Main St\r\nX-AIM:jo\r\nEND:VCARD\r\n
            """,
            """
            BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:individual\r\nFN;ALTID=1;LANGUAGE=ja:山田\r\nFN;ALTID=1;LANGUAGE=en:Yamada\r
            TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+1-201-555-0123;ext=5\r\nADR;LABEL="1 Main: St;x^n^'y":;;s;;;;\r
            PHOTO:data:image/gif;base64,R0lGODlh\r\nBDAY:--0509\r\nIMPP:xmpp:a@b.c\r\nLANG;PREF=1:ar\r\nEND:VCARD\r\n
            """,
            "BEGIN:VCARD\nVERSION:3.0\nFN:line feeds\nKIND:group\nMEMBER:urn:uuid:A\nEND:VCARD\n",
            "\u{FEFF}BEGIN:VCARD\rVERSION:3.0\rFN:returns\rTEL:٠٥٠١٢٣٤٥٦٧\rEND:VCARD\r",
            "text\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:no end\r\njunk\r\nTEL;X=\"y:1\r\nBEGIN:VCARD\r\nEND:VCARD\r\n",
        ].map { Array($0.utf8) } + [utf16]

    private static let utf16 = "\u{FEFF}BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jürgen 😀\r\nNOTE:a\r\n b\r\nEND:VCARD\r\n"
        .utf16
        .flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }

    /// What the mutations put in.
    static let tokens: [[UInt8]] =
        [
            "BEGIN:VCARD\r\n", "END:VCARD\r\n", "\r\n", "\n", "\r", "\r\n ", "=\r\n", "=", ";", ":", ",", "\\", "\"",
            "^", "\t", " ",
            "ENCODING=QUOTED-PRINTABLE", "ENCODING=b", ";CHARSET=", "VERSION:2.1\r\n", "VERSION:4.0\r\n", "AGENT:\r\n",
            "TEL:", "N:",
            "item1.", "data:image/png;base64,", "+", "00", "AAAA", "\u{1F600}", "\u{FEFF}", "\u{2028}", "=C3", "=0D=0A",
        ].map { Array($0.utf8) } + [[0], [0xC3], [0xBC], [0xFF, 0xFE], [0xED, 0xA0, 0x80], [0xF0, 0x9F]]
}
