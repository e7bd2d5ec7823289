import Testing
import VCard

@Suite struct LimitTests {
    private func settings(_ change: (inout VCardLimits) -> Void) -> VCardSettings {
        var settings = VCardSettings()
        change(&settings.limits)
        return settings
    }

    @Test(arguments: [1, 100, 100_000])
    func `a text or a photo that is too long is dropped and its card kept`(chunk: Int) {
        let small = settings {
            $0.textValue = 5_000
            $0.binaryValue = 9_000
        }
        for (count, codes) in [(5_000, [Code]()), (5_001, [.valueTooLong])] {
            let result = imported(card("NOTE:" + String(repeating: "x", count: count)), chunk: chunk, settings: small)
            #expect(result.contact?.notes.map(\.count) == (codes.isEmpty ? [5_000] : []))
            #expect(result.codes == codes)
        }
        for (count, codes) in [(9_000, [Code]()), (9_004, [.valueTooLong])] {
            let line = "PHOTO;ENCODING=b:" + String(repeating: "A", count: count)
            let result = imported(card(line), chunk: chunk, settings: small)
            #expect(result.contact?.photo?.bytes == (codes.isEmpty ? 6_750 : nil))
            #expect(result.codes == codes)
        }
    }

    @Test(arguments: [1, 100, 100_000])
    func `a card that is too large is rejected and the next one read`(chunk: Int) {
        let small = settings { $0.card = 1_000 }
        let lines = String(repeating: "NOTE:" + String(repeating: "x", count: 95) + "⏎", count: 20)
        for ending in [card(lines, name: "big"), Array(card(lines, name: "big").dropLast(11))] {
            let result = imported(ending + card("NOTE:n", name: "b"), chunk: chunk, settings: small)
            #expect(result.outcomes == ["rejected", "accepted"])
            #expect(result.cards[0].outcome == .rejected(.cardTooLarge))
            #expect(result.cards[0].warnings.map(\.code).first == .cardTooLarge)
            #expect(result.contacts.map(\.notes) == [["n"]])
        }
    }

    @Test func `a card with too many properties is rejected`() {
        let small = settings { $0.propertiesPerCard = 3 }
        let result = imported(card("NOTE:1⏎NOTE:2") + card("NOTE:1⏎NOTE:2⏎NOTE:3") + card("NOTE:4"), settings: small)
        #expect(result.outcomes == ["accepted", "rejected", "accepted"])
        #expect(result.cards[1].outcome == .rejected(.tooManyProperties))
    }

    @Test func `a card with too many groups is rejected, however their letters are written`() {
        let small = settings { $0.groupsPerCard = 2 }
        let two = card("a.TEL:1234567⏎A.X-ABLabel:x⏎b.TEL:1234568⏎NOTE:n")
        let three = card("a.TEL:1234567⏎b.TEL:1234568⏎c.TEL:1234569")
        let result = imported(two + three + two, settings: small)
        #expect(result.outcomes == ["accepted", "rejected", "accepted"])
        #expect(result.cards[1].outcome == .rejected(.tooManyProperties))
    }

    @Test(arguments: [1, 100, 100_000])
    func `surplus parameters are dropped and their property kept`(chunk: Int) {
        let many = "TEL;TYPE=home" + String(repeating: ";X-A=1", count: 100) + ";TYPE=cell:+49301234567"
        let long = "TEL;TYPE=home;X-A=" + String(repeating: "a", count: 9_000) + ";TYPE=cell:+49301234567"
        for line in [many, long] {
            let result = imported(card(line), chunk: chunk)
            #expect(result.contact?.phones.map(\.e164) == ["+49301234567"])
            #expect(result.contact?.phones.map(\.types) == [[.home]])
            #expect(result.codes == [.parametersDropped])
        }
    }

    @Test func `surplus components and items are ignored`() {
        let small = settings {
            $0.componentsPerValue = 3
            $0.itemsPerList = 2
        }
        let result = imported(card("N:a;b;c;d;e⏎CATEGORIES:a,b,c⏎CATEGORIES:d"), settings: small)
        #expect(result.contact?.name == Contact.Name(family: "a", given: "b", additional: "c"))
        #expect(result.contact?.categories == ["a", "b"])
    }

    @Test func `warnings beyond the limit are only counted`() {
        let result = imported(card(String(repeating: "junk⏎", count: 50)))
        #expect(result.cards.first?.warnings.count == 20)
        #expect(result.cards.first?.tally.total == 50)
        #expect(result.summary.warnings[.noColon] == 50)
    }

    @Test func `an import of too many cards says how far it got`() {
        let small = settings { $0.cards = 2 }
        let one = card("")
        let result = imported(one + one + one, settings: small)
        #expect(result.cards.count == 2)
        #expect(result.summary.cards == 2)
        #expect(result.summary.error == .tooManyCards)
        #expect(!result.summary.isSuccess)
        #expect(result.summary.limitsHit == [.tooManyCards])
    }

    @Test(arguments: [1, 7, 100_000])
    func `an import of too many bytes says how far it got`(chunk: Int) {
        let one = card("")
        let small = settings { $0.bytes = one.count * 2 + 5 }
        let result = imported(one + one + one, chunk: chunk, settings: small)
        #expect(result.cards.count == 2)
        #expect(result.summary.error == .fileTooLarge)
        #expect(result.summary.bytes == one.count * 2 + 5)
        #expect(imported(one + one, settings: small).summary.error == nil)
    }

    @Test func `custom properties are capped`() {
        let small = settings {
            $0.customFields = 1
            $0.customValue = 3
        }
        let result = imported(card("X-A:1234⏎X-B:123⏎X-C:1"), settings: small)
        #expect(result.contact?.custom.map(\.name) == ["X-B"])
        #expect(result.codes == [.valueTooLong, .valueTooLong])
    }
}
