import Scheduling
import Testing

@Suite struct OffsetLedgerTests {
    @Test func `the mark waits for the oldest open record`() {
        var ledger = OffsetLedger(mark: 10)
        for offset in 10..<14 as Range<Int64> { #expect(ledger.read(offset) == true) }
        ledger.finish(12)
        ledger.finish(11)
        #expect(ledger.mark == 10)
        #expect(ledger.finishedRanges() == [11..<13])
        #expect(ledger.open == 2)
        ledger.finish(10)
        #expect(ledger.mark == 13)
        #expect(ledger.finishedRanges().isEmpty)
        ledger.finish(13)
        #expect(ledger.mark == 14)
        #expect(ledger.open == 0)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `any order of reading and finishing gives what a plain set gives`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let mark = random.next(in: 0...1_000)
        var ledger = OffsetLedger(mark: mark)
        var open: Set<Int64> = []
        var next = mark
        for _ in 0..<600 {
            if open.isEmpty || Bool.random(using: &random) {
                // Gaps are what compaction and control records leave.
                if random.unit() < 0.1 { next += random.next(in: 1...150) }
                #expect(ledger.read(next) == true)
                open.insert(next)
                next += 1
            } else if let offset = open.randomElement(using: &random) {
                ledger.finish(offset)
                open.remove(offset)
            }
            let expected = open.min() ?? next
            #expect(ledger.mark == expected, "seed \(seed)")
            #expect(ledger.open == open.count, "seed \(seed)")
        }
        let finished = ledger.finishedRanges()
        let model = (ledger.mark..<next).filter { !open.contains($0) }
        #expect(finished.flatMap { Array($0) } == model, "seed \(seed)")
        #expect(zip(finished, finished.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a ledger restored from its ranges takes as work exactly what was open`(seed: UInt64) {
        var random = SplitMix(state: seed &+ 77)
        var ledger = OffsetLedger(mark: 5)
        for offset in 5..<400 as Range<Int64> { _ = ledger.read(offset) }
        var open = Set(5..<400 as Range<Int64>)
        for _ in 0..<Int.random(in: 0...395, using: &random) {
            guard let offset = open.randomElement(using: &random) else { break }
            ledger.finish(offset)
            open.remove(offset)
        }
        var restored = OffsetLedger(mark: ledger.mark)
        restored.restore(finished: ledger.finishedRanges())
        #expect(restored.mark == ledger.mark)
        #expect(restored.finishedRanges() == ledger.finishedRanges())
        let work = (restored.mark..<400).filter { restored.read($0) }
        #expect(Set(work) == open, "seed \(seed)")
        for offset in work.shuffled(using: &random) { restored.finish(offset) }
        #expect(restored.mark == 400)
    }

    @Test func `a leap over what retention removed needs no memory of it`() {
        var ledger = OffsetLedger(mark: 3)
        #expect(ledger.read(1 << 50) == true)
        #expect(ledger.mark == 1 << 50)
        ledger.finish(1 << 50)
        #expect(ledger.mark == (1 << 50) + 1)
        #expect(ledger.finishedRanges().isEmpty)
    }

    @Test func `what was restored survives a leap over the mark`() {
        var ledger = OffsetLedger(mark: 10)
        ledger.restore(finished: [12..<14])
        #expect(ledger.read(11) == true)
        #expect(ledger.read(12) == false)
        #expect(ledger.read(13) == false)
        ledger.finish(11)
        #expect(ledger.mark == 14)
    }

    @Test func `a record read twice is work once, and finished once`() {
        var ledger = OffsetLedger(mark: 0)
        #expect(ledger.read(0) == true)
        #expect(ledger.read(0) == false)
        #expect(ledger.open == 1)
        ledger.finish(0)
        ledger.finish(0)
        #expect(ledger.open == 0)
        #expect(ledger.read(0) == false)
        #expect(ledger.mark == 1)
    }

    @Test func `what was never read cannot be finished`() {
        var ledger = OffsetLedger(mark: 4)
        ledger.finish(4)
        ledger.finish(-1)
        ledger.finish(.max)
        #expect(ledger.mark == 4)
        #expect(ledger.open == 0)
        #expect(ledger.isFinished(3))
        #expect(!ledger.isFinished(.max))
    }
}
