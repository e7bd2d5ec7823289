import Bulkhead
import Testing

struct TableTests {
    @Test func `columns are aligned, numbers on the right, and no line ends in blanks`() {
        var table = Table(["Provider", "Calls", "Note"])
        table.append(["hatif", "5", ""])
        table.append(["aelyst", "1,204", "limit reached"])

        #expect(
            table.lines() == [
                "Provider  Calls  Note",
                "hatif         5",
                "aelyst    1,204  limit reached",
            ]
        )
    }

    @Test func `wide characters take two columns and combining marks none`() {
        var table = Table(["Name", "End"])
        table.append(["日本", "x"])
        table.append(["e\u{301}a", "x"])
        table.append(["سارة", "x"])

        #expect(table.lines() == ["Name  End", "日本  x", "e\u{301}a    x", "سارة  x"])
    }

    @Test func `the last column is cut to the terminal`() {
        var table = Table(["Id", "Reason"])
        table.append(["a-1", "the provider said no, and it said so at length"])

        #expect(table.lines(width: 20) == ["Id   Reason", "a-1  the provider s…"])
        #expect(table.lines(width: 1)[1] == "a-1  the pro…")
        #expect(table.lines()[1].hasSuffix("at length"))
    }

    @Test func `colours do not move columns`() {
        var table = Table(["A", "B"])
        table.append([Table.Cell("ok", .green), "x"])

        #expect(
            table.lines(colors: true) == [
                "\u{1B}[1mA\u{1B}[0m   \u{1B}[1mB\u{1B}[0m", "\u{1B}[32mok\u{1B}[0m  x",
            ]
        )
    }

    @Test func `texts from outside cannot steer the terminal`() {
        var table = Table(["A"])
        table.append([Table.Cell("\u{1B}[2Jgone\nnext\u{9B}")])

        #expect(table.lines()[1] == "\u{FFFD}[2Jgone\u{FFFD}next\u{FFFD}")
    }

    @Test func `rows with too few or too many cells fit the headers`() {
        var table = Table(["A", "B"])
        table.append(["x"])
        table.append(["x", "y", "z"])

        #expect(table.lines() == ["A  B", "x", "x  y"])
        #expect(Table([]).lines().isEmpty)
        #expect(Table(["A"]).lines() == ["A"])
    }

    @Test(arguments: [
        ("5 %", true), ("12.5/s", true), ("-3", true), ("", true), ("–", true), ("3ms", true), ("10.0.0.1", true),
        ("2026-11-21", false), ("9:30", false), ("a1", false),
    ])
    func `a column is on the right when all of its cells are numbers`(text: String, isRight: Bool) {
        var table = Table(["Wide header", "End"])
        table.append([Table.Cell(text), "x"])

        let line = table.lines()[1]
        #expect(line.hasPrefix(" ") == isRight)
    }
}
