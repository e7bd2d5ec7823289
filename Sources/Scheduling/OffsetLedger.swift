import DequeModule

/// Which records of one partition are finished, in whatever order they finish.
///
/// The committed offset is the contiguous mark; what is finished beyond it travels in the commit's metadata.
package struct OffsetLedger: Sendable {
    /// Everything below is finished.
    package private(set) var mark: Int64
    /// The offset after the last one read.
    package private(set) var end: Int64
    /// Bit n of word m stands for the offset `base + 64 m + n`; set when finished.
    ///
    /// `base` is at most `mark`.
    private var words: Deque<UInt64> = []
    private var base: Int64

    package init(mark: Int64) {
        self.mark = mark
        end = mark
        base = mark
    }

    /// Records read and not finished.
    package private(set) var open = 0

    /// Notes a record that was read.
    ///
    /// Offsets that the broker left out (compaction, control records) count as finished.
    /// - Returns: whether it is work; `false` when it is finished already, according to the metadata.
    package mutating func read(_ offset: Int64) -> Bool {
        guard offset >= mark else { return false }
        if offset >= end {
            skip(to: offset)
            end = offset + 1
            advance()
        } else if !isFinished(offset) {
            // Delivered again while it is open: whoever works on it will finish it.
            return false
        }
        if isFinished(offset) {
            advance()
            return false
        }
        open += 1
        return true
    }

    /// Finishes a record that was read as work, once.
    package mutating func finish(_ offset: Int64) {
        guard offset >= mark, offset < end, !isFinished(offset) else { return }
        set(offset)
        open -= 1
        advance()
    }

    /// Restores what was finished beyond the mark.
    package mutating func restore(finished ranges: [Range<Int64>]) {
        for range in ranges where range.lowerBound >= mark {
            for offset in range { set(offset) }
        }
        advanceOverRestored()
    }

    package func isFinished(_ offset: Int64) -> Bool {
        guard offset >= mark else { return true }
        let index = offset - base
        guard index / 64 < words.count else { return false }
        return words[Int(index / 64)] & (1 << UInt64(index % 64)) != 0
    }

    /// What is finished beyond the mark, ascending.
    package func finishedRanges() -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        var start: Int64?
        var offset = mark
        let limit = base + Int64(words.count) * 64
        while offset < limit {
            let index = offset - base
            let word = words[Int(index / 64)] >> UInt64(index % 64)
            let left = 64 - index % 64
            if let begun = start {
                let run = min(left, Int64((~word).trailingZeroBitCount))
                offset += run
                if run < left {
                    ranges.append(begun..<offset)
                    start = nil
                }
            } else {
                let gap = min(left, Int64(word.trailingZeroBitCount))
                offset += gap
                if gap < left { start = offset }
            }
        }
        if let start { ranges.append(start..<limit) }
        return ranges
    }

    /// Finishes the offsets from `end` up to a record that was read.
    private mutating func skip(to offset: Int64) {
        if open == 0, mark == end, offset >= base + Int64(words.count) * 64 {
            // Nothing is open and nothing is known beyond: a leap over what retention removed needs no bookkeeping.
            words = []
            base = offset
            mark = offset
            return
        }
        var position = end
        while position < offset {
            let index = position - base
            let count = min(64 - index % 64, offset - position)
            while index / 64 >= words.count { words.append(0) }
            let bits = count == 64 ? UInt64.max : (1 << UInt64(count)) - 1
            words[Int(index / 64)] |= bits << UInt64(index % 64)
            position += count
        }
    }

    private mutating func set(_ offset: Int64) {
        let index = offset - base
        while index / 64 >= words.count { words.append(0) }
        words[Int(index / 64)] |= 1 << UInt64(index % 64)
    }

    private mutating func advance() {
        while mark < end, isFinished(mark) { mark += 1 }
        while mark - base >= 64, !words.isEmpty {
            words.removeFirst()
            base += 64
        }
    }

    /// Restored offsets lie beyond what was read; `mark` itself is never among them, so only `end` may lag.
    private mutating func advanceOverRestored() {
        while isFinished(mark), mark - base < Int64(words.count) * 64 { mark += 1 }
        end = max(end, mark)
        advance()
    }
}
