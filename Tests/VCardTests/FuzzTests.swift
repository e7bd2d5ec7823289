import Foundation
import Testing
import VCard

@Suite struct FuzzTests {
    /// `BULKHEAD_FUZZ_INPUTS` sets the number; 1,000,000 take some minutes in a release build.
    private var inputs: Int {
        ProcessInfo.processInfo.environment["BULKHEAD_FUZZ_INPUTS"].flatMap { Int($0) } ?? 3_000
    }

    @Test func `mutated cards never trap, and what must hold does`() {
        let report = VCardFuzz.run(inputs: inputs, seed: 7)
        #expect(report.inputs == inputs)
        #expect(report.cards > inputs / 2)
        #expect(report.failureCount == 0)
        #expect(report.failures == [])
    }

    @Test func `the same seed gives the same inputs`() {
        #expect(VCardFuzz.run(inputs: 50, seed: 3).cards == VCardFuzz.run(inputs: 50, seed: 3).cards)
    }

    @Test(arguments: VCardAttack.allCases)
    func `files made to be slow are read to their end`(attack: VCardAttack) {
        let file = attack.file(size: 20_000)
        let whole = imported(file)
        #expect(whole.summary.bytes == file.count)
        #expect(whole.cards.count == whole.summary.cards)
        #expect(imported(file, chunk: 1_000).summary == whole.summary)
    }
}
