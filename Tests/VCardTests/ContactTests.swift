import Testing
import VCard

@Suite struct ContactTests {
    @Test(arguments: [
        ("3.0", "N:A", Contact.Name(family: "A")),
        ("3.0", "N:A;B", Contact.Name(family: "A", given: "B")),
        ("3.0", "N:A;B;C;D;E", Contact.Name(family: "A", given: "B", additional: "C", prefix: "D", suffix: "E")),
        ("3.0", "N:A;B;C;D;E;F;G", Contact.Name(family: "A", given: "B", additional: "C", prefix: "D", suffix: "E")),
        ("4.0", "N:A;B;C;D;E;F;G;H", Contact.Name(family: "A", given: "B", additional: "C", prefix: "D", suffix: "E")),
        (
            "3.0", "N:Stevenson;John;Philip,Paul;Dr.;Jr.,M.D.",
            Contact.Name(
                family: "Stevenson",
                given: "John",
                additional: "Philip Paul",
                prefix: "Dr.",
                suffix: "Jr. M.D."
            )
        ),
        ("2.1", "N:A;B,C", Contact.Name(family: "A", given: "B,C")),
        ("3.0", "N:A\\;x;B\\,y", Contact.Name(family: "A;x", given: "B,y")),
        ("3.0", "N:;;;;", Contact.Name()),
        ("3.0", "NOTE:x", Contact.Name()),
    ])
    func `names are cut into their components`(version: String, line: String, name: Contact.Name) {
        let result = imported(card(line, version: version))
        #expect(result.contact?.name == name)
        #expect(result.contact?.displayName == "Somebody")
        #expect(result.codes == [])
    }

    @Test(arguments: [
        ("ADR:box;ext;street;city", ["box", "ext", "street", "city", "", "", ""]),
        ("ADR:1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18", ["1", "2", "3", "4", "5", "6", "7"]),
        ("ADR:;;a\\;b;;;;", ["", "", "a;b", "", "", "", ""]),
    ])
    func `addresses are cut into their components`(line: String, parts: [String]) {
        let address = imported(card(line)).contact?.addresses.first
        let found = address.map {
            [$0.poBox, $0.extended, $0.street, $0.locality, $0.region, $0.postalCode, $0.country]
        }
        #expect(found == parts)
    }

    @Test(arguments: ["N:;;;;", "TEL:", "EMAIL;TYPE=home:", "ORG:;", "ADR:;;;;;;", "CATEGORIES:,", "NOTE:", "BDAY:"])
    func `empty values are dropped without a warning`(line: String) {
        let result = imported(card(line))
        #expect(result.contact == Contact(displayName: "Somebody"))
        #expect(result.codes == [])
    }

    @Test(arguments: [
        ("FN:F⏎N:Fam;Giv;Add;Pre;Suf", "F", [Code]()),
        ("N:Fam;Giv;Add;Pre;Suf", "Pre Giv Add Fam Suf", [.nameMadeUp]),
        ("FN:⏎N:;Giv;;;", "Giv", [.nameMadeUp]),
        ("ORG:Acme, Inc.;Sales⏎NICKNAME:Nick", "Acme, Inc.", [.nameMadeUp]),
        ("NICKNAME:Nick,Nack⏎EMAIL:a@b.c", "Nick", [.nameMadeUp]),
        ("EMAIL:a@b.c⏎TEL:+49 30 1234567", "a@b.c", [.nameMadeUp]),
        ("TEL:+49 30 1234567", "+49 30 1234567", [.nameMadeUp]),
        ("FN:First⏎FN:Second", "First", []),
        ("FN:Doe, John", "Doe, John", []),
    ])
    func `the display name is the best there is`(lines: String, name: String, codes: [Code]) {
        let result = imported(card(lines, name: nil))
        #expect(result.contact?.displayName == name)
        #expect(result.codes == codes)
    }

    @Test func `version 2.1 needs no FN`() {
        let result = imported(card("N:Fam;Giv", version: "2.1", name: nil))
        #expect(result.contact?.displayName == "Giv Fam")
        #expect(result.codes == [])
    }

    @Test(arguments: [("ja", "山田"), ("en", "Yamada"), ("en-US", "Yamada"), ("de", "山田"), (nil, "山田")])
    func `of alternatives the wanted language is taken, else the first`(language: String?, name: String) {
        let lines = "FN;ALTID=1;LANGUAGE=ja:山田⏎FN;ALTID=1;LANGUAGE=en:Yamada"
        #expect(imported(card(lines, version: "4.0", name: nil), language: language).contact?.displayName == name)
    }

    @Test func `the first UID wins and another is reported`() {
        let result = imported(card("UID: URN:UUID:ABC-1 ⏎UID:b"))
        #expect(result.contact?.uid == "urn:uuid:abc-1")
        #expect(result.cards.first?.uid == "urn:uuid:abc-1")
        #expect(result.codes == [.duplicateUID])
        #expect(imported(card("UID:MixedCase")).contact?.uid == "MixedCase")
    }

    @Test(
        arguments: [
            ("BDAY:19800102", 1980, 1, 2), ("BDAY:1980-01-02", 1980, 1, 2), ("BDAY:1980-01-02T10:00:00Z", 1980, 1, 2),
            ("BDAY:19800102T100000", 1980, 1, 2), ("BDAY:--0509", nil, 5, 9), ("BDAY:--05-09", nil, 5, 9),
            ("BDAY:---09", nil, nil, 9), ("BDAY:--05", nil, 5, nil), ("BDAY:1980", 1980, nil, nil),
            ("BDAY:1980-05", 1980, 5, nil), ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-09", nil, 5, 9),
            ("BDAY;VALUE=date:1604-05-09", 1604, 5, 9), ("BDAY:2000-02-29", 2000, 2, 29), ("BDAY:--0229", nil, 2, 29),
        ] as [(String, Int?, Int?, Int?)]
    )
    func `dates are read with any part missing`(line: String, year: Int?, month: Int?, day: Int?) {
        let result = imported(card(line))
        let raw = String(line.split(separator: ":", maxSplits: 1)[1])
        #expect(result.contact?.birthday == PartialDate(year: year, month: month, day: day, raw: raw))
        #expect(result.codes == [])
    }

    @Test(arguments: [
        "1980-13-01", "1980-02-30", "1900-02-29", "yesterday", "02/01/1980", "-", "--", "1980-", "1980-1-2-3",
    ])
    func `an unreadable date keeps its text`(text: String) {
        let result = imported(card("BDAY:\(text)⏎ANNIVERSARY;VALUE=text:\(text)"))
        #expect(result.contact?.birthday == PartialDate(raw: text))
        #expect(result.contact?.anniversary == PartialDate(raw: text))
        #expect(result.codes == [.badDate])
    }

    @Test(arguments: [
        ("EMAIL:mailto:a@b.c", "a@b.c"), ("EMAIL:\"N\" <a@b.c>", "a@b.c"),
        ("EMAIL: A.B@Example.COM ", "A.B@example.com"),
        ("EMAIL:a@[127.0.0.1]", "a@[127.0.0.1]"), ("EMAIL:MAILTO:a@b.c?subject=x", "a@b.c"), ("EMAIL:ü@b.c", "ü@b.c"),
        ("EMAIL:\"a b\"@c.d", "\"a b\"@c.d"),
    ])
    func `e-mail addresses are found in what surrounds them`(line: String, address: String) {
        let result = imported(card(line))
        #expect(result.contact?.emails.map(\.address) == [address])
        #expect(result.codes == [])
    }

    @Test(arguments: [
        "nonsense", "a@", "@b.c", "a b@c.d", "a@b@c.d", "a@b..c", "a@.b", "a@b.c.", "<a@b.c", "a,b@c.d", ".a@b.c",
    ])
    func `an invalid e-mail address is dropped and never its card`(address: String) {
        let result = imported(card("EMAIL:\(address)⏎NOTE:n"))
        #expect(result.contact?.emails == [])
        #expect(result.contact?.notes == ["n"])
        #expect(result.codes == [.badEmail])
    }

    @Test(arguments: [
        ("PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", Contact.Photo(mediaType: "image/jpeg", bytes: 6)),
        ("PHOTO;ENCODING=B;TYPE=png:/9j/4A==", Contact.Photo(mediaType: "image/png", bytes: 4)),
        ("PHOTO;BASE64:/9j/4A", Contact.Photo(mediaType: nil, bytes: 4)),
        ("PHOTO;ENCODING=b:/9j/ 4AAQ SkZJRgAB", Contact.Photo(mediaType: "image/jpeg", bytes: 12)),
        ("PHOTO:data:image/gif;base64,R0lGODlh", Contact.Photo(mediaType: "image/gif", bytes: 6)),
        ("PHOTO:data:image/gif\\;base64\\,R0lGODlh", Contact.Photo(mediaType: "image/gif", bytes: 6)),
        ("PHOTO;VALUE=uri:http://a.b/c.jpg", Contact.Photo(url: "http://a.b/c.jpg")),
        ("PHOTO;MEDIATYPE=image/png:https://a.b/c", Contact.Photo(mediaType: "image/png", url: "https://a.b/c")),
        ("PHOTO;TYPE=JPEG:/9j/4AAQ", Contact.Photo(mediaType: "image/jpeg", bytes: 6)),
    ])
    func `photos are measured or named by their address`(line: String, photo: Contact.Photo) {
        let result = imported(card(line))
        #expect(result.contact?.photo == photo)
        #expect(result.codes == [])
    }

    @Test(arguments: [
        "PHOTO;ENCODING=b:/9j/4!AQ", "PHOTO;ENCODING=b:/9j/4", "PHOTO;ENCODING=b:/9==j/4A", "LOGO;ENCODING=b:A",
    ])
    func `broken base64 is dropped and its card kept`(line: String) {
        let result = imported(card(line))
        #expect(result.contact == Contact(displayName: "Somebody"))
        #expect(result.codes == [.badBase64])
    }

    @Test func `lists are cut at commas and nothing else`() {
        let result = imported(card("CATEGORIES:a,b\\,c, d⏎CATEGORIES:e;f⏎NICKNAME:x,y"))
        #expect(result.contact?.categories == ["a", "b,c", "d", "e;f"])
        #expect(result.contact?.nicknames == ["x", "y"])
    }

    @Test func `all else is mapped as the reference says`() {
        let lines = """
            ORG:Acme, Inc.;Sales;North⏎TITLE:T, x⏎ROLE:R⏎URL:http\\://x⏎REV:2020⏎LANG;PREF=2:de⏎LANG;PREF=1:ar⏎\
            IMPP;X-SERVICE-TYPE=Skype:skype:jg⏎IMPP:xmpp:a@b.c⏎X-SKYPE-USERNAME:jo⏎X-GTALK:g⏎\
            X-SOCIALPROFILE;type=twitter;x-user=jo:http://twitter.com/jo⏎SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://m/@a⏎\
            ANNIVERSARY:2000⏎KIND:individual⏎GEO:geo:1,2⏎X-ABUID:1
            """
        let contact = imported(card(lines, version: "4.0")).contact
        #expect(contact?.organization == "Acme, Inc.")
        #expect(contact?.units == ["Sales", "North"])
        #expect(contact?.title == "T, x")
        #expect(contact?.role == "R")
        #expect(contact?.urls == ["http://x"])
        #expect(contact?.revision == "2020")
        #expect(contact?.language == "ar")
        let handles = contact?.messaging.map { $0.service + " " + $0.handle }
        #expect(
            handles == ["skype jg", "xmpp a@b.c", "skype jo", "google-talk g", "twitter jo", "mastodon https://m/@a"]
        )
        #expect(contact?.anniversary?.year == 2000)
        #expect(contact?.custom.map(\.name) == ["X-ABUID"])
    }

    @Test func `preferred entries come first, then the file's order`() {
        let lines = "TEL:+49301111111⏎TEL;PREF=50:+49302222222⏎TEL;TYPE=pref:+49303333333⏎TEL:+49304444444"
        let phones = imported(card(lines, version: "4.0")).contact?.phones
        #expect(phones?.compactMap(\.e164) == ["+49303333333", "+49302222222", "+49301111111", "+49304444444"])
        #expect(phones?.map(\.pref) == [true, true, false, false])
    }

    @Test func `a mailing label goes to the address of its types`() {
        let lines = "ADR;HOME:;;h⏎ADR;WORK:;;w⏎LABEL;WORK:Work label⏎LABEL:Other label"
        #expect(imported(card(lines)).contact?.addresses.map(\.label) == ["Other label", "Work label"])
        #expect(
            imported(card("LABEL;HOME:alone")).contact?.addresses == [Contact.Address(types: [.home], label: "alone")]
        )
    }

    @Test(arguments: ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:Group"])
    func `a group is skipped with its own outcome`(line: String) {
        let result = imported(card(line + "⏎UID:g", version: "4.0"))
        #expect(result.outcomes == ["skipped"])
        #expect(result.codes == [.groupCard])
        #expect(result.cards.first?.uid == "g")
    }
}
