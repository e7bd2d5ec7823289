import Foundation
import Synchronization

/// A process that a test started, with what it wrote.
final class Program: Sendable {
    enum Exit: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// What came out of one of its pipes.
    struct Text: Sendable {
        var lines: [String] = []
        /// Set when the pipe is closed.
        var isComplete = false
        private var rest: [UInt8] = []

        fileprivate mutating func append(_ data: Data) {
            guard !data.isEmpty else {
                if !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
                rest = []
                isComplete = true
                return
            }
            rest += data
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(String(decoding: rest[..<end], as: UTF8.self))
                rest = Array(rest[(end + 1)...])
            }
        }
    }

    let name: String
    let output = Monitor(Text())
    let errors = Monitor(Text())
    private let process = Process()
    private let end = Monitor<Exit?>(nil)
    private let folder: URL
    private static let started = Mutex<[Program]>([])

    /// Starts it; variables of Bulkhead itself are not passed on, since it takes them for settings.
    init(_ name: String, executable: String, arguments: [String], folder: URL, environment: [String: String] = [:])
        throws
    {
        self.name = name
        self.folder = folder
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("BULKHEAD_") }
            .merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = Self.pipe(to: output)
        process.standardError = Self.pipe(to: errors)
        process.terminationHandler = { [end] process in
            let status = process.terminationStatus
            end.update { $0 = process.terminationReason == .exit ? .code(status) : .signal(status) }
        }
        try process.run()
        Self.started.withLock { $0.append(self) }
    }

    /// The programs of the folders that are still there.
    static var all: [Program] { started.withLock { $0 } }

    /// Ends what still runs of a folder's programs.
    static func endAll(in folder: URL) {
        let ended = started.withLock { started in
            defer { started.removeAll { $0.folder == folder } }
            return started.filter { $0.folder == folder }
        }
        for program in ended { program.signal(SIGKILL) }
    }

    /// How it is and what it wrote last.
    var summary: String {
        let last = (output.state.lines.suffix(3) + errors.state.lines.suffix(12)).map { "    \($0.prefix(400))" }
        let state = end.state.map { "ended: \($0)" } ?? "runs"
        return (["  \(name) (\(state))"] + last).joined(separator: "\n")
    }

    /// Reads on a thread of its own: handlers of readability miss the end now and then when several processes end at once.
    private static func pipe(to text: Monitor<Text>) -> Pipe {
        let pipe = Pipe()
        let reading = pipe.fileHandleForReading
        Thread.detachNewThread {
            while true {
                let data = reading.availableData
                text.update { $0.append(data) }
                if data.isEmpty { return }
            }
        }
        return pipe
    }

    var isRunning: Bool { end.state == nil }

    func signal(_ number: Int32) {
        if isRunning { kill(process.processIdentifier, number) }
    }

    /// Waits for its end and for the last of what it wrote.
    func exit() async throws -> Exit {
        let exit = try await end.wait("the end of \(name)") { $0 }
        _ = try await output.wait("the end of \(name)'s output") { $0.isComplete ? true : nil }
        _ = try await errors.wait("the end of \(name)'s log") { $0.isComplete ? true : nil }
        return exit
    }

    /// Waits for a line on standard output.
    func line(beginning prefix: String) async throws -> String {
        try await Self.line(in: output, of: name) { $0.hasPrefix(prefix) }
    }

    /// Waits for a line of its log that holds a text.
    func logLine(_ text: String) async throws -> String {
        try await Self.line(in: errors, of: name) { $0.contains(text) }
    }

    /// Waits for lines of its log that hold a text, so many of them in all.
    func logged(_ text: String, times: Int = 1) async throws {
        let name = name
        _ = try await errors.wait("\(times) times \"\(text)\" in the log of \(name)") { errors -> Bool? in
            if errors.lines.count(where: { $0.contains(text) }) >= times { return true }
            if errors.isComplete { throw ProgramEnded(name: name, missing: text, errors: errors.lines) }
            return nil
        }
    }

    private static func line(
        in text: Monitor<Text>,
        of name: String,
        _ fits: @Sendable (String) -> Bool
    ) async throws -> String {
        try await text.wait("a line of \(name)") { text in
            if let line = text.lines.first(where: fits) { return line }
            if text.isComplete { throw ProgramEnded(name: name, missing: "a line", errors: text.lines) }
            return nil
        }
    }

    /// Its log at the levels that call for somebody, in either form of the log.
    var troubles: [String] {
        errors.state.lines.filter { line in
            ["warning", "error", "critical"].contains { level in
                line.contains(" \(level) ") || line.contains(#""level":"\#(level)""#)
            }
        }
    }
}

/// A process ended before it had written what was waited for.
struct ProgramEnded: Error {
    var name: String
    var missing: String
    var errors: [String]
}
