import Foundation
import VCard

/// Reads one file with this project's parser and with Python's vobject, in the processor time of each.
enum VObjectComparison {
    private static let script = """
        import logging, sys, time, vobject
        logging.disable(logging.CRITICAL)
        text = open(sys.argv[1], newline="").read()
        best, cards = None, 0
        for _ in range(3):
            start = time.process_time()
            cards = sum(1 for _ in vobject.readComponents(text, ignoreUnreadable=True, allowQP=True))
            spent = time.process_time() - start
            best = spent if best is None else min(best, spent)
        print(cards, best)
        """

    /// - Parameters:
    ///   - python: an interpreter that has vobject (`pip install vobject`).
    ///   - seconds: What this project's parser takes for the file.
    static func run(_ file: [UInt8], python: String, seconds: Double) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("vobject-\(UUID().uuidString).vcf")
        try Data(file).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", script, path.path]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let cards = Int(fields[0]), let theirs = Double(fields[1]) else {
            return print("\(python) with vobject is needed: pip install vobject")
        }
        let speed = String(format: "%.3f s, %.0f cards/s", theirs, Double(cards) / theirs)
        print("vobject: \(cards) cards in \(speed); ratio \(String(format: "%.0f", theirs / seconds))")
    }
}
