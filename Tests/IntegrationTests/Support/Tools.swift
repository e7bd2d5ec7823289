import Foundation

/// Where the programs are that the tests start.
enum Tools {
    /// The built worker: `BULKHEAD_BIN`, else beside the tests, as SwiftPM builds it.
    static let bulkhead: String = {
        if let path = ProcessInfo.processInfo.environment["BULKHEAD_BIN"] { return path }
        for start in [Bundle.main.executablePath, CommandLine.arguments.first] {
            guard let start else { continue }
            var folder = URL(fileURLWithPath: start).deletingLastPathComponent()
            for _ in 0..<6 {
                let candidate = folder.appendingPathComponent("bulkhead").path
                if isProgram(candidate) { return candidate }
                folder.deleteLastPathComponent()
            }
        }
        return "bulkhead"
    }()

    static let kcat: String? = ["/usr/bin/kcat", "/usr/local/bin/kcat", "/opt/homebrew/bin/kcat"].first(
        where: isProgram
    )

    /// Whether the long form of the scenarios was asked for with `BULKHEAD_LONG=1`.
    static let isLong = ProcessInfo.processInfo.environment["BULKHEAD_LONG"] == "1"

    /// A number of the environment that makes a long form shorter or longer.
    static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// Says what was measured, in the long form.
    static func tell(_ figures: String) {
        if isLong { print("  \(figures)") }
    }

    private static func isProgram(_ path: String) -> Bool {
        let manager = FileManager.default
        return manager.isExecutableFile(atPath: path) && (try? manager.contentsOfDirectory(atPath: path)) == nil
    }
}

/// A folder for one test's files.
struct Workspace: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("bulkhead-\(UInt64.random(in: 0 ... .max))", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// - Returns: the file's path.
    func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// Ends what still runs in it, too.
    func remove() {
        Program.endAll(in: folder)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts Bulkhead in this folder.
    func bulkhead(_ arguments: String..., environment: [String: String] = [:]) throws -> Program {
        try start(arguments.first ?? "bulkhead", Tools.bulkhead, arguments, environment: environment)
    }

    func start(
        _ name: String,
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> Program {
        try Program(name, executable: executable, arguments: arguments, folder: folder, environment: environment)
    }
}
