import Foundation
import Messages
import Testing

@Suite struct RecordFuzzTests {
    /// `BULKHEAD_FUZZ_INPUTS` sets the number.
    private let inputs =
        ProcessInfo.processInfo.environment["BULKHEAD_FUZZ_INPUTS"].flatMap { Int($0) } ?? 10_000

    @Test func `damaged records are accepted or rejected, never a trap`() {
        var random = RepeatableRandom(seed: 7)
        var rejected = 0
        let sources = Example.all("valid").map(\.bytes)
        for round in 0..<inputs {
            var bytes = sources[round % sources.count]
            RobustnessTests.damage(&bytes, &random)
            if let found = rejection(of: bytes) {
                rejected += 1
                #expect(!found.field.isEmpty)
            }
            _ = try? Outcome(decoding: bytes)
            _ = try? ImportCompleted(decoding: bytes)
            _ = try? CampaignCompleted(decoding: bytes)
            _ = try? ControlMessage(decoding: bytes)
            _ = try? StatusMessage(decoding: bytes)
        }
        #expect(rejected > inputs / 2)
    }

    /// Headers as records of every topic have them, half of them as they should be.
    @Test func `damaged headers are accepted or rejected, never a trap`() throws {
        var random = RepeatableRandom(seed: 5)
        var accepted = 0
        var ofLanes = 0
        var letters = 0
        for _ in 0..<inputs {
            var headers = Self.headers.shuffled(using: &random)
            for _ in 0..<Int.random(in: 0..<4, using: &random) { Self.damage(&headers, &random) }
            if Bool.random(using: &random) { headers.append(MessageHeader("content-type", "text/vcard")) }
            var value: [UInt8]? = Bool.random(using: &random) ? Self.data : Self.card
            if Int.random(in: 0..<8, using: &random) == 0 { value = nil }
            let time: Int64 = [0, -1, .min, .max, 1_795_251_600_123].randomElement(using: &random) ?? 0
            do throws(Rejection) {
                let message = try decode(value, headers, at: time)
                accepted += 1
                #expect(!message.event.id.isEmpty && !message.event.source.isEmpty)
            } catch {
                #expect(!error.field.isEmpty)
            }
            if let lane = LaneHeaders(headers) {
                ofLanes += 1
                // What intake would write of it reads the same again.
                #expect(LaneHeaders(lane.added(to: headers)) == lane)
            }
            if let letter = DeadLetter(headers) {
                letters += 1
                _ = letter.added(to: headers)
            }
            _ = MemberHeader(headers)?.header
            _ = DeadLetter.replayHeaders(of: headers)
        }
        #expect(accepted > inputs / 100)
        #expect(ofLanes > inputs / 10)
        #expect(letters > inputs / 10)
    }

    private static let data = utf8(
        #"{"provider":"hatif","account":"main","conversation":"3a1a4cb7-e7c1-f045-127b-ad2297847528","assignee":{"user":"u"}}"#
    )
    private static let card = utf8("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nTEL:1\r\nEND:VCARD\r\n")

    private static let headers = [
        ("ce_specversion", "1.0"), ("ce_id", "a-1"), ("ce_source", "/crm"),
        ("ce_type", "bulkhead.conversation.assign.v1"), ("ce_time", "2026-11-21T09:00:00Z"),
        ("ce_expirytime", "2026-11-22T09:00:00+01:00"), ("ce_priority", "bulk"), ("ce_subject", "s"),
        ("ce_traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("ce_tracestate", "a=b"),
        ("ce_correlationid", "c"), ("ce_provider", "hatif"), ("ce_account", "main"), ("ce_defaultcountry", "sa"),
        ("bulkhead-origin", "bulkhead.commands/3/17/1795251600123"), ("bulkhead-origin-key", "k"),
        ("bulkhead-entity", "hatif/main/1"), ("bulkhead-replays", "2"),
        ("bulkhead-member", #"{"previous":{"user":"1"},"maxRate":2.5,"parkings":1}"#),
        ("bulkhead-dlq-disposition", "refused"), ("bulkhead-dlq-topic", "bulkhead.commands"),
        ("bulkhead-dlq-partition", "3"), ("bulkhead-dlq-offset", "17"), ("bulkhead-dlq-timestamp", "1795251600123"),
        ("bulkhead-dlq-last-failure", "2026-11-21T09:00:00Z"), ("bulkhead-dlq-replays", "1"),
    ].map { MessageHeader($0.0, $0.1) }

    private static let values = [
        "", " ", "0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e400", "NaN", "{}",
        "[]", "null", #"{"parkings":-1}"#, #"{"parkings":9223372036854775807,"maxRate":-1e308}"#, "///", "a/b/c/d",
        "t/2147483648/0/0", "9999-12-31T23:59:60Z", "0000-00-00T00:00:00Z", "1970-01-01T00:00:00-99:99",
        "bulkhead.contacts.import.v1", "bulkhead.campaign.start.v1", "bulkhead.contacts.batch.v1", "live",
        "\u{0}\u{7F}\u{202E}", String(repeating: "x", count: 5_000),
    ]

    private static func damage(_ headers: inout [MessageHeader], _ random: inout RepeatableRandom) {
        guard let place = headers.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: headers[place].value = values.randomElement(using: &random).map { utf8($0) }
        case 1: headers[place].value = nil
        case 2: headers.remove(at: place)
        case 3: headers.append(headers[place])
        case 4: headers[place].name = ["ce_", "ce_A-b", "", "bulkhead-", "CE_id"].randomElement(using: &random) ?? ""
        default:
            var bytes = headers[place].value ?? []
            if !bytes.isEmpty { RobustnessTests.damage(&bytes, &random) }
            headers[place].value = bytes
        }
    }
}
