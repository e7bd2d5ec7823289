import Messages
import Testing

struct OutcomeTests {
    private let times = Outcome.Times(accepted: Timestamp(milliseconds: 1), finished: Timestamp(milliseconds: 2))

    private func outcome(_ disposition: Disposition, id: String = "a-1001") -> Outcome {
        Outcome(command: CommandReference(id: id, source: "/crm/routing"), disposition: disposition, times: times)
    }

    @Test func `ids do not change from version to version`() {
        #expect(outcome(.applied).id == "e0c0bea37576d4ff5e7d2b26ad6efe34")
    }

    @Test func `an id depends on source, id and replay and on nothing else`() {
        var replayed = outcome(.refused)
        replayed.replay = 1
        var other = outcome(.applied, id: "1001")
        other.command.source = "/crm/routing\u{0}a-"
        #expect(outcome(.refused).id == outcome(.applied).id)
        #expect(Set([outcome(.applied).id, replayed.id, other.id, outcome(.applied, id: "b").id]).count == 4)
    }

    @Test func `each disposition has its topic, and those that can be replayed are dead letters`() {
        let results = Disposition.allCases.filter { $0.topic == .results }.map(\.rawValue)
        #expect(results == ["applied", "unchanged", "reconciled", "superseded", "simulated"])
        let dead = Disposition.allCases.filter(\.isDeadLettered).map(\.rawValue)
        #expect(dead == ["rejected", "refused", "not_found", "unauthorized", "exhausted"])
    }

    @Test func `a record that is not even JSON has an outcome`() throws {
        let position = RecordPosition(topic: "bulkhead.commands", partition: 3, offset: 118, timestamp: 5)
        let found = try #require(rejection(of: utf8("oops")))
        let outcome = Outcome(rejecting: position, found, times: times)
        #expect(outcome.command.id == "bulkhead.commands-3-118" && outcome.key == outcome.command.id)
        #expect(outcome.rejection?.field == "value" && outcome.response.message?.contains("byte 0") == true)
        #expect(try Outcome(decoding: outcome.encoded()) == outcome)
    }

    @Test func `what a provider says is cut to 500 characters, and left out when it is to be redacted`() {
        var outcome = outcome(.refused)
        outcome.response = Outcome.Response(status: 400, message: String(repeating: "é", count: 900))
        #expect(outcome.response.message?.count == 500)
        #expect(outcome.redacted().response == Outcome.Response(status: 400))
    }

    @Test func `fields of later versions are passed over`() throws {
        let example = try #require(Example.all("valid").first { $0.kind == "bulkhead.outcome.v1" })
        let text = String(decoding: example.bytes, as: UTF8.self).replacing(
            "\"attempts\":",
            with: "\"new\": {}, \"attempts\":"
        )
        #expect(try Outcome(decoding: utf8(text)) == Outcome(decoding: example.bytes))
    }

    @Test func `an event of another type is no outcome`() {
        #expect(throws: Rejection.self) { try Outcome(decoding: utf8(assignExample)) }
    }
}
