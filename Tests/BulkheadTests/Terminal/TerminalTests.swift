import Bulkhead
import Testing

struct TerminalTests {
    @Test(
        arguments: [
            ([:], true), (["NO_COLOR": "1"], false), (["NO_COLOR": ""], true), (["TERM": "dumb"], false),
        ] as [([String: String], Bool)]
    )
    func `colours are for terminals, and NO_COLOR turns them off`(environment: [String: String], colors: Bool) {
        let terminal = Terminal(outputIsTerminal: true, errorIsTerminal: false, environment: environment)
        #expect(terminal.outputHasColors == colors)
        #expect(!terminal.errorHasColors)
    }

    @Test(
        arguments: [([:], 80), (["COLUMNS": "120"], 120), (["COLUMNS": "wide"], 80), (["COLUMNS": "-5"], 20)]
            as [([String: String], Int)]
    )
    func `the width is what the shell says`(environment: [String: String], width: Int) {
        #expect(Terminal(outputIsTerminal: true, errorIsTerminal: true, environment: environment).width == width)
    }

    @Test func `a table for a pipe is plain and whole`() {
        var table = Table(["Reason"])
        table.append([Table.Cell(String(repeating: "x", count: 200), .red)])
        let terminal = Terminal(outputIsTerminal: false, errorIsTerminal: true)
        #expect(terminal.lines(of: table) == ["Reason", String(repeating: "x", count: 200)])
    }

    @Test func `JSON is one line, in the order it was given`() {
        let json = JSONText.members([
            "b": .integer(-1), "a": .array([.flag(true), .null, .number(0.5), .number(.nan)]),
            "t": .text("\"\\/\n\u{1}\u{9B}\u{2028}é日"),
        ])
        #expect(json.line == "{\"b\":-1,\"a\":[true,null,0.5,null],\"t\":\"\\\"\\\\/\\n\\u0001\\u009b\u{2028}é日\"}")
    }

    @Test func `exit codes are the documented ones`() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3])
    }
}
