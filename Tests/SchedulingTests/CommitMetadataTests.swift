import Scheduling
import Testing

@Suite struct CommitMetadataTests {
    @Test(arguments: 0..<300 as Range<UInt64>)
    func `what is written is read back`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let mark = random.next(in: 0...1 << 40)
        let metadata = Self.metadata(mark, &random)
        let text = metadata.encoded(mark: mark)
        let read = try #require(CommitMetadata(text, mark: mark))
        #expect(read.isClean == metadata.isClean)
        #expect(read.writtenAt == metadata.writtenAt)
        #expect(read.finished == metadata.finished)
        #expect(read.positions == metadata.positions)
        #expect(read.retries.map(\.offset) == metadata.retries.map(\.offset))
        #expect(read.retries.map(\.attempts) == metadata.retries.map(\.attempts))
        for (retry, original) in zip(read.retries, metadata.retries) {
            Self.expectNotEarlier(retry.at.nanoseconds, original.at.nanoseconds, metadata.writtenAt)
        }
        #expect(read.accounts.map(\.id) == metadata.accounts.map(\.id))
        for (left, right) in zip(read.accounts, metadata.accounts) {
            Self.expectNotEarlier(left.budget.closedUntil, right.budget.closedUntil, metadata.writtenAt)
            #expect(left.budget.windows.map(\.effective) == right.budget.windows.map(\.effective))
            #expect(left.budget.windows.map(\.proven) == right.budget.windows.map(\.proven))
            for (one, other) in zip(left.budget.windows, right.budget.windows) {
                Self.expectNotEarlier(one.fullUntil, other.fullUntil, metadata.writtenAt)
                #expect(one.held.map(\.count) == other.held.map(\.count))
                for (held, original) in zip(one.held, other.held) {
                    Self.expectNotEarlier(held.until, original.until, metadata.writtenAt)
                }
            }
        }
    }

    @Test func `one stuck command beside thousands of finished ones fits into few bytes`() {
        let mark: Int64 = 1_000_000
        let metadata = CommitMetadata(isClean: false, writtenAt: start, finished: [mark + 1..<mark + 50_001])
        #expect(metadata.encoded(mark: mark).utf8.count < 40)
    }

    @Test func `every other record finished costs a bit each`() throws {
        let mark: Int64 = 7
        let finished = (0..<5_000 as Range<Int64>).map { mark + 1 + 2 * $0..<mark + 2 + 2 * $0 }
        let metadata = CommitMetadata(isClean: true, writtenAt: start, finished: finished)
        let text = metadata.encoded(mark: mark)
        #expect(text.utf8.count < 10_000 / 8 * 4 / 3 + 100)
        #expect(try #require(CommitMetadata(text, mark: mark)).finished == finished)
    }

    @Test(arguments: [
        "", "b1", "b", "b2AAAA", "b1====", "b1AAAAAAAA", "OffsetMetadata{1}", "{\"v\":1}", "b1é", "b1 ", "B1AAAAAA",
        "b1" + String(repeating: "A", count: 5), "b1" + String(repeating: "_", count: 4_000),
    ])
    func `text of somebody else is none of ours`(text: String) {
        #expect(CommitMetadata(text, mark: 0) == nil)
    }

    @Test func `a single damaged character is noticed`() {
        var random = SplitMix(state: 9)
        let metadata = Self.metadata(100, &random)
        let text = Array(metadata.encoded(mark: 100).utf8)
        for index in text.indices {
            var damaged = text
            damaged[index] = damaged[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let read = CommitMetadata(String(decoding: damaged, as: UTF8.self), mark: 100)
            // The last character may hold bits that stand for nothing.
            #expect(read == nil || index == text.count - 1, "at \(index)")
        }
        for length in 0..<text.count {
            #expect(CommitMetadata(String(decoding: text.prefix(length), as: UTF8.self), mark: 100) == nil)
        }
    }

    @Test(arguments: [Int64.max, .max - 1, .max - 10, -1, .min])
    func `no mark makes reading trap`(mark: Int64) {
        let few = CommitMetadata(isClean: true, writtenAt: start, finished: [11..<20, 30..<31]).encoded(mark: 10)
        let many = CommitMetadata(
            isClean: true,
            writtenAt: start,
            finished: (0..<100 as Range<Int64>).map { 11 + 2 * $0..<12 + 2 * $0 }
        ).encoded(mark: 10)
        for text in [few, many] {
            guard let metadata = CommitMetadata(text, mark: mark) else { continue }
            #expect(metadata.finished.allSatisfy { $0.lowerBound >= mark })
        }
    }

    private static func metadata(_ mark: Int64, _ random: inout SplitMix) -> CommitMetadata {
        var finished: [Range<Int64>] = []
        var position = mark
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let lower = position + random.next(in: 1...20)
            position = lower + random.next(in: 1...200)
            finished.append(lower..<position)
        }
        let writtenAt = Instant(milliseconds: random.next(in: 0...4_000_000_000_000))
        func instant() -> Int64 {
            Bool.random(using: &random) ? 0 : writtenAt.nanoseconds + random.next(in: 1...600_000_000_000)
        }
        let accounts = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            CommitMetadata.Account(
                id: UInt32.random(in: 0 ... .max, using: &random),
                budget: BudgetState(
                    windows: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                        WindowState(
                            effective: Int.random(in: 1...1_000, using: &random),
                            proven: Int.random(in: 0...1_000, using: &random),
                            held: (0..<Int.random(in: 0...16, using: &random)).map { _ in
                                .init(
                                    count: Int.random(in: 1...60, using: &random),
                                    until: writtenAt.nanoseconds + random.next(in: 1...60_000_000_000)
                                )
                            },
                            fullUntil: instant()
                        )
                    },
                    closedUntil: instant()
                )
            )
        }
        return CommitMetadata(
            isClean: Bool.random(using: &random),
            writtenAt: writtenAt,
            finished: finished,
            accounts: accounts,
            positions: (0..<Int.random(in: 0...24, using: &random)).map {
                .init(topic: UInt8($0 % 2), partition: Int32($0), offset: random.next(in: 0...1 << 45))
            },
            retries: (0..<Int.random(in: 0...20, using: &random)).map { _ in
                .init(
                    offset: mark + random.next(in: 0...5_000),
                    attempts: Int.random(in: 1...100, using: &random),
                    at: Instant(nanoseconds: writtenAt.nanoseconds + random.next(in: 1...300_000_000_000))
                )
            }
        )
    }

    /// Rounded up to the millisecond and never down, as a slot must not come free early.
    private static func expectNotEarlier(_ read: Int64, _ written: Int64, _ writtenAt: Instant) {
        guard written > 0 else {
            #expect(read == 0)
            return
        }
        #expect(read >= written && read <= written + 2_000_000)
    }
}
