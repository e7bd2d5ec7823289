import Foundation
package import Scheduling

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the command talks to: stdout is data, stderr is talk.
package struct Terminal: Hashable, Sendable {
    /// Whether a person reads stdout, so that tables may have colours.
    package var outputIsTerminal: Bool
    /// Whether a person reads stderr, so that progress may redraw itself.
    package var errorIsTerminal: Bool
    /// Columns: `COLUMNS` of the environment, else 80.
    package var width: Int
    /// Off with `NO_COLOR` set to anything but nothing (no-color.org) and with `TERM=dumb`.
    package var allowsColors: Bool

    package init(outputIsTerminal: Bool, errorIsTerminal: Bool, environment: [String: String] = [:]) {
        self.outputIsTerminal = outputIsTerminal
        self.errorIsTerminal = errorIsTerminal
        width = environment["COLUMNS"].flatMap { Int($0) }.map { min(max(20, $0), 1_000) } ?? 80
        allowsColors = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// The terminal of this process.
    package static var current: Terminal {
        Terminal(
            outputIsTerminal: isatty(1) == 1,
            errorIsTerminal: isatty(2) == 1,
            environment: ProcessInfo.processInfo.environment
        )
    }

    package var outputHasColors: Bool { outputIsTerminal && allowsColors }
    package var errorHasColors: Bool { errorIsTerminal && allowsColors }

    /// The lines of a table as stdout takes them: in colour and cut to the width for a person, plain and whole otherwise.
    package func lines(of table: Table) -> [String] {
        table.lines(width: outputIsTerminal ? width : nil, colors: outputHasColors)
    }

    package func progress(_ label: String, now: Instant) -> ProgressBar {
        ProgressBar(label: label, isTerminal: errorIsTerminal, width: width, now: now)
    }

    /// Writes a line of data to stdout.
    ///
    /// A reader that went away is no error of ours.
    package func print(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Writes one JSON value as a line to stdout.
    package func print(_ json: JSONText) {
        print(json.line)
    }

    /// Writes a line of talk to stderr.
    package func say(_ line: String) {
        draw(line + "\n")
    }

    /// Writes to stderr as it is, as ``ProgressBar`` returns it.
    package func draw(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
