import Bulkhead
import Testing

struct QuantityTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("2h", .seconds(7_200)),
        ("7d", .seconds(604_800)), ("0s", .zero), ("0ms", .zero), ("007s", .seconds(7)),
    ])
    func `durations are a whole number and a unit`(text: String, duration: Duration) {
        #expect(DurationText.duration(text) == duration)
    }

    @Test(arguments: [
        "", "5", "s", "1.5s", "-1s", "+1s", "1 s", "1S", "1min", "1m30s", "9223372036854775807d",
        "99999999999999999999s", "٣s",
    ])
    func `anything else is no duration`(text: String) {
        #expect(DurationText.duration(text) == nil)
    }

    @Test(arguments: [
        ("4096", 4_096), ("1B", 1), ("1KB", 1_000), ("1MB", 1_000_000), ("256MiB", 268_435_456),
        ("2GiB", 2_147_483_648),
    ])
    func `sizes are bytes, or a number with a unit`(text: String, bytes: Int) {
        #expect(ByteSize.bytes(text) == bytes)
    }

    @Test(arguments: ["", "MiB", "1 MiB", "1mib", "1.5MB", "-1", "0x10", "9223372036854775807KB"])
    func `anything else is no size`(text: String) {
        #expect(ByteSize.bytes(text) == nil)
    }

    @Test(arguments: ["500ms", "1500ms", "30s", "90s", "5m", "2h", "7d"])
    func `a duration is written as it would be read`(text: String) throws {
        let duration = try #require(DurationText.duration(text))
        #expect(DurationText.text(duration) == text)
    }

    @Test(arguments: ["1", "4KiB", "5000", "256MiB", "1GB", "2GiB"])
    func `a size is written as it would be read`(text: String) throws {
        let bytes = try #require(ByteSize.bytes(text))
        #expect(ByteSize.bytes(ByteSize.text(bytes)) == bytes)
    }

    @Test(arguments: [
        ("https://api.voxa.sa", "https://api.voxa.sa"), ("https://a.test:8443/v1/", "https://a.test:8443/v1"),
        ("http://[::1]:80", "http://[::1]:80"), ("https://a.test/a%20b", "https://a.test/a%20b"),
    ])
    func `base addresses lose the slash at their end and nothing else`(text: String, normal: String) {
        #expect(WebAddress(text)?.text == normal)
    }

    @Test(arguments: [
        "", "api.voxa.sa", "https:/a", "https://", "https:///a", "https://u:p@a.test", "https://a.test?x=1",
        "https://a.test/#f",
        "https://a.test/a b", "https://a.test:99999", "https://a.test:x", "HTTPS://a.test", "https://[::1",
        "https://a\u{0}",
    ])
    func `anything else is no base address`(text: String) {
        #expect(WebAddress(text) == nil)
    }
}
