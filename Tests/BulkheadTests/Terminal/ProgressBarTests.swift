import Bulkhead
import Scheduling
import Testing

struct ProgressBarTests {
    private let start = Instant(milliseconds: 1_000_000)

    @Test func `on a terminal it redraws at most ten times a second`() {
        var bar = ProgressBar(label: "import", isTerminal: true, now: start)

        #expect(bar.update(done: 0, total: 10, now: start) != nil)
        #expect(bar.update(done: 1, total: 10, now: start + .milliseconds(99)) == nil)
        #expect(bar.update(done: 2, total: 10, now: start + .milliseconds(100)) != nil)
    }

    @Test func `elsewhere it writes a line every five seconds`() {
        var bar = ProgressBar(label: "import", isTerminal: false, now: start)

        #expect(bar.update(done: 0, total: 10, now: start) == "import: 0/10  0 %  0:00\n")
        #expect(bar.update(done: 3, total: 10, now: start + .milliseconds(4_999)) == nil)
        #expect(bar.update(done: 5, total: 10, now: start + .seconds(5)) == "import: 5/10  50 %  1.0/s  0:05 left\n")
        #expect(
            bar.finish(done: 10, total: 10, note: "2 failed", now: start + .seconds(6))
                == "import: 10/10  100 %  1.7/s  0:06  2 failed\n"
        )
    }

    @Test func `the bar fills, stays inside the width and is left standing at the end`() throws {
        var bar = ProgressBar(label: "import", isTerminal: true, width: 60, now: start)

        let drawn = bar.update(done: 500, total: 1_000, now: start + .seconds(10))
        let half = try #require(drawn)
        #expect(half.hasPrefix("\rimport  "))
        #expect(half.hasSuffix("\u{1B}[K"))
        #expect(half.contains("█░"))
        #expect(
            half.count { $0 == "█" } == half.count { $0 == "░" }
                || half.count { $0 == "█" } + 1 == half.count { $0 == "░" }
        )
        let visible = half.dropFirst().dropLast(3)
        #expect(visible.count < 60)
        #expect(bar.finish(done: 1_000, total: 1_000, now: start + .seconds(20)).hasSuffix("\u{1B}[K\n"))
    }

    @Test(arguments: [(0, nil), (7, nil), (5, 0), (20, 10), (-1, 10), (Int.max, 1)] as [(Int, Int?)])
    func `odd counts are drawn all the same`(done: Int, total: Int?) {
        var bar = ProgressBar(label: "x", isTerminal: true, width: 0, now: start)
        #expect(bar.update(done: done, total: total, now: start + .seconds(1)) != nil)
        #expect(bar.finish(done: done, total: total, now: start.advanced(by: .seconds(-1))).hasSuffix("\n"))
    }
}
