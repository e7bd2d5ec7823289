import Foundation
import Messages
import Testing

struct TimestampTests {
    private static let readable: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0 as Int64), ("1969-12-31T23:59:59.999999999Z", -1),
        ("2026-11-21T09:00:00Z", 1_795_251_600_000_000_000), ("2026-11-21t09:00:00z", 1_795_251_600_000_000_000),
        ("2026-11-21T12:00:00+03:00", 1_795_251_600_000_000_000),
        ("2026-11-20T22:30:00-10:30", 1_795_251_600_000_000_000),
        ("2026-11-21T09:00:00.5Z", 1_795_251_600_500_000_000),
        ("2026-11-21T09:00:00.123456789Z", 1_795_251_600_123_456_789),
        ("2026-11-21T09:00:00.1234567899999Z", 1_795_251_600_123_456_789),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000), ("2000-02-29T00:00:00Z", 951_782_400_000_000_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000), ("2017-01-01T02:59:60+03:00", 1_483_228_800_000_000_000),
        ("9999-12-31T23:59:59Z", .max), ("0001-01-01T00:00:00Z", .min),
    ]

    @Test(arguments: readable) func `RFC 3339 text is read`(text: String, nanoseconds: Int64) throws {
        #expect(Timestamp(text)?.nanoseconds == nanoseconds)
    }

    private static let unreadable: [String] = [
        "", "2026-11-21", "2026-11-21T09:00:00", "2026-11-21 09:00:00Z", "2026-11-21T09:00Z", "2026-11-21T24:00:00Z",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-11-21T09:60:00Z", "2026-11-21T09:00:60Z", "2026-11-21T09:00:61Z", "2026-11-21T09:00:00.Z",
        "2026-11-21T09:00:00+3:00", "2026-11-21T09:00:00+0300", "2026-11-21T09:00:00+24:00", "2026-11-21T09:00:00ZZ",
        "2026-11-21T09:00:00,5Z", " 2026-11-21T09:00:00Z", "٢٠٢٦-11-21T09:00:00Z", "1795251600",
    ]

    @Test(arguments: unreadable) func `what is no RFC 3339 date-time is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    private static let written: [(Int64, String)] = [
        (0 as Int64, "1970-01-01T00:00:00Z"), (1_000_000, "1970-01-01T00:00:00.001Z"),
        (1_000, "1970-01-01T00:00:00.000001Z"), (1, "1970-01-01T00:00:00.000000001Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"), (100_000_000, "1970-01-01T00:00:00.100Z"),
        (.max, "2262-04-11T23:47:16.854775807Z"), (.min, "1677-09-21T00:12:43.145224192Z"),
    ]

    @Test(arguments: written) func `a time is written in UTC with as many digits as it needs`(
        nanoseconds: Int64,
        text: String
    ) {
        #expect(Timestamp(nanoseconds: nanoseconds).description == text)
    }

    @Test func `every time survives being written and read`() {
        var random = RepeatableRandom(seed: 3)
        for _ in 0..<10_000 {
            let time = Timestamp(nanoseconds: Int64.random(in: .min ... .max, using: &random))
            #expect(Timestamp(time.description) == time)
        }
    }

    @Test func `every day from 1900 to 2100 is the one that Foundation says`() {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: Int64(-25_567), to: 47_482, by: 1) {
            let seconds = day * 86_400 + 3_661
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(Timestamp(milliseconds: seconds * 1_000).description == text)
        }
    }

    @Test func `Kafka timestamps are clamped and milliseconds round down`() {
        #expect(Timestamp(milliseconds: .max).nanoseconds == .max)
        #expect(Timestamp(milliseconds: .min).nanoseconds == .min)
        #expect(Timestamp(milliseconds: -1).milliseconds == -1)
        #expect(Timestamp(nanoseconds: -1).milliseconds == -1)
        #expect(Timestamp(nanoseconds: 1_999_999).milliseconds == 1)
    }

    private static let durations: [(String, Duration)] = [
        ("0ms", Duration.zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("90s", .seconds(90)),
        ("5m", .seconds(300)), ("2h", .seconds(7_200)), ("7d", .seconds(604_800)),
    ]

    @Test(arguments: durations) func `durations are read and written`(text: String, duration: Duration) {
        #expect(Duration(messageText: text) == duration)
        #expect(Duration(messageText: duration.messageText) == duration)
    }

    @Test(arguments: ["", "5", "s", "-5s", "1.5s", "5 s", "5S", "5sec", "99999999999999999999s", "99999999d", "٥s"])
    func `what is no duration is refused`(text: String) {
        #expect(Duration(messageText: text) == nil)
    }
}
