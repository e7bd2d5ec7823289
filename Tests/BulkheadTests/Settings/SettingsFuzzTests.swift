import Bulkhead
import Foundation
import Testing

@Suite struct SettingsFuzzTests {
    /// `BULKHEAD_FUZZ_INPUTS` sets the number.
    private let inputs =
        ProcessInfo.processInfo.environment["BULKHEAD_FUZZ_INPUTS"].flatMap { Int($0) } ?? 300

    @Test func `damaged settings are taken or told what is wrong, never a trap`() {
        var random = SplitMix(state: 3)
        var wrong = 0
        let whole = Array(SettingsWorld.example.utf8)
        for _ in 0..<inputs {
            var text = whole
            for _ in 0...Int.random(in: 0..<4, using: &random) { Self.damage(&text, &random) }
            var environment = SettingsWorld.secrets
            if let name = Self.names.randomElement(using: &random), Bool.random(using: &random) {
                environment[name] = Self.tokens.randomElement(using: &random)
            }
            let loaded = SettingsWorld(String(decoding: text, as: UTF8.self), environment: environment).load()
            #expect((loaded.settings == nil) == !loaded.problems.isEmpty)
            let problems = loaded.problems.map(\.description)
            #expect(!problems.contains { problem in SettingsWorld.secrets.values.contains { problem.contains($0) } })
            if !problems.isEmpty { wrong += 1 }
        }
        #expect(wrong > inputs / 2)
    }

    private static let names = [
        "BULKHEAD_PROVIDERS_HATIF_CONCURRENCY", "BULKHEAD_PROVIDERS_HATIF_LIMITS", "BULKHEAD_LANES_BULK_SHARE",
        "BULKHEAD_PROVIDERS", "BULKHEAD_KAFKA_BOOTSTRAP_SERVERS", "BULKHEAD_PROVIDERS__", "BULKHEAD_",
        "BULKHEAD_PROVIDERS_HATIF_LIMITS_0_PER", "BULKHEAD_ADMIN_LISTEN",
    ]

    private static let tokens = [
        "", " ", "- ", ": ", "{", "}", "[", "]", "&a ", "*a", "<<: *a", "!!binary ", "!!float ", "|\n", ">-\n", "\t",
        "#",
        "\"", "'", "${", "${HATIF_SECRET}", "${file:/x}", "${${A}}", "~", "null", "true", "1e999", "-0", ".inf", ".nan",
        "0x7fffffffffffffff", "9223372036854775808", "99999999999999999999d", "1s", "-1s", "0.0000001ns", "16EiB",
        "%YAML 1.3\n", "---\n", "...\n", "\u{FEFF}", "\u{0}", "? ", "providers:\n  x: ", "999999:1",
    ]

    private static func damage(_ text: inout [UInt8], _ random: inout SplitMix) {
        let place = Int.random(in: 0...text.count, using: &random)
        let end = min(text.count, place + Int.random(in: 0..<40, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: text.removeSubrange(place..<end)
        case 1: text.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: text.insert(contentsOf: Array(text[place..<end]), at: Int.random(in: 0...text.count, using: &random))
        default: text.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: place)
        }
    }
}
