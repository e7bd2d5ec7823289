/// Rows in aligned columns, for people.
package struct Table: Sendable {
    package struct Cell: Sendable, ExpressibleByStringLiteral {
        package var text: String
        package var style: TextStyle?

        package init(_ text: String, _ style: TextStyle? = nil) {
            self.text = text.printable
            self.style = style
        }

        package init(stringLiteral text: String) {
            self.init(text)
        }
    }

    package var headers: [String]
    package private(set) var rows: [[Cell]] = []

    package init(_ headers: [String]) {
        self.headers = headers
    }

    /// Adds a row; cells beyond the headers are dropped, missing ones are empty.
    package mutating func append(_ row: [Cell]) {
        let missing = max(0, headers.count - row.count)
        rows.append(Array(row.prefix(headers.count)) + Array(repeating: Cell(""), count: missing))
    }

    /// The lines of the table, headers first, without blanks at their ends.
    ///
    /// A column whose every cell is a number (with or without a unit or sign) stands on the right.
    /// - Parameter width: columns of the terminal, to which the last column is cut; `nil` cuts nothing.
    /// - Parameter colors: whether styles are written.
    package func lines(width: Int? = nil, colors: Bool = false) -> [String] {
        guard !headers.isEmpty else { return [] }
        var widths = headers.map(\.displayWidth)
        var right = Array(repeating: !rows.isEmpty, count: headers.count)
        for row in rows {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.text.displayWidth)
                if !Self.isNumber(cell.text) { right[column] = false }
            }
        }
        if let width {
            let others = widths.dropLast().reduce(0) { $0 + $1 + Self.gap }
            let last = headers.count - 1
            widths[last] = min(widths[last], max(Self.narrowest, width - others))
        }
        let head = headers.map { Cell($0, .bold) }
        return ([head] + rows).map { Self.line($0, widths: widths, right: right, colors: colors) }
    }

    private static let gap = 2
    private static let narrowest = 8

    private static func line(_ row: [Cell], widths: [Int], right: [Bool], colors: Bool) -> String {
        var line = ""
        // Blanks wait until something follows them, so that no line ends in one.
        var pending = 0
        for (column, cell) in row.enumerated() {
            let text = cell.text.cut(to: widths[column])
            let blanks = max(0, widths[column] - text.displayWidth)
            if right[column] { pending += blanks }
            if !text.isEmpty {
                line += String(repeating: " ", count: pending)
                line += colors ? cell.style?.applied(to: text) ?? text : text
                pending = 0
            }
            pending += (right[column] ? 0 : blanks) + gap
        }
        return line
    }

    /// `12`, `-3`, `1,204`, `0.5`, `99 %`, `5/s`; also nothing and a dash, which stand for a missing number.
    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return true }
        if text == "-" || text == "–" { return true }
        guard ("0"..."9").contains(first) || first == "-" || first == "+" else { return false }
        let digits = text.unicodeScalars.dropFirst().prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "," }
        let unit = text.unicodeScalars.dropFirst(1 + digits.count)
        return unit.count <= 4 && !unit.contains { ("0"..."9").contains($0) || $0 == "-" || $0 == ":" }
    }
}
