import KafkaClient
import Messages
import Testing

@testable import Pipeline

@Suite struct DeadLetterRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var filter: DeadLetterFilter
        var matches: Bool

        init(_ name: String, _ matches: Bool, _ change: (inout DeadLetterFilter) -> Void) {
            testDescription = name
            self.matches = matches
            filter = DeadLetterFilter()
            change(&filter)
        }
    }

    static let cases = [
        Case("nothing asked", true) { _ in },
        Case("its disposition", true) { $0.dispositions = [.refused, .exhausted] },
        Case("another disposition", false) { $0.dispositions = [.refused] },
        Case("its provider", true) { $0.providers = ["hatif"] },
        Case("another provider", false) { $0.providers = ["aelyst"] },
        Case("its account", true) { $0.accounts = ["main"] },
        Case("no campaign", false) { $0.campaigns = ["spring"] },
        Case("its status", true) { $0.statuses = [.exactly(404), .exactly(500)] },
        Case("its class", true) { $0.statuses = [.hundreds(5)] },
        Case("another class", false) { $0.statuses = [.hundreds(4), .none] },
        Case("since then", true) { $0.since = Timestamp(milliseconds: 1_799_000_000_000) },
        Case("since later", false) { $0.since = Timestamp(milliseconds: 1_799_000_000_001) },
        Case("until then", false) { $0.until = Timestamp(milliseconds: 1_799_000_000_000) },
        Case("until later", true) { $0.until = Timestamp(milliseconds: 1_799_000_000_001) },
        Case("its command", true) { $0.ids = ["a-1"] },
        Case("its own name", true) { $0.ids = ["b.dead-letters-1-17"] },
        Case("its original's name", true) { $0.ids = ["b.commands-1-1"] },
        Case("another command", false) { $0.ids = ["a-2"] },
        Case("one field of two", false) {
            $0.providers = ["hatif"]
            $0.statuses = [.exactly(404)]
        },
    ]

    @Test(arguments: cases)
    func `a filter lets through what fits in every field`(_ test: Case) throws {
        let letter = try #require(StoredLetter(stored(letter(), offset: 17)))
        #expect(test.filter.matches(letter) == test.matches)
    }

    @Test(arguments: [
        ("500", DeadLetterFilter.Status.exactly(500)), ("4xx", .hundreds(4)), ("none", .some(.none)), ("6xx", nil),
        ("99", nil), ("5x", nil), ("x", nil), ("", nil),
    ])
    func `a status is a number, a class or none`(text: String, expected: DeadLetterFilter.Status?) {
        #expect(DeadLetterFilter.Status(text) == expected)
    }

    @Test(arguments: [("i-1/17", true), ("i-1", true), ("b.imports-1-1", true), ("i-1/1", false), ("17", false)])
    func `the letter of one card is found by its card and by its import`(id: String, isFound: Bool) throws {
        var filter = DeadLetterFilter()
        filter.ids = [id]
        #expect(filter.matches(try #require(StoredLetter(stored(cardLetter())))) == isFound)
    }

    @Test func `a record that has no command is found by where it stood`() throws {
        let letter = try #require(StoredLetter(stored(letter(3, .rejected, value: Array("oops".utf8)))))
        var filter = DeadLetterFilter()
        filter.ids = ["b.commands-1-3"]
        #expect(filter.matches(letter))
        #expect(letter.command.id == "b.commands-1-3")
    }

    @Test(arguments: [
        ("b.results", false), ("b.failures", false), ("b.dead-letters", false), ("b.dead-letters.parked", false),
        ("b.lane.hatif.bulk", false), ("b.control", false), ("b.status", false), ("other.dead-letters", false),
        ("other.results", false), ("b.commands", true), ("b.imports", true), ("crm.orders", true),
    ])
    func `replays never go to dead letters, outcomes or lanes`(topic: String, isAllowed: Bool) {
        let targets = ReplayTargets(TopicNames(prefix: "b"), allow: [topic])
        #expect(targets.allowed == (isAllowed ? [topic] : []))
        #expect(targets.refused == (isAllowed ? [] : [topic]))
    }

    @Test func `the default targets are the command topics`() {
        #expect(ReplayTargets(TopicNames(prefix: "b")).allowed == ["b.commands", "b.imports"])
    }

    @Test func `what becomes of a letter`() throws {
        let world = try DeadLetterWorld()
        let rules = world.rules()
        let place = LetterPlace(partition: 1, offset: 0)
        #expect(rules.fate(of: stored(letter())) == .replay)
        #expect(rules.fate(of: stored(letter(replays: 2))) == .replay)
        #expect(rules.fate(of: stored(letter(replays: 3))) == .park(.tooManyReplays))
        #expect(rules.fate(of: stored(letter(replays: .max))) == .park(.tooManyReplays))
        #expect(rules.fate(of: stored(letter(origin: "b.results"))) == .leave(.targetNotAllowed))
        #expect(rules.fate(of: stored(letter()), parked: [place]) == .leave(.parked))
        #expect(rules.fate(of: stored(letter()), replayed: [place]) == .leave(.replayedAlready))
        var record = letter()
        record.headers.append(KafkaHeader(name: "bulkhead-dlq-value-omitted", text: "9000000"))
        #expect(rules.fate(of: stored(record)) == .leave(.valueOmitted))
        record.headers = []
        #expect(rules.fate(of: stored(record)) == .leave(.notALetter))
        #expect(world.rules(.park).fate(of: stored(letter(origin: "b.results"))) == .park(.byOrder))
        #expect(world.rules(maxReplays: 0).fate(of: stored(letter())) == .park(.tooManyReplays))
    }

    @Test func `the fingerprint tells filters and purposes apart, and not their order`() throws {
        let world = try DeadLetterWorld()
        var one = DeadLetterFilter()
        one.providers = ["a", "b", "c"]
        one.ids = ["x"]
        var other = DeadLetterFilter()
        other.ids = ["x"]
        other.providers = ["c", "b", "a"]
        #expect(world.rules(.replay, one).fingerprint == world.rules(.replay, other).fingerprint)
        var moved = other
        moved.ids = []
        moved.campaigns = ["x"]
        let all = [world.rules(), world.rules(.park), world.rules(.replay, one), world.rules(.replay, moved)]
        #expect(Set(all.map(\.fingerprint)).count == 4)
        #expect(all.allSatisfy { $0.fingerprint.count == 16 })
    }

    @Test func `a bookmark is read back, and shortened where brokers take less`() {
        let bookmark = ReplayBookmark(
            rules: "0123",
            end: 42,
            targets: ["b.commands": (0..<500).map { 1_000_000_000 + $0 }, "b.imports": [1, 2]]
        )
        #expect(ReplayBookmark(bookmark.encoded(limit: 100_000)) == bookmark)
        let short = bookmark.encoded()
        #expect(short.utf8.count <= 4_096)
        #expect(ReplayBookmark(short)?.targets == ["b.imports": [1, 2]])
        #expect(ReplayBookmark(short)?.end == 42)
    }

    @Test(arguments: [nil, "", "b1AAAA", "{}", "[1]", #"{"replay":1,"rules":"a","end":-1}"#, #"{"replay":2}"#])
    func `foreign metadata is no bookmark`(text: String?) {
        #expect(ReplayBookmark(text) == nil)
    }
}
