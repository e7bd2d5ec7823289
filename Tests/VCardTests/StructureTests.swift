import Testing
import VCard

@Suite struct StructureTests {
    @Test(arguments: ["begin:vcard⏎version:3.0⏎fn:x⏎end:vcard", "BEGIN:vCard⏎VERSION:3.0⏎FN:x⏎END:vCard␠"])
    func `names ignore letter case`(file: String) {
        #expect(imported(bytes(file)).contact?.displayName == "x")
    }

    @Test func `a card without END is delivered and the next one is whole`() {
        let first = bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:a⏎TEL:+49301234567⏎")
        let result = imported(first + card("NOTE:n", name: "b"))
        #expect(result.contacts.map(\.displayName) == ["a", "b"])
        #expect(result.cards[0].warnings.map(\.code) == [.missingEnd])
        #expect(result.cards[1].warnings == [])
        #expect(result.contacts[1].notes == ["n"])
    }

    @Test func `a card cut off by the end of the file is delivered`() {
        let result = imported(bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:a⏎TEL:+4930"))
        #expect(result.contact?.displayName == "a")
        #expect(result.codes.contains(.truncated))
        #expect(result.summary.isTruncated)
    }

    @Test func `END without BEGIN is ignored`() {
        let result = imported(card("", name: "a") + bytes("END:VCARD⏎") + card("", name: "b"))
        #expect(result.contacts.map(\.displayName) == ["a", "b"])
        #expect(result.summary.warnings[.strayEnd] == 1)
    }

    @Test(arguments: [
        ("TEL;HOME:1234567", VCardVersion.v21), ("NOTE;QUOTED-PRINTABLE:a", .v21), ("PHOTO;ENCODING=BASE64:AAAA", .v21),
        ("TEL;TYPE=HOME:1234567", .v30), ("PHOTO;ENCODING=b:AAAA", .v30),
    ])
    func `a missing version is told by what occurs`(line: String, version: VCardVersion) {
        let file = bytes("BEGIN:VCARD⏎FN:x⏎\(line)⏎END:VCARD⏎")
        #expect(parsed(file).map(\.version) == [version])
        #expect(parsed(file).first?.warnings.map(\.code) == [.missingVersion])
    }

    @Test func `an unknown version is reported and read as its nearest`() {
        #expect(parsed(card("", version: "4.1")).map(\.version) == [.v40])
        #expect(imported(card("", version: "5")).codes == [.unknownVersion])
    }

    @Test func `text before, between and after cards is skipped and counted`() {
        let text = bytes("From: me⏎␠folded⏎⏎")
        let result = imported(text + card("", name: "a") + text + card("", name: "b") + text)
        #expect(result.contacts.map(\.displayName) == ["a", "b"])
        #expect(result.summary.warnings[.textOutsideCard] == 3)
        #expect(result.summary.outsideBytes == 3 * text.count)
        #expect(result.summary.error == nil)
    }

    @Test func `a line without a colon is skipped and reported with its line`() {
        let result = imported(card("nonsense⏎NOTE:n"))
        #expect(result.contact?.notes == ["n"])
        #expect(result.cards.first?.warnings.map(\.line) == [4])
        #expect(result.codes == [.noColon])
    }

    @Test(arguments: [
        "AGENT:⏎BEGIN:VCARD⏎VERSION:2.1⏎N:Agent⏎TEL:+4930999999⏎END:VCARD⏎NOTE:n",
        "AGENT:BEGIN:VCARD⏎N:Agent⏎TEL:+4930999999⏎END:VCARD⏎NOTE:n",
        "AGENT:⏎⏎BEGIN:VCARD⏎AGENT:⏎BEGIN:VCARD⏎N:Deep⏎END:VCARD⏎TEL:+49301⏎END:VCARD⏎NOTE:n",
    ])
    func `an agent's card is no contact and lends nothing to the outer one`(lines: String) {
        let result = imported(card(lines, version: "2.1", name: "Boss"))
        #expect(result.contacts.map(\.displayName) == ["Boss"])
        #expect(result.contact?.phones == [])
        #expect(result.contact?.notes == ["n"])
        #expect(Set(result.codes) == [.nestedCard])
    }

    @Test func `an escaped agent is opaque text`() {
        let agent = "AGENT:BEGIN:VCARD\\nFN:Susan\\nTEL:+4930999999\\nEND:VCARD\\n"
        let result = imported(card(agent, name: "Boss"))
        #expect(result.contacts.map(\.displayName) == ["Boss"])
        #expect(result.codes == [])
    }

    @Test func `agents deeper than the limit are passed over in silence`() {
        let depth = 50
        let lines =
            String(repeating: "AGENT:⏎BEGIN:VCARD⏎", count: depth) + String(repeating: "END:VCARD⏎", count: depth)
        let result = imported(card(lines + "NOTE:n", version: "2.1", name: "Boss") + card("", name: "b"))
        #expect(result.contacts.map(\.displayName) == ["Boss", "b"])
        #expect(result.contacts.first?.notes == ["n"])
        #expect(result.summary.warnings[.nestedCard] == VCardLimits().agentNesting)
    }

    @Test func `an agent that never ends costs the outer card its END at most`() {
        let first = card("AGENT:⏎BEGIN:VCARD⏎N:Agent", version: "2.1", name: "Boss")
        let result = imported(first + card("", name: "b"))
        #expect(result.contacts.map(\.displayName) == ["Boss", "b"])
        #expect(result.cards.first?.warnings.map(\.code).contains(.missingEnd) == true)
    }

    @Test func `nothing carries over between cards of different versions`() {
        let file =
            card("N:A;a,b⏎NOTE:x⏎␠y", version: "2.1") + card("N:B;a,b⏎NOTE:x⏎␠y", version: "3.0")
            + card("N:C;a,b⏎NOTE:x⏎␠y", version: "4.0") + card("N:D;a,b⏎NOTE:x⏎␠y", version: "2.1")
        let contacts = imported(file).contacts
        #expect(contacts.map(\.name.given) == ["a,b", "a b", "a b", "a,b"])
        #expect(contacts.map(\.notes) == [["x y"], ["xy"], ["xy"], ["x y"]])
    }

    @Test(arguments: [
        ("", Code.noCards), (" ⏎⏎\t⏎", .noCards), ("END:VCARD⏎", .noCards),
        ("<html><body>502 Bad Gateway</body></html>", .notAVCard), ("{\"error\": \"no such file\"}", .notAVCard),
        ("[\"vcard\", [[\"version\", {}, \"text\", \"4.0\"]]]", .notAVCard), ("PK<03><04><14><00><08>", .notAVCard),
        ("name,phone⏎Jo,123⏎", .notAVCard), ("<?xml version=\"1.0\"?><vcards/>", .notAVCard),
        ("BEGIN:VCALENDAR⏎VERSION:2.0⏎END:VCALENDAR⏎", .notAVCard),
        ("{\"VCards\":[\"BEGIN:VCARD\\nFN:x\\nEND:VCARD\"]}", .notAVCard),
    ])
    func `a file without cards is an error and never a success with nothing`(file: String, error: Code) {
        let result = imported(bytes(file))
        #expect(result.cards.isEmpty)
        #expect(result.summary.error == error)
        #expect(!result.summary.isSuccess)
    }

    @Test func `an import whose cards are all rejected is no success`() {
        let result = imported(card("", name: nil))
        #expect(result.outcomes == ["rejected"])
        #expect(result.codes == [.emptyCard])
        #expect(!result.summary.isSuccess)
    }
}
