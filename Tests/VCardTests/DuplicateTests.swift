import Testing
import VCard

@Suite struct DuplicateTests {
    private let number = "TEL:+49301234567"

    private func outcomes(_ cards: [UInt8]...) -> [ImportedCard.Outcome] {
        imported(Array(cards.joined())).cards.map { card in
            card.contact == nil ? card.outcome : .accepted(Contact(displayName: ""))
        }
    }

    private let accepted = ImportedCard.Outcome.accepted(Contact(displayName: ""))

    @Test func `the same UID is a duplicate of the first`() {
        let found = outcomes(card("UID:a", name: "x"), card("UID:b", name: "y"), card("UID: a ", name: "z"))
        #expect(found == [accepted, accepted, .duplicate(.duplicateUID, of: 1)])
    }

    @Test(arguments: [
        ("Jürgen Groß", "GROß,  jürgen"), ("Jürgen Groß", "Ju\u{308}rgen Groß"), ("O'Neil, Pat", "pat o neil"),
        ("Doe-Smith", "doe smith"), ("!!!", "!!!"), ("محمد علي", "علي محمد"), ("A\u{2014}B", "b a"),
        ("\u{212B}sa", "A\u{30A}SA"), ("\u{212A}im", "kim"), ("آدم", "ا\u{653}دم"), ("ŃÑ", "n\u{301}ñ"),
        ("ǗX", "u\u{308}\u{301}x"),
        ("李 雷", "雷\u{3000}李"),
    ])
    func `the same numbers and folded name are a duplicate`(first: String, second: String) {
        let found = outcomes(card(number, name: first), card(number, name: second))
        #expect(found == [accepted, .duplicate(.duplicateContent, of: 1)])
    }

    @Test(arguments: [
        ("Jo Doe", "Jo Roe"), ("!!!", "???"), ("a a b", "a b b"), ("ab", "a b"), ("Müller", "Muller"),
        ("آدم", "ادم"), ("a\u{308}\u{301}", "a\u{301}\u{308}"),
    ])
    func `another name is another contact`(first: String, second: String) {
        #expect(outcomes(card(number, name: first), card(number, name: second)) == [accepted, accepted])
    }

    @Test func `sets of numbers are compared whatever their order and spelling`() {
        let found = outcomes(
            card("TEL:+49301234567⏎TEL:+49307654321⏎EMAIL:a@b.c"),
            card("TEL:+49 30 7654321⏎TEL:+49 30 1234567⏎TEL:+49301234567⏎EMAIL:x@y.z"),
            card("TEL:+49301234567")
        )
        #expect(found == [accepted, .duplicate(.duplicateContent, of: 1), accepted])
    }

    @Test func `without numbers the addresses count, in lower case`() {
        let found = outcomes(card("EMAIL:A@b.c⏎TEL:123"), card("EMAIL:a@B.c⏎TEL:456"), card("EMAIL:other@b.c"))
        #expect(found == [accepted, .duplicate(.duplicateContent, of: 1), accepted])
    }

    @Test func `a name alone makes no duplicate`() {
        #expect(outcomes(card("ORG:x"), card("ORG:x")) == [accepted, accepted])
    }

    @Test func `sharing a number or an address is a warning`() {
        let result = imported(
            card("TEL:+49301234567⏎EMAIL:a@b.c", name: "x") + card("TEL:+49301234567", name: "y")
                + card("EMAIL:a@b.c", name: "z") + card("TEL:+49301111111⏎TEL:+49301111111", name: "w")
        )
        #expect(result.outcomes == ["accepted", "accepted", "accepted", "accepted"])
        #expect(result.cards.map { $0.warnings.map(\.code) } == [[], [.possibleDuplicate], [.possibleDuplicate], []])
    }

    @Test func `a card that was not imported makes no duplicate`() {
        let result = imported(card("KIND:group⏎UID:a", name: "x") + card("UID:a", name: "y"))
        #expect(result.outcomes == ["skipped", "accepted"])
    }

    @Test func `parts of a file see the cards of those before them, and the same when they are read again`() {
        let first = card("UID:a⏎TEL:+49301234567", name: "x") + card("UID:b⏎EMAIL:a@b.c", name: "y")
        let second = card("UID:a", name: "z") + card("TEL:+49301234567", name: "x") + card("EMAIL:a@b.c", name: "w")
        var memory = DuplicateIndex()
        func read(_ part: [UInt8], at card: Int) -> [ImportedCard] {
            let place = ImportPosition(card: card, line: 1, offset: 0)
            var contacts = ContactImport(at: place, after: memory)
            var cards: [ImportedCard] = []
            contacts.feed(part) { cards.append($0) }
            #expect(!contacts.finish(isPart: true) { cards.append($0) }.duplicateCheckIsIncomplete)
            memory = contacts.duplicates
            return cards
        }
        for _ in 1...2 {
            #expect(read(first, at: 1).map { $0.warnings.map(\.code) } == [[], []])
            let cards = read(second, at: 3)
            #expect(cards.map(\.outcome.name) == ["duplicate", "duplicate", "accepted"])
            #expect(cards[0].outcome == .duplicate(.duplicateUID, of: 1))
            #expect(cards[1].outcome == .duplicate(.duplicateContent, of: 1))
            #expect(cards[2].warnings.map(\.code) == [.possibleDuplicate])
        }
    }

    @Test func `beyond the limit the check is reported as incomplete`() {
        var settings = VCardSettings()
        settings.limits.rememberedCards = 1
        let result = imported(card("UID:a") + card("UID:b") + card("UID:b") + card("UID:a"), settings: settings)
        #expect(result.outcomes == ["accepted", "accepted", "accepted", "duplicate"])
        #expect(result.summary.duplicateCheckIsIncomplete)
        #expect(!imported(card("UID:a")).summary.duplicateCheckIsIncomplete)
    }

    @Test func `thousands of cards are told apart, and each is found again`() {
        let cards = (1...5_000).flatMap { card("UID:u\($0)⏎EMAIL:e\($0)@b.c", name: "n\($0)") }
        let result = imported(cards + cards)
        #expect(result.summary.accepted == 5_000)
        #expect(result.cards[5_000...].allSatisfy { $0.outcome == .duplicate(.duplicateUID, of: $0.index - 5_000) })
    }
}
