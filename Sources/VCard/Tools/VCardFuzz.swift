/// Reads mutated cards and checks what must hold for every input (`reference/vcard.md` 10).
///
/// The same seed gives the same inputs.
package struct VCardFuzz {
    /// What a run found.
    package struct Report: Sendable {
        package var inputs = 0
        package var cards = 0
        package var slowest = Duration.zero
        package var slowestInput: [UInt8] = []
        /// Inputs for which something did not hold, the first few.
        package var failures: [[UInt8]] = []
        package var failureCount = 0

        /// One line in words.
        package var text: String {
            "fuzz: \(inputs) inputs, \(cards) cards, \(failureCount) failures, slowest \(slowest) for \(slowestInput.count) bytes"
        }
    }

    /// Bytes of an input.
    package static let maxCount = 8_000

    private var random: UInt64
    private var report = Report()

    private init(seed: UInt64) { random = seed }

    package static func run(inputs: Int, seed: UInt64 = 1) -> Report {
        var fuzz = VCardFuzz(seed: seed)
        for _ in 0..<inputs {
            let input = fuzz.input()
            fuzz.check(input)
        }
        return fuzz.report
    }

    /// What ``run(inputs:seed:)`` would read.
    package static func inputs(_ count: Int, seed: UInt64 = 1) -> [[UInt8]] {
        var fuzz = VCardFuzz(seed: seed)
        return (0..<count).map { _ in fuzz.input() }
    }

    private mutating func check(_ input: [UInt8]) {
        report.inputs += 1
        let clock = ContinuousClock()
        let start = clock.now
        let whole = Self.read(input, chunk: input.count)
        var elapsed = clock.now - start
        // A busy machine interrupts any input; only a slow one is slow again.
        for _ in 0..<3 where elapsed > report.slowest {
            elapsed = min(elapsed, clock.measure { _ = Self.read(input, chunk: input.count) })
        }
        if elapsed > report.slowest {
            report.slowest = elapsed
            report.slowestInput = input
        }
        report.cards += whole.cards.count
        guard !holds(input, whole) else { return }
        report.failureCount += 1
        if report.failures.count < 10 { report.failures.append(input) }
    }

    private mutating func holds(_ input: [UInt8], _ whole: Reading) -> Bool {
        let summary = whole.summary
        if summary.accepted + summary.rejected + summary.skipped + summary.duplicate != summary.cards { return false }
        if whole.cards.count != summary.cards { return false }
        if summary.cards == 0, summary.error == nil { return false }
        for card in whole.cards {
            if let contact = card.contact, contact.displayName.isEmpty { return false }
        }
        // Reading in pieces costs several times as much, so not every input is.
        if report.inputs % 4 == 0 {
            let cut = Self.read(input, chunk: 1 + next(40))
            if cut.lines != whole.lines || cut.summary != summary { return false }
        }
        if report.inputs % 8 == 0, let card = whole.cards.last {
            let position = ImportPosition(card: card.index, line: card.line, offset: card.offset)
            let rest = Self.read(Array(input[min(input.count, card.offset)...]), chunk: input.count, at: position)
            if rest.cards.count != 1 || rest.cards[0].index != card.index { return false }
        }
        return true
    }

    private struct Reading {
        var cards: [ImportedCard] = []
        var lines: [[UInt8]] = []
        var summary = ImportSummary()
    }

    private static func read(_ input: [UInt8], chunk: Int, at position: ImportPosition = .start) -> Reading {
        var reading = Reading()
        var contacts = ContactImport(at: position)
        func take(_ card: ImportedCard) {
            reading.cards.append(card)
            reading.lines.append(ContactJSON.line(card))
        }
        var start = 0
        while start < input.count {
            let end = min(input.count, start + max(1, chunk))
            contacts.feed(Array(input[start..<end]), take)
            start = end
        }
        reading.summary = contacts.finish(take)
        return reading
    }

    /// splitmix64.
    private mutating func next(_ bound: Int) -> Int {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int(truncatingIfNeeded: (mixed ^ mixed >> 31) % UInt64(max(1, bound)))
    }

    /// A sample or several, changed in up to twelve places.
    private mutating func input() -> [UInt8] {
        var input = Self.samples[next(Self.samples.count)]
        while next(3) == 0, input.count < 4_000 { input += Self.samples[next(Self.samples.count)] }
        for _ in 0..<(1 + next(12)) { mutate(&input) }
        return Array(input.prefix(Self.maxCount))
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        let place = next(input.count + 1)
        let end = min(input.count, place + next(30))
        switch next(8) {
        case 0 where place < input.count: input[place] = UInt8(next(256))
        case 1 where place < input.count: input[place] ^= 1 << UInt8(next(8))
        case 2: input.removeSubrange(place..<end)
        case 3: input.insert(contentsOf: Array(input[place..<end]), at: next(input.count + 1))
        case 4: input.removeSubrange(place...)
        case 5:
            let token = Self.tokens[next(Self.tokens.count)]
            input.insert(contentsOf: token, at: place)
        case 6:
            let token = Self.tokens[next(Self.tokens.count)]
            for _ in 0..<next(60) where input.count < Self.maxCount { input.insert(contentsOf: token, at: place) }
        default: input.insert(UInt8(next(256)), at: place)
        }
    }
}
