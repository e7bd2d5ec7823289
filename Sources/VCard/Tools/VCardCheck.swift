/// Reads a file as an import would and says what became of every card (`bulkhead vcard check`).
package struct VCardCheck: Sendable {
    package enum Format: Hashable, Sendable {
        /// One JSON object a line, the last one the summary.
        case json
        /// One line for each card that is not simply accepted, then the summary.
        case text
    }

    private let format: Format
    private var contacts: ContactImport

    package init(
        format: Format,
        settings: VCardSettings = VCardSettings(),
        home: PhoneCountry? = nil,
        language: String? = nil
    ) {
        self.format = format
        contacts = ContactImport(settings: settings, home: home, language: language)
    }

    package var isStopped: Bool { contacts.isStopped }

    /// Reads on and returns what is to be printed, in UTF-8 with a line feed behind each line.
    ///
    /// - Parameter receive: gets each card that is complete.
    package mutating func feed(_ bytes: [UInt8], _ receive: (ImportedCard) -> Void = { _ in }) -> [UInt8] {
        var output: [UInt8] = []
        let format = format
        contacts.feed(bytes) { card in
            Self.report(card, format, to: &output)
            receive(card)
        }
        return output
    }

    /// Ends the input and returns what is still to be printed.
    package mutating func finish(
        _ receive: (ImportedCard) -> Void = { _ in }
    ) -> (output: [UInt8], summary: ImportSummary) {
        var output: [UInt8] = []
        let format = format
        let summary = contacts.finish { card in
            Self.report(card, format, to: &output)
            receive(card)
        }
        switch format {
        case .json: output += ContactJSON.summary(summary)
        case .text:
            for warning in contacts.fileWarnings {
                output += "line \(warning.line): \(warning.code.rawValue)\n".utf8
            }
            output += Self.text(summary).utf8
        }
        output.append(ASCII.lineFeed)
        return (output, summary)
    }

    private static func report(_ card: ImportedCard, _ format: Format, to output: inout [UInt8]) {
        switch format {
        case .json: output += ContactJSON.line(card)
        case .text:
            guard card.contact == nil || !card.warnings.isEmpty else { return }
            output += text(card).utf8
        }
        output.append(ASCII.lineFeed)
    }

    private static func text(_ card: ImportedCard) -> String {
        var text = "card \(card.index), line \(card.line): \(card.outcome.name)"
        if case .duplicate(_, let first) = card.outcome { text += " of card \(first)" }
        for warning in card.warnings {
            text += "\n  line \(warning.line): \(warning.code.rawValue)"
            if let property = warning.property { text += " in \(property)" }
            if let reason = warning.phoneReason { text += " (\(reason.rawValue))" }
        }
        let hidden = card.tally.total - card.warnings.count
        return hidden > 0 ? text + "\n  and \(hidden) more" : text
    }

    private static func text(_ summary: ImportSummary) -> String {
        var text = "\(summary.cards) cards: \(summary.accepted) accepted, \(summary.rejected) rejected, "
        text += "\(summary.skipped) skipped, \(summary.duplicate) duplicate; \(summary.warnings.total) warnings"
        if summary.duplicateCheckIsIncomplete { text += "; duplicates not looked for among all of them" }
        if summary.isTruncated { text += "; the file ends within a card" }
        if let error = summary.error { text += "; failed: \(error.rawValue)" }
        return text
    }
}
