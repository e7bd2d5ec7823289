import Foundation
import VCard

/// Speed and memory of the card parser, printed as a table; the goals are those of `reference/vcard.md` 11.
///
/// - no arguments: everything below but the files
/// - `file N PATH`: writes the mixed file of N cards
/// - `photos N PATH`: the same with a photo in every tenth card
/// - `parse PATH`, `import PATH`: one run over a file, read in pieces, with the growth of memory
/// - `vobject [PYTHON]`: a file of 5,000 cards, and how many times as long Python's vobject takes for it
/// - `fuzz [N] [SEED]`: N mutated inputs (1,000,000), then the attack shapes
enum VCardBenchmark {
    static func run(arguments: [String]) {
        var corpus = VCardCorpus()
        switch (arguments.first, arguments.dropFirst().first, arguments.dropFirst(2).first) {
        case ("file", let count?, let path?):
            write(corpus.file(cards: Int(count) ?? 50_000), to: path)
        case ("photos", let count?, let path?):
            write(corpus.file(cards: Int(count) ?? 50_000, photoEvery: 10), to: path)
        case ("parse", let path?, _): stream(path, "parse") { parse() }
        case ("import", let path?, _): stream(path, "import") { contacts() }
        case ("vobject", let python, _):
            let file = corpus.file(cards: 5_000)
            let seconds = measure("parse", file, parse)
            do {
                try VObjectComparison.run(file, python: python ?? "python3", seconds: seconds)
            } catch {
                print("vobject was not run: \(error)")
            }
        case ("fuzz", let count, let seed):
            let report = VCardFuzz.run(
                inputs: count.flatMap { Int($0) } ?? 1_000_000,
                seed: seed.flatMap { UInt64($0) } ?? 1
            )
            print(report.text)
            for input in report.failures {
                print("failed:", String(reflecting: String(decoding: input, as: UTF8.self)))
            }
            attacks()
        default:
            table(&corpus)
            attacks()
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            return print("cannot write \(path)")
        }
        print("\(path): \(bytes.count) bytes")
    }

    /// Takes chunks, `nil` for the end, and returns the number of cards so far.
    private typealias Reader = ([UInt8]?) -> Int

    private static func parse() -> Reader {
        var parser = VCardParser(settings: unlimited)
        var cards = 0
        return { bytes in
            if let bytes { parser.feed(bytes) { _ in cards += 1 } } else { parser.finish { _ in cards += 1 } }
            return cards
        }
    }

    private static func contacts() -> Reader {
        let home = PhoneCountry(callingCode: "966", trunkPrefix: "0", internationalPrefix: "00", nationalLengths: [9])
        var contacts = ContactImport(settings: unlimited, home: home)
        var accepted = 0
        return { bytes in
            let count: (ImportedCard) -> Void = { if case .accepted = $0.outcome { accepted += 1 } }
            if let bytes { contacts.feed(bytes, count) } else { _ = contacts.finish(count) }
            return accepted
        }
    }

    private static var unlimited: VCardSettings {
        var settings = VCardSettings()
        settings.limits.cards = .max
        settings.limits.bytes = .max
        return settings
    }

    private static func table(_ corpus: inout VCardCorpus) {
        let mixed = corpus.file(cards: 50_000)
        measure("parse", mixed, parse)
        measure("parse, map, normalise, de-duplicate", mixed, contacts)
        let photos = corpus.file(cards: 50_000, photoEvery: 10)
        measure("parse with photos", photos, parse)
    }

    /// The best of five runs, in chunks of 64 KiB, in time of the processor: other work on the machine counts less then.
    @discardableResult
    private static func measure(_ name: String, _ file: [UInt8], _ reader: () -> Reader) -> Double {
        let chunks = stride(from: 0, to: file.count, by: 65_536).map { Array(file[$0..<min(file.count, $0 + 65_536)]) }
        var best = Duration.seconds(1_000)
        var cards = 0
        for _ in 0..<5 {
            let start = clock()
            let read = reader()
            for chunk in chunks { _ = read(chunk) }
            cards = read(nil)
            best = min(best, .seconds(Double(clock() - start) / Double(CLOCKS_PER_SEC)))
        }
        report(name, bytes: file.count, cards: cards, best)
        return best / .seconds(1)
    }

    private static func report(_ name: String, bytes: Int, cards: Int, _ elapsed: Duration) {
        let seconds = elapsed / .seconds(1)
        let speed = String(format: "%.0f MB/s, %.0f cards/s", Double(bytes) / seconds / 1e6, Double(cards) / seconds)
        print("\(name): \(cards) cards, \(bytes) bytes in \(String(format: "%.3f", seconds)) s: \(speed)")
    }

    private static func stream(_ path: String, _ name: String, _ reader: () -> Reader) {
        guard let file = FileHandle(forReadingAtPath: path) else { return print("cannot read \(path)") }
        let before = residentMemory()
        var bytes = 0
        var cards = 0
        let elapsed = ContinuousClock().measure {
            let read = reader()
            while let data = try? file.read(upToCount: 65_536), !data.isEmpty {
                bytes += data.count
                _ = read(Array(data))
            }
            cards = read(nil)
        }
        report(name, bytes: bytes, cards: cards, elapsed)
        print("memory growth: \((residentMemory() - before) / 1_024) KiB")
    }

    /// The most that was resident so far, in bytes.
    private static func residentMemory() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
    }

    /// Each shape at two sizes: four times the input must not take much more than four times as long.
    private static func attacks() {
        for shape in VCardAttack.allCases {
            let small = time(shape.file(size: 250_000))
            let large = time(shape.file(size: 1_000_000))
            let factor = String(format: "%.1f", large / max(small, .nanoseconds(1)))
            print("\(shape.rawValue): \(small) and \(large) for four times as much, factor \(factor)")
        }
        print("most memory resident: \(residentMemory() / 1_024) KiB")
    }

    /// The best of three runs in time of the processor.
    private static func time(_ file: [UInt8]) -> Duration {
        var best = Duration.seconds(1_000)
        for _ in 0..<3 {
            let start = clock()
            let read = contacts()
            _ = read(file)
            _ = read(nil)
            best = min(best, .seconds(Double(clock() - start) / Double(CLOCKS_PER_SEC)))
        }
        return best
    }
}
