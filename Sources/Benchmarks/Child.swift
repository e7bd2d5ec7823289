import Foundation

/// Another process of this executable, which ends when its standard input does, so also when this process dies.
final class Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    /// - Parameter arguments: a subcommand with its options; it prints a line when it is ready.
    init(_ arguments: [String]) throws {
        guard let executable = Bundle.main.executableURL else { throw ChildFailure(reason: "own executable not found") }
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The next line of its standard output; waits for it.
    func line() throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread = Data(unread[unread.index(after: end)...]) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ChildFailure(reason: "ended early") }
            unread += more
        }
    }

    /// Ends it and waits until it has ended.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Processor time used so far in seconds, to a hundredth; not a number where the system has no `/proc`.
    var processorSeconds: Double {
        guard let stat = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
            // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
            let name = stat.lastIndex(of: ")")
        else { return .nan }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / 100
    }

    /// Resident memory in bytes; not a number where the system has no `/proc`.
    var residentBytes: Double {
        guard let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        else { return .nan }
        return kibibytes * 1_024
    }
}

struct ChildFailure: Error, CustomStringConvertible {
    var reason: String
    var description: String { "a process of the benchmark failed: \(reason)" }
}

/// What a bare loop prints at its end.
struct BareResult: Codable {
    var seconds: Double
    var processorSeconds: Double

    func print() throws {
        Swift.print(String(decoding: try JSONEncoder().encode(self), as: UTF8.self))
    }

    init(seconds: Double, processorSeconds: Double) {
        self.seconds = seconds
        self.processorSeconds = processorSeconds
    }

    init(of child: Child) throws {
        self = try JSONDecoder().decode(BareResult.self, from: Data(try child.line().utf8))
    }

    /// Processor time of this process so far.
    static var ownProcessorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}

/// Returns when standard input ends.
func untilInputEnds() async {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "benchmarks.input").async {
            while !FileHandle.standardInput.availableData.isEmpty {}
            continuation.resume()
        }
    }
}

/// Prints a line that a waiting parent sees at once.
func announce(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
