import Messages
import Testing

struct RecordTests {
    private let origin = RecordPosition(
        topic: "bulkhead.commands",
        partition: 258,
        offset: 4_294_967_298,
        timestamp: 1_795_251_600_123
    )
    private let own = [
        MessageHeader("content-type", "application/json"), MessageHeader("ce_id", "a"), MessageHeader("x", nil),
    ]

    @Test(arguments: [nil, [0xFF, 0x00] as [UInt8], []]) func `lane headers bring back where a command came from`(
        key: [UInt8]?
    ) {
        let lane = LaneHeaders(origin: origin, key: key, entity: "hatif/main/x", replays: 2)
        let headers = lane.added(to: own)
        #expect(LaneHeaders(headers) == lane)
        #expect(Array(headers.prefix(3)) == own)
        #expect(LaneHeaders.stripped(from: headers) == own)
    }

    @Test func `a producer cannot speak for intake`() {
        let forged = [MessageHeader("bulkhead-entity", "other/main/y"), MessageHeader("bulkhead-origin", "t/0/1/2")]
        let lane = LaneHeaders(origin: origin, key: nil, entity: "hatif/main/x")
        #expect(LaneHeaders(lane.added(to: own + forged)) == lane)
        #expect(LaneHeaders.stripped(from: forged) == [])
    }

    @Test(arguments: ["", "t", "t/0/1", "t/0/1/2/3", "t/0/x/2", "t/2147483648/1/2"])
    func `a record whose origin cannot be read is none of a lane`(origin: String) {
        let headers = [MessageHeader("bulkhead-entity", "hatif/main/x"), MessageHeader("bulkhead-origin", origin)]
        #expect(LaneHeaders(headers) == nil)
    }

    private func deadLetter() -> DeadLetter {
        var letter = DeadLetter(
            disposition: .notFound,
            reason: "Conversation not found",
            lastFailure: Timestamp(milliseconds: 2_000),
            origin: origin
        )
        letter.provider = "hatif"
        letter.account = "main"
        letter.campaign = "c-1"
        letter.card = 17
        letter.httpStatus = 404
        letter.attempts = 1
        letter.deferrals = 3
        letter.firstFailure = Timestamp(milliseconds: 1_000)
        letter.replays = 1
        return letter
    }

    @Test func `dead letters are read back, and the command's own headers stand first and unchanged`() {
        let headers = deadLetter().added(to: own)
        #expect(DeadLetter(headers) == deadLetter())
        #expect(Array(headers.prefix(3)) == own)
        #expect(DeadLetter.stripped(from: headers) == own)
    }

    @Test func `a dead letter has every header of the documentation, as text or as other tools write it`() {
        let headers = deadLetter().added(to: [MessageHeader]())
        let names = [
            "bulkhead-dlq-disposition": "not_found", "bulkhead-dlq-reason": "Conversation not found",
            "bulkhead-dlq-provider": "hatif", "bulkhead-dlq-account": "main", "bulkhead-dlq-campaign": "c-1",
            "bulkhead-dlq-card": "17", "bulkhead-dlq-http-status": "404", "bulkhead-dlq-attempts": "1",
            "bulkhead-dlq-deferrals": "3",
            "bulkhead-dlq-first-failure": "1970-01-01T00:00:01Z", "bulkhead-dlq-last-failure": "1970-01-01T00:00:02Z",
            "bulkhead-dlq-replays": "1", "bulkhead-dlq-topic": "bulkhead.commands", "bulkhead-dlq-partition": "258",
            "bulkhead-dlq-offset": "4294967298", "bulkhead-dlq-timestamp": "1795251600123",
            "kafka_dlt-original-topic": "bulkhead.commands", "kafka_dlt-exception-message": "Conversation not found",
            "__dlq.errors.topic": "bulkhead.commands", "__dlq.errors.partition": "258",
            "__dlq.errors.offset": "4294967298", "__dlq.errors.message": "Conversation not found",
        ]
        for (name, text) in names { #expect(headers.text(of: name) == text) }
        #expect(headers.value(of: "kafka_dlt-original-partition") == [0, 0, 1, 2])
        #expect(headers.value(of: "kafka_dlt-original-offset") == [0, 0, 0, 1, 0, 0, 0, 2])
        #expect(headers.value(of: "kafka_dlt-original-timestamp") == [0, 0, 1, 0xA1, 0xFD, 0x55, 0x7A, 0xFB])
        #expect(headers.count == names.count + 3)
    }

    @Test func `each replay counts one more, also when it dies again`() {
        var letter = deadLetter()
        let replayed = DeadLetter.replayHeaders(of: letter.added(to: own))
        #expect(DeadLetter.replays(of: replayed) == 2)
        #expect(DeadLetter.card(of: replayed) == 17)
        #expect(replayed.count == own.count + 2)
        letter.replays = 2
        #expect(DeadLetter(letter.added(to: replayed))?.replays == 2)
        #expect(DeadLetter(replayed) == nil)
    }

    @Test func `hashes are those of FNV-1a in 128 bits`() {
        #expect(Hash128().value == 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
        var hash = Hash128()
        hash.combine(byte: UInt8(ascii: "a"))
        #expect(hash.value == 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964)
    }

    @Test func `a hash tells source, id and replay apart`() {
        let commands: [(String, String, Int)] = [
            ("a", "b", 0), ("ab", "", 0), ("", "ab", 0), ("a", "b", 1), ("a", "b0", 0), ("b", "a", 0),
        ]
        let hashes = commands.map { Hash128(source: $0.0, id: $0.1, replay: $0.2) }
        #expect(Set(hashes).count == hashes.count)
        #expect(Hash128(source: "a", id: "b", replay: 0) == hashes[0])
    }

    @Test(arguments: ["lane/hatif", "lane/hatif/main", "campaign/c-1"])
    func `control keys are read and written`(text: String) {
        #expect(ControlKey(text)?.description == text)
        #expect(ControlKey(utf8(text)) == ControlKey(text))
    }

    @Test(arguments: ["", "lane", "lane/", "lane/a/", "lane/a/b/c", "campaign", "campaign/", "campaign/a/b", "Lane/a"])
    func `what is no control key is refused`(text: String) {
        #expect(ControlKey(text) == nil)
    }

    @Test func `one record holds what all acts on a key came to`() throws {
        let time = Timestamp(milliseconds: 1_000)
        let limits = [ControlMessage.Limit(requests: 50, per: .seconds(60), burst: 5, scope: "account")]
        let limited = ControlMessage(.limit, by: "sara", at: time, limits: limits)
        let paused = ControlMessage(
            .pause,
            after: limited,
            by: "sara",
            why: "upgrade",
            at: time,
            until: Timestamp(milliseconds: 5_000)
        )
        #expect(paused.limits == limits && paused.holds(at: time))
        #expect(!paused.holds(at: Timestamp(milliseconds: 5_000)))
        #expect(try ControlMessage(decoding: paused.encoded()) == paused)
        #expect(paused.limiting == ControlMessage.Act(by: "sara", at: time))
        let slowed = ControlMessage(.limit, after: paused, by: "omar", at: time, limits: limits)
        #expect(slowed.pausing == paused.pausing)
        #expect(slowed.pausing != nil)
        #expect(slowed.limiting == ControlMessage.Act(by: "omar", at: time))
        #expect(try ControlMessage(decoding: slowed.encoded()) == slowed)
        let resumed = ControlMessage(.resume, after: paused, by: "omar", at: time)
        #expect(resumed.pausing == nil)
        #expect(resumed.limits == limits && !resumed.holds(at: time) && resumed.until == nil)
        #expect(ControlMessage(.limit, after: resumed, by: "omar", at: time).limits == nil)
        #expect(
            ControlMessage(.resume, after: ControlMessage(.cancel, by: "x", at: time), by: "x", at: time).isCancelled
        )
    }
}
