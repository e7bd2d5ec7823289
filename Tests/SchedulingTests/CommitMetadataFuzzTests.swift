import Foundation
import Scheduling
import Testing

@Suite struct CommitMetadataFuzzTests {
    /// `BULKHEAD_FUZZ_INPUTS` sets the number.
    private let inputs =
        ProcessInfo.processInfo.environment["BULKHEAD_FUZZ_INPUTS"].flatMap { Int($0) } ?? 20_000

    /// Payloads whose checksum is right, so that every branch of the reader meets nonsense.
    @Test func `hostile metadata neither traps nor costs memory`() {
        var random = SplitMix(state: 4_711)
        var understood = 0
        for _ in 0..<inputs {
            var payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                random.unit() < 0.3 ? 0xFF : UInt8.random(in: 0...255, using: &random)
            }
            if random.unit() < 0.5, payload.count > 8 { payload.replaceSubrange(1..<7, with: [0, 0, 0, 2, 0, 2]) }
            let text = Self.sealed(payload)
            let mark = random.next(in: 0...Int64.max - CommitMetadata.longestStretch)
            guard let metadata = CommitMetadata(text, mark: mark) else { continue }
            understood += 1
            let stretch = (metadata.finished.last?.upperBound ?? mark) - mark
            #expect(stretch <= CommitMetadata.longestStretch)
            for account in metadata.accounts {
                var budget = RateBudget([RateLimit(requests: 5, per: .seconds(1))])
                budget.takeOver(account.budget, usedUntil: nil, now: start)
                _ = budget.opening(.init(endpoint: 0, path: 0), now: start)
            }
        }
        #expect(understood > inputs / 1_000)
    }

    /// Text that was whole once.
    @Test func `damaged metadata is refused, or read within its bounds`() {
        var random = SplitMix(state: 1)
        let mark: Int64 = 1_000
        let whole = Array(
            CommitMetadata(
                isClean: false,
                writtenAt: start,
                finished: (0..<40 as Range<Int64>).map { mark + 1 + 3 * $0..<mark + 2 + 3 * $0 },
                positions: [.init(topic: 0, partition: 1, offset: 77)]
            ).encoded(mark: mark).utf8
        )
        for _ in 0..<inputs {
            var text = whole
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: text.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &random)
                case 1: text.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: place)
                default: if text.count > 1 { text.remove(at: place) }
                }
            }
            let read = CommitMetadata(String(decoding: text, as: UTF8.self), mark: mark)
            let stretch = (read?.finished.last?.upperBound ?? mark) - mark
            #expect(stretch <= CommitMetadata.longestStretch)
        }
    }

    /// The payload as a commit holds it, written a second time here so that the reader is not judged by its own writer.
    private static func sealed(_ payload: [UInt8]) -> String {
        var crc = UInt32.max
        for byte in payload {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        crc = ~crc
        let bytes = payload + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> UInt32($0)) }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var digits = Array("b1".utf8)
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                digits.append(alphabet[Int(pending >> bits & 63)])
            }
            pending &= 63
        }
        if bits > 0 { digits.append(alphabet[Int(pending << (6 - bits) & 63)]) }
        return String(decoding: digits, as: UTF8.self)
    }
}
