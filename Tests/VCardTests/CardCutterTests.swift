import Testing
import VCard

@Suite struct CardCutterTests {
    private func cuts(_ file: [UInt8], max: Int, chunk: Int) -> [CardCutter.Cut] {
        var cutter = CardCutter(maxBytes: max)
        var result: [CardCutter.Cut] = []
        for start in stride(from: 0, to: file.count, by: chunk) {
            result += cutter.feed(Array(file[start..<min(file.count, start + chunk)]))
        }
        return result + cutter.finish()
    }

    private func parts(_ cuts: [CardCutter.Cut]) -> [CardCutter.Part] {
        cuts.compactMap { cut in
            if case .part(let part) = cut { return part }
            return nil
        }
    }

    @Test(arguments: [1, 13, 512, 100_000], [20_000, 25_000, 1 << 20])
    func `parts hold the file's cards, each in its place`(chunk: Int, max: Int) {
        let file = Samples.mixed
        let parts = parts(cuts(file, max: max, chunk: chunk))
        #expect(parts.allSatisfy { $0.bytes.count <= max })
        #expect(parts.count > 1 || max > file.count)
        var found: [CardFacts] = []
        for (index, part) in parts.enumerated() {
            var parser = VCardParser(at: part.position)
            var count = 0
            parser.feed(part.bytes) {
                found.append(CardFacts($0))
                count += 1
            }
            parser.finish(isPart: index < parts.count - 1) {
                found.append(CardFacts($0))
                count += 1
            }
            #expect(count == part.cards)
        }
        #expect(found.map(\.content) == parsed(file).map(\.content))
        for (card, other) in zip(found, parsed(file)) { #expect(card == other) }
    }

    @Test(arguments: [1, 100, 100_000])
    func `a card larger than a part is reported and not kept`(chunk: Int) {
        let big = card("NOTE:" + String(repeating: "x", count: 5_000))
        let small = card("")
        let result = cuts(small + big + small, max: 1_000, chunk: chunk)
        #expect(
            result == [
                .part(CardCutter.Part(bytes: small, cards: 1, position: .start)),
                .oversized(ImportPosition(card: 2, line: 6, offset: small.count), bytes: big.count),
                .part(
                    CardCutter.Part(
                        bytes: small,
                        cards: 1,
                        position: ImportPosition(card: 3, line: 11, offset: small.count + big.count)
                    )
                ),
            ]
        )
    }

    @Test func `text between cards is left out where it does not fit`() {
        let one = card("")
        let junk = bytes(String(repeating: "junk⏎", count: 400))
        let result = parts(cuts(junk + one + junk + one, max: 1_000, chunk: 64))
        #expect(result.map(\.bytes) == [one, one])
        #expect(result.map(\.position.line) == [401, 806])
    }

    @Test func `a file without cards has no parts and says why`() {
        var cutter = CardCutter(maxBytes: 100)
        #expect(cutter.feed(bytes("<html>")).isEmpty)
        #expect(cutter.finish().isEmpty)
        #expect(cutter.fileError == .notAVCard)
    }
}
