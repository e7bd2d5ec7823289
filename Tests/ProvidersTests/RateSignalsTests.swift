import HTTPTypes
import ProviderKit
import Scheduling
import Testing

@Suite struct RateSignalsTests {
    /// 2026-11-21T09:00:00Z.
    private let now = Instant(milliseconds: 1_795_251_600_000)

    private func signals(_ fields: [(String, String)]) -> RateSignals {
        var head = HTTPFields()
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { head.append(HTTPField(name: name, value: value)) }
        }
        return RateSignals(head, now: now)
    }

    private func signals(_ name: String, _ value: String) -> RateSignals { signals([(name, value)]) }

    @Test(
        arguments: [
            ("30", 30.0), ("0", 0), (" 5 ", 5), ("1.5", 1.5), ("0.0004", 0.001),
            ("Sat, 21 Nov 2026 09:01:00 GMT", 60), ("Saturday, 21-Nov-26 09:01:00 GMT", 60),
            ("Sat Nov 21 09:01:00 2026", 60),
            ("sat, 21 nov 2026 09:01:00 gmt", 60), ("Sat, 21 Nov 2026 08:59:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Thu, 31 Dec 2026 23:59:60 GMT", 2_678_400), ("Friday, 21-Nov-99 09:00:00 GMT", 0),
            ("99999999999999999999999", 2_678_400), ("4000000000", 2_678_400),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 2_678_400),
        ] as [(String, Double)]
    )
    func `a delay is seconds or any HTTP date, and never beyond a month`(value: String, seconds: Double) {
        #expect(signals("Retry-After", value).retryAt == now.advanced(by: .milliseconds(Int64(seconds * 1_000))))
    }

    @Test(arguments: [
        "", "soon", "-5", "+5", "1e9", "5 s", "NaN", "inf", ".", "1.2.3", "0x10", "٣", "Sat, 21 Nov 2026", "Sat Nov 21",
        "Sat, 99 Nov 2026 09:01:00 GMT", "Sat, 21 Foo 2026 09:01:00 GMT", "Sat, 21 Nov 2026 9:1 GMT",
        "Sat, 21 Nov 2026 25:00:00 GMT", "Sat, 21 Nov 20260 09:00:00 GMT", ", , , , GMT", ":::::",
    ])
    func `a delay that cannot be read counts as none`(value: String) {
        #expect(signals("Retry-After", value).retryAt == nil)
    }

    @Test func `of several delays the longest holds`() {
        let both = signals([
            ("Retry-After", "5"), ("Retry-After", "Sat, 21 Nov 2026 09:00:30 GMT"), ("Retry-After", "x"),
        ])
        #expect(both.retryAt == now.advanced(by: .seconds(30)))
    }

    @Test(
        arguments: [
            ("0", 0), ("30", 30), ("86400", 86_400), ("999999999", 2_678_400), ("1795251660", 60),
            ("1795251660.5", 60.5),
            ("1795251660000", 60), ("1795251660250", 60.25), ("1", 1), ("1000000000", 0),
            ("99999999999999999999", 2_678_400),
            ("Sat, 21 Nov 2026 09:01:00 GMT", 60),
        ] as [(String, Double)]
    )
    func `a reset is a delay, an epoch in seconds or one in milliseconds`(value: String, seconds: Double) {
        #expect(
            signals("X-RateLimit-Reset", value).resetAt == now.advanced(by: .milliseconds(Int64(seconds * 1_000)))
        )
    }

    @Test func `limit and remaining are read from the fields in common use`() {
        let read = signals([("x-ratelimit-limit", "10"), ("X-RateLimit-Remaining", "3"), ("Retry-After", "1")])
        #expect(read.limit == 10)
        #expect(read.remaining == 3)
        #expect(read.resetAt == nil)
        #expect(read.retryAt == now.advanced(by: .seconds(1)))
    }

    @Test(
        arguments: [
            ("100", 100), ("100, 100;w=60", 100), ("100;w=60", 100), ("12.7", 12),
            ("99999999999999999999", 1_000_000_000),
            ("-1", nil), ("many", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func `a count is a number, clamped, or nothing`(value: String, count: Int?) {
        #expect(signals("X-RateLimit-Limit", value).limit == count)
        #expect(signals("X-RateLimit-Remaining", value).remaining == count)
        #expect(signals("RateLimit-Limit", value).limit == count)
    }

    @Test func `the present form of the draft names windows`() {
        let read = signals([
            (
                "RateLimit-Policy",
                #""burst";q=100;w=60, "daily";q=1000;w=86400;pk=:cHNk:, "size";q=9;qu="content-bytes";w=1"#
            ),
            ("RateLimit", #""burst";r=50;t=30, "daily";r=20;t=4000"#),
        ])
        #expect(read.remaining == 20)
        #expect(read.limit == 1_000)
        #expect(read.resetAt == now.advanced(by: .seconds(4_000)))
        #expect(
            read.policies == [
                RatePolicy(name: "burst", requests: 100, window: .seconds(60)),
                RatePolicy(name: "daily", requests: 1_000, window: .seconds(86_400)),
            ]
        )
    }

    @Test func `earlier forms of the draft are read as well`() {
        let dictionary = signals([
            ("RateLimit", "limit=100, remaining=50, reset=5"), ("RateLimit-Policy", "100;w=60;comment=\"x\", 10;w=1"),
        ])
        #expect(dictionary.limit == 100)
        #expect(dictionary.remaining == 50)
        #expect(dictionary.resetAt == now.advanced(by: .seconds(5)))
        #expect(
            dictionary.policies == [
                RatePolicy(requests: 100, window: .seconds(60)), RatePolicy(requests: 10, window: .seconds(1)),
            ]
        )
        let fields = signals([("RateLimit-Limit", "10"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "7")])
        #expect(fields.limit == 10)
        #expect(fields.remaining == 0)
        #expect(fields.resetAt == now.advanced(by: .seconds(7)))
        #expect(signals("RateLimit", "default;r=1;t=2").remaining == 1)
    }

    @Test func `the standard's fields go before those in common use`() {
        let read = signals([
            ("X-RateLimit-Limit", "1"), ("X-RateLimit-Remaining", "1"), ("RateLimit", #""a";r=7"#),
            ("RateLimit-Policy", #""a";q=9"#),
        ])
        #expect(read.limit == 9)
        #expect(read.remaining == 7)
    }

    @Test(arguments: [
        "", "a;r=", "\"a;r=5", #""a";r=-5;t=1"#, #""a";r="5""#, "a;r=5,,", "limit=100", "(a b);r=1", "a;r=1.5",
        "\u{FF}",
    ])
    func `a broken field of the draft is left out whole`(value: String) {
        #expect(signals("RateLimit", value).remaining == nil)
        #expect(signals("RateLimit-Policy", value).policies.isEmpty)
    }

    @Test func `no header traps, whatever it holds`() {
        let alphabet = Array("0123456789\";,=rqtw()-.: :@%abcGMT?*\\\u{7F}ÿ")
        var random = SplitMix(state: 7)
        let names = [
            "Retry-After", "RateLimit", "RateLimit-Policy", "RateLimit-Limit", "X-RateLimit-Reset",
            "X-RateLimit-Remaining",
        ]
        var isBounded = true
        for round in 0..<5_000 {
            let value = String(
                (0..<Int.random(in: 0...24, using: &random)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                }
            )
            let read = signals(names[round % names.count], value)
            let instants = [read.retryAt, read.resetAt].compactMap { $0 }
            isBounded =
                isBounded && instants.allSatisfy { $0 >= now && $0 <= now.advanced(by: RateSignals.longestWait) }
        }
        #expect(isBounded)
    }

    @Test func `a response without such fields says nothing`() {
        #expect(signals([("Content-Type", "a"), ("Date", "x")]) == RateSignals())
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
