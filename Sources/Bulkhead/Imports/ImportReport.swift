internal import Messages

/// What an import came to, as far as it is known.
struct ImportReport {
    var id: String
    var cards: Int
    var records: Int
    var tooLarge: [ImportRecords.TooLarge] = []
    var counts: [Disposition: Int] = [:]
    var warnings: [String: Int] = [:]
    /// Why the file as a whole was not imported, or not to its end.
    var error: String?
    var elapsed: Duration?

    var failed: Int {
        tooLarge.count + counts.reduce(0) { $0 + ($1.key.topic == .failures ? $1.value : 0) }
    }

    /// `nil` for an import that went well.
    var failure: Failure? {
        if let error { return Failure(.failed, "import \(id) failed: \(error)") }
        return failed > 0 ? Failure(.someFailed, "\(failed) of \(cards) cards failed") : nil
    }

    static func line(_ card: ImportRecords.TooLarge) -> String {
        "card \(card.card), line \(card.line): too large for a record (\(card.bytes) bytes)"
    }

    /// A card that failed, in one line.
    static func line(_ outcome: Outcome) -> String {
        let place = outcome.importMember.map { "card \($0.card), line \($0.line)" } ?? "import \(outcome.command.id)"
        let codes = Set(outcome.importMember?.codes.map(\.code) ?? []).sorted().joined(separator: ", ")
        let reason = outcome.reason ?? outcome.response.message ?? outcome.response.status.map { "status \($0)" }
        return "\(place): \(outcome.disposition.rawValue)  \(reason ?? codes)".printable
    }

    /// Counts by disposition and warnings by code, for people.
    func lines(on terminal: Terminal) -> [String] {
        var table = Table(["Outcome", "Cards"])
        for disposition in Disposition.allCases {
            guard let count = counts[disposition], count > 0 else { continue }
            let style: TextStyle = disposition.topic == .results ? .green : .yellow
            table.append([Table.Cell(disposition.rawValue, style), Table.Cell(String(count))])
        }
        if !tooLarge.isEmpty { table.append([Table.Cell("too large", .yellow), Table.Cell(String(tooLarge.count))]) }
        var lines = table.rows.isEmpty ? [] : terminal.lines(of: table)
        if !warnings.isEmpty {
            var table = Table(["Warning", "Times"])
            for (code, count) in warnings.sorted(by: { $0.key < $1.key }) {
                table.append([Table.Cell(code), Table.Cell(String(count))])
            }
            if !lines.isEmpty { lines.append("") }
            lines += terminal.lines(of: table)
        }
        let time = elapsed.map { " in \(ProgressBar.clock(Double($0.wholeMilliseconds) / 1_000))" } ?? ""
        if !lines.isEmpty { lines.append("") }
        return lines + ["import \(id): \(cards) cards, \(failed) failed\(time)"]
    }

    var json: JSONText {
        .members([
            "summary": .members([
                "import": .text(id),
                "cards": .integer(cards),
                "records": .integer(records),
                "failed": .integer(failed),
                "counts": .object(
                    Disposition.allCases.compactMap { disposition in
                        counts[disposition].map { JSONText.Member(disposition.rawValue, .integer($0)) }
                    }
                ),
                "warnings": .object(
                    warnings.sorted { $0.key < $1.key }.map { JSONText.Member($0.key, .integer($0.value)) }
                ),
                "tooLarge": .array(
                    tooLarge.map {
                        .members([
                            "card": .integer($0.card), "line": .integer($0.line), "bytes": .integer($0.bytes),
                        ])
                    }
                ),
                "error": error.map(JSONText.text) ?? .null,
                "elapsedMs": elapsed.map { .integer(Int($0.wholeMilliseconds)) } ?? .null,
            ])
        ])
    }
}
