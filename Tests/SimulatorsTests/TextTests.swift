import NIOCore
import Testing

@testable import Simulators

@Suite struct TextTests {
    @Test(arguments: [
        (#"{"a":[1,-2.5e3,true,false,null,"x"]}"#, #"{"a":[1,-2.5e3,true,false,null,"x"]}"#),
        (#" { "k" : "\u00e9\ud83d\ude00\n\"\\" } "#, "{\"k\":\"é😀\\n\\\"\\\\\"}"),
        (#""\ud800""#, "\"\u{FFFD}\""), ("[]", "[]"), (#"{"\u0001":1}"#, #"{"\u0001":1}"#),
    ])
    func `JSON is read and written`(text: String, written: String) throws {
        let value = try #require(JSON(Array(text.utf8)))
        var writer = JSONWriter()
        writer.value(value)
        #expect(String(buffer: writer.buffer) == written)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "01", "1.", "+1", "nul", "\"\u{1}\"", "\"\\x\"", "\"\\u00g0\"", "\"open", "1 2",
        "\"\\u+123\"", String(repeating: "[", count: 100_000),
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(JSON(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_777_593_599, "2026-04-30T23:59:59Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"),
    ])
    func `dates are written in UTC`(seconds: Int64, text: String) {
        #expect(Timestamp.seconds(seconds * 1_000_000_000) == text)
    }

    @Test(arguments: [
        ("2026-05-01", Int64(1_777_593_600 - 10_800)), ("2026-05-01T03:00:00Z", 1_777_593_600),
        ("2000-02-29T03:00:01.5", 951_782_401),
    ])
    func `filters read dates at UTC+3`(text: String, seconds: Int64) {
        #expect(Timestamp.atUTCPlus3(text) == seconds * 1_000_000_000)
    }

    @Test(arguments: ["", "x", "2026-13-01", "2026-00-01", "99999999999999999999-01-01", "2026-01-01T999:00"])
    func `what is no date is none`(text: String) {
        #expect(Timestamp.atUTCPlus3(text) == nil)
    }

    @Test(arguments: [("a%20b", "a b"), ("%2B60", "+60"), ("100%", "100%"), ("%zz", "%zz"), ("%C3%A9", "é")])
    func `escapes of addresses are decoded, broken ones left alone`(text: String, decoded: String) {
        #expect(PercentEncoding.decode(text[...]) == decoded)
    }
}
