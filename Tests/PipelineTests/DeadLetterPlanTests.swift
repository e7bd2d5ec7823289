import KafkaClient
import Messages
import Testing

@testable import Pipeline

@Suite struct DeadLetterPlanTests {
    func added(_ records: [ProducerRecord]) throws -> DeadLetterPlan {
        let rules = try DeadLetterWorld().rules()
        var plan = DeadLetterPlan()
        for (index, record) in records.enumerated() {
            let record = stored(record, offset: Int64(index))
            plan.add(try #require(StoredLetter(record)), rules.fate(of: record), maxReplays: 3)
        }
        return plan
    }

    @Test func `letters are counted by provider, disposition, status and reason`() throws {
        let plan = try added(
            (1...5).map {
                letter($0, .notFound, status: 404, reason: "conversation 3a1a4cb7-e7c1-f045-127b-00000\($0) is gone")
            }
                + (6...8).map { letter($0) } + [letter(9, .rejected, status: nil, reason: "value: no JSON")]
                + [letter(10, provider: "aelyst"), letter(11, replays: 3), letter(12, origin: "b.results")]
        )
        #expect(plan.total == 12)
        #expect(plan.rows.map(\.count) == [5, 5, 1, 1])
        #expect(plan.rows[0].cause.reason == "conversation … is gone")
        #expect(plan.rows[0].cause.status == 404)
        #expect(plan.rows[0].example == "b.dead-letters-1-0")
        #expect(plan.rows[1].cause.reason == "try later")
        #expect(plan.rows[2].cause.provider == "aelyst")
        #expect(plan.rows[3].cause.disposition == .rejected)
        #expect(plan.replays == 10)
        #expect(plan.parks == [.tooManyReplays: 1])
        #expect(plan.leaves == [.targetNotAllowed: 1])
        let json = try JSON(parsing: plan.json.encoded)
        #expect(json["causes"]?.elements?.count == 4)
        #expect(json["wouldPark"]?["too_many_replays"] == .integer(1))
    }

    /// A word of letters for each number.
    private static func word(_ number: Int) -> String {
        String(String(number).map { Character(UnicodeScalar(UInt8(ascii: "a") + UInt8($0.wholeNumberValue ?? 0))) })
    }

    @Test func `endless reasons do not fill the memory`() throws {
        let plan = try added((0..<1_200).map { letter($0, reason: Self.word($0)) })
        #expect(plan.rows.count == 1_001)
        #expect(plan.rows[0].cause.reason == "other reasons")
        #expect(plan.rows[0].count == 200)
    }

    @Test(arguments: [
        ("HTTP 404", "HTTP 404"), ("user 12345 is gone", "user … is gone"), ("a@b1.example", "….example"), ("", ""),
        ("Größe 12345: né", "Größe …: né"),
    ])
    func `ids in reasons count as the same`(reason: String, expected: String) {
        #expect(DeadLetterPlan.pattern(reason) == expected)
    }

    @Test func `a letter is told to a human`() throws {
        let record = stored(letter(1, .refused, status: 422, replays: 1, reason: "operator is offline"), offset: 4)
        let story = DeadLetterStory(try #require(StoredLetter(record)), maxReplays: 3)
        let lines = Dictionary(uniqueKeysWithValues: story.lines.map { ($0.heading, $0.text) })
        #expect(lines["Dead letter"] == "b.dead-letters-1-4")
        #expect(lines["Command"] == "a-1 of /t, bulkhead.conversation.assign.v1")
        #expect(lines["Asked"]?.hasPrefix("assign hatif/main/00000000-") == true)
        #expect(lines["Asked"]?.contains("to user 7, decided at 2026-11-21T09:00:00Z") == true)
        #expect(lines["Answered"] == "refused, HTTP 422: operator is offline")
        #expect(lines["How often"] == "8 attempts, 0 deferrals, replayed 1 of 3 times")
        let first = Timestamp(milliseconds: 1_798_000_001_000)
        let last = Timestamp(milliseconds: 1_799_000_000_000)
        #expect(lines["Since"] == "\(first), last at \(last)")
        #expect(lines["What to do"]?.isEmpty == false)
        #expect(try JSON(parsing: story.json.encoded)["status"] == .integer(422))
    }

    @Test func `a record that is no command is told, too`() throws {
        let record = stored(letter(1, .rejected, status: nil, value: Array("{oops".utf8)))
        let story = DeadLetterStory(try #require(StoredLetter(record)), maxReplays: 3)
        let asked = try #require(story.lines.first { $0.heading == "Asked" }?.text)
        #expect(asked.hasPrefix("no command (5 bytes): value: found no JSON"))
    }

    @Test func `the letter of one card says which card of which import it is`() throws {
        let stored = try #require(StoredLetter(stored(cardLetter())))
        #expect(stored.command.id == "i-1/17")
        let story = DeadLetterStory(stored, maxReplays: 3)
        let lines = Dictionary(uniqueKeysWithValues: story.lines.map { ($0.heading, $0.text) })
        #expect(lines["Command"] == "i-1/17 of /t, bulkhead.contacts.import.v1")
        let asked = "import card 17 of i-1, which begins in line 120, to hatif/main, decided at 2026-11-21T09:00:00Z"
        #expect(lines["Asked"] == asked)
        #expect(try JSON(parsing: story.json.encoded)["card"] == .integer(17))
    }

    @Test func `every disposition and replay count has its advice`() throws {
        for disposition in Disposition.allCases where disposition.isDeadLettered {
            for status in [nil, 400, 402, 403, 404, 409, 422, 500] {
                let fresh = try #require(StoredLetter(stored(letter(1, disposition, status: status)))).letter
                #expect(!fresh.advice(maxReplays: 3).contains("parks it"))
                #expect(fresh.advice(maxReplays: 0).contains("parks it"))
            }
        }
    }
}
