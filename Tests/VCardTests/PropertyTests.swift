import Testing
import VCard

@Suite struct PropertyTests {
    @Test(arguments: [
        ("TEL;HOME;CELL:+49301234567", [Contact.Kind.cell, .home], false),
        ("TEL;TYPE=CELL,WORK;TYPE=pref:+49301234567", [.cell, .work], true),
        ("TEL;TYPE=\"cell,voice\":+49301234567", [.cell, .voice], false),
        ("TEL;type=\"cell\",\"pref\":+49301234567", [.cell], true),
        ("TEL;HOME;PREF;:+49301234567", [.home], true),
        ("TEL;TYPE=:+49301234567", [], false),
        ("TEL;:+49301234567", [], false),
        ("TEL;TYPE=cell;TYPE=cell;TYPE=CELL:+49301234567", [.cell], false),
        ("TEL;TYPE=x-satellite:+49301234567", [.other], false),
        ("TEL;PREF=abc:+49301234567", [], false),
        ("TEL;PREF=0:+49301234567", [], false),
        ("TEL;PREF=100:+49301234567", [], true),
        ("TEL ; TYPE = fax :+49301234567", [.fax], false),
    ])
    func `types are one set however they are written`(line: String, types: [Contact.Kind], isPreferred: Bool) {
        for version in ["2.1", "3.0", "4.0"] {
            let phone = imported(card(line, version: version)).contact?.phones.first
            #expect(phone?.types == types)
            #expect(phone?.pref == isPreferred)
            #expect(phone?.e164 == "+49301234567")
        }
    }

    @Test func `quotes protect colon, semicolon and comma`() {
        let result = imported(card("ADR;LABEL=\"1 Main: St;x,y\";TYPE=home:;;Main St"))
        #expect(result.contact?.addresses.first?.label == "1 Main: St;x,y")
        #expect(result.contact?.addresses.first?.street == "Main St")
        #expect(result.contact?.addresses.first?.types == [.home])
    }

    @Test func `quotes that never close are ordinary characters`() {
        let result = imported(card("TEL;X-FOO=\"a:+49301234567⏎NOTE:n"))
        #expect(result.contact?.phones.map(\.e164) == ["+49301234567"])
        #expect(result.contact?.notes == ["n"])
    }

    @Test func `carets in parameters are resolved`() {
        let label = { (version: String) in
            imported(card("ADR;LABEL=a^nb^'c^^d^e:;;s", version: version)).contact?.addresses.first?.label
        }
        #expect(label("4.0") == "a\nb\"c^d^e")
        #expect(label("3.0") == "a\nb\"c^d^e")
        #expect(label("2.1") == "a^nb^'c^^d^e")
    }

    @Test(arguments: [
        "item1.TEL:+49301234567⏎item1.X-ABLabel:_$!<Mobile>!$_", "Any-2.TEL:+49301234567⏎ANY-2.x-ablabel:Mobile",
    ])
    func `a group's label goes to its property`(lines: String) {
        let result = imported(card(lines))
        #expect(result.contact?.phones.map(\.label) == ["Mobile"])
        #expect(result.contact?.custom == [])
    }

    @Test func `a label goes to both properties of its group and to no other`() {
        let result = imported(card("a.TEL:+49301234567⏎a.EMAIL:a@b.c⏎b.EMAIL:d@b.c⏎a.X-ABLabel:Both"))
        #expect(result.contact?.phones.map(\.label) == ["Both"])
        #expect(result.contact?.emails.map(\.label) == ["Both", nil])
    }

    @Test func `unknown names are custom properties`() {
        let result = imported(card("X_FOO:1⏎X-messaging/x-All:2⏎Home phone:3⏎item1.X-FOO;TYPE=a:4⏎item1.X-ABLabel:L"))
        #expect(
            result.contact?.custom == [
                Contact.CustomField(name: "X_FOO", value: "1"),
                Contact.CustomField(name: "X-messaging/x-All", value: "2"),
                Contact.CustomField(name: "Home phone", value: "3"),
                Contact.CustomField(name: "X-FOO", value: "4", label: "L"),
            ]
        )
        #expect(result.codes == [])
    }

    @Test(arguments: [
        ("3.0", "NOTE:a\\, b\\; c\\\\ d\\n e\\N f", "a, b; c\\ d\n e\n f"),
        ("3.0", "NOTE:\\\"AS IS\\\" B\\'C", "\"AS IS\" B'C"),
        ("3.0", "NOTE:C:\\temp\\1", "C:\\temp\\1"),
        ("3.0", "NOTE:end\\", "end\\"),
        ("3.0", "NOTE:a, b; c", "a, b; c"),
        ("2.1", "NOTE:a\\;b\\\\c\\nd", "a;b\\c\nd"),
        ("2.1", "NOTE:a\\,b\\:c", "a\\,b\\:c"),
        ("4.0", "NOTE;ENCODING=BASE64:SGVsbG8=", "Hello"),
    ])
    func `escapes are resolved as the version has them`(version: String, line: String, note: String) {
        #expect(imported(card(line, version: version)).contact?.notes == [note])
    }

    @Test func `warnings never carry a name that may be somebody's`() {
        let result = imported(card("John Smith;CHARSET=none:J<FC>rgen⏎X-FOO:J<FC>rgen"))
        #expect(result.cards.first?.warnings.map(\.property) == [nil, nil, "X-FOO"])
    }
}
