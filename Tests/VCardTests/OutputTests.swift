import Foundation
import Testing
import VCard

@Suite struct OutputTests {
    private let full = Contact(
        displayName: "Dr. Sara, \"S\\\" Ali; x",
        name: Contact.Name(family: "Ali;", given: "Sara,x", additional: "B\\", prefix: "Dr.", suffix: "Jr."),
        phones: [
            Contact.Phone(raw: "+966500111222", e164: "+966500111222", types: [.cell, .voice], pref: true),
            Contact.Phone(raw: "0501; 2", reason: .shortCode, types: [.work]),
        ],
        emails: [Contact.Email(address: "Sara@b.c", types: [.home])],
        organization: "Acme, Inc.",
        units: ["A;B", "C"],
        title: "Head, of\nsales",
        notes: ["one\ntwo\\n, three; four", " spaced "]
    )

    @Test func `a card is written as WhatsApp exports it`() {
        let contact = Contact(
            displayName: "سارة",
            name: Contact.Name(given: "سارة"),
            phones: [Contact.Phone(raw: "x", e164: "+966500111222", extension: "5", types: [.cell, .voice])]
        )
        let text =
            "BEGIN:VCARD\nVERSION:3.0\nN:;سارة;;;\nFN:سارة\n"
            + "TEL;type=CELL;type=VOICE;waid=966500111222:+966500111222\nEND:VCARD"
        #expect(VCardWriter.write(contact) == text)
    }

    @Test func `a written card reads back as the same contact`() {
        let result = imported(Array(VCardWriter.write(full).utf8))
        #expect(result.contact == full)
        let bare = Contact(displayName: "x")
        #expect(imported(Array(VCardWriter.write(bare).utf8)).contact == bare)
    }

    @Test func `control characters never leave`() {
        var contact = full
        contact.displayName = "a\u{0}b\u{1B}c\rd\u{7F}\u{85}e\tf"
        contact.notes = ["x\r\ny"]
        contact.phones = [Contact.Phone(raw: "1\r\nEND:VCARD", reason: .notANumber)]
        let text = VCardWriter.write(contact)
        #expect(text.contains("FN:abcde\tf\n"))
        #expect(text.contains("NOTE:x\\ny\n"))
        #expect(text.contains("TEL:1\\nEND:VCARD\n"))
        #expect(!text.unicodeScalars.contains("\r"))
    }

    @Test func `a card's line has the keys of the design`() throws {
        let lines = """
            FN:J<FC>rgen Gro<DF>⏎N:Groß;Jürgen;;;⏎item1.TEL;TYPE=WORK,PREF:+49 30 1234567⏎EMAIL;TYPE=home:j@example.com⏎\
            ORG:Acme;Sales⏎ADR:;;S⏎BDAY:--0509⏎PHOTO;ENCODING=b:/9j/4AAQ⏎X-SKYPE:jg⏎X-FOO:a"\\\\\\nb<01>
            """
        let result = imported(card(lines, name: nil))
        let line = try #require(result.cards.first.map(ContactJSON.line))
        let text = String(decoding: line, as: UTF8.self)
        let expected = """
            {"card":1,"line":1,"offset":0,"outcome":"accepted",\
            "codes":[{"code":"charset_guessed","line":3,"property":"FN"},\
            {"code":"control_characters","line":12,"property":"X-FOO"}],\
            "contact":{"displayName":"Jürgen Groß",\
            "name":{"family":"Groß","given":"Jürgen","additional":"","prefix":"","suffix":""},\
            "phones":[{"raw":"+49 30 1234567","e164":"+49301234567","reason":null,"extension":null,"types":["work"],\
            "label":null,"pref":true}],\
            "emails":[{"address":"j@example.com","types":["home"],"label":null,"pref":false}],\
            "organization":"Acme","units":["Sales"],"title":null,"role":null,\
            "addresses":[{"poBox":"","extended":"","street":"S","locality":"","region":"","postalCode":"","country":"",\
            "types":[],"label":null}],\
            "notes":[],"urls":[],"birthday":{"year":null,"month":5,"day":9,"raw":"--0509"},"anniversary":null,\
            "categories":[],"nicknames":[],"photo":{"mediaType":"image/jpeg","bytes":6,"url":null},\
            "uid":null,"revision":null,"language":null,"messaging":[{"service":"skype","handle":"jg"}],\
            "custom":[{"name":"X-FOO","value":"a\\"\\\\\\nb","label":null}]}}
            """
        #expect(text == expected)
        #expect(try JSONSerialization.jsonObject(with: Data(line)) is [String: Any])
    }

    @Test func `strings are escaped as JSON asks`() throws {
        let text = String(String.UnicodeScalarView((0...0x80).compactMap(Unicode.Scalar.init))) + "\u{2028}😀"
        let json = Data(ContactJSON.contact(Contact(displayName: text)))
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(object["displayName"] as? String == text)
        #expect(!json.contains(10))
    }

    @Test func `a check prints a line per card and ends with the summary`() throws {
        var check = VCardCheck(format: .json)
        let file = card("UID:a") + card("UID:a⏎junk") + card("KIND:group") + card("", name: nil)
        var output = check.feed(file)
        let end = check.finish()
        output += end.output
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 5)
        let outcomes = try lines.dropLast().map { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            return object["outcome"] as? String
        }
        #expect(outcomes == ["accepted", "duplicate", "skipped", "rejected"])
        #expect(lines[1].contains("\"duplicateOf\":1"))
        #expect(
            lines.last == """
                {"summary":{"cards":4,"accepted":1,"rejected":1,"skipped":1,"duplicate":1,"warnings":{"empty_card":1,\
                "group_card":1,"duplicate_uid":1,"no_colon":1},"error":null}}
                """
        )
        #expect(end.summary.isSuccess)
    }

    @Test func `a check in words names codes and places and no values`() {
        var check = VCardCheck(format: .text)
        var output = check.feed(card("TEL:0501234567") + card("TEL:+49301234567", name: nil) + bytes("Secret⏎"))
        output += check.finish().output
        #expect(
            String(decoding: output, as: UTF8.self) == """
                card 1, line 1: accepted
                  line 4: phone_not_e164 in TEL (needs_country)
                card 2, line 6: accepted
                  line 6: name_made_up
                line 10: text_outside_card
                2 cards: 2 accepted, 0 rejected, 0 skipped, 0 duplicate; 3 warnings

                """
        )
    }

    @Test func `the summary of a wrong file names the error`() {
        let summary = imported(bytes("<html>")).summary
        #expect(String(decoding: ContactJSON.summary(summary), as: UTF8.self).hasSuffix("\"error\":\"not_a_vcard\"}}"))
    }
}
