package import Logging

/// One short line for a person at a terminal: `09:00:00.250 WARN  Lane closed  provider=hatif reason=unauthorized`.
///
/// The time is UTC, as in all other places. Values with blanks are quoted, and control characters are written out, so
/// that no value can start a line or steer the terminal.
package struct TextLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let colors: Bool
    private let output: LogOutput

    /// The label is said only where it is not the program's own: `bulkhead`.
    package init(
        label: String,
        colors: Bool = false,
        metadataProvider: Logger.MetadataProvider? = nil,
        output: LogOutput = .standardError
    ) {
        self.label = label
        self.colors = colors
        self.metadataProvider = metadataProvider
        self.output = output
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var time: [UInt8] = []
        LogTime(milliseconds: output.now()).appendClock(to: &time)
        var line = paint(String(decoding: time, as: UTF8.self), "2")
        line += " " + paint(Self.word(event.level), Self.color(event.level)) + " "
        if label != "bulkhead" { line += paint(Self.visible(label), "2") + " " }
        line += Self.visible(event.message.description)
        var separator = "  "
        for (name, value) in LogMetadata.flat(handler: metadata, provider: metadataProvider, event: event) {
            line += separator + paint(Self.visible(name) + "=", "2") + Self.quoted(value.description)
            separator = " "
        }
        line += "\n"
        output.write(Array(line.utf8))
    }

    private func paint(_ text: String, _ code: String?) -> String {
        guard colors, let code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static func word(_ level: Logger.Level) -> String {
        switch level {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO "
        case .notice: "NOTE "
        case .warning: "WARN "
        case .error: "ERROR"
        case .critical: "CRIT "
        }
    }

    private static func color(_ level: Logger.Level) -> String? {
        switch level {
        case .trace, .debug: "2"
        case .info: nil
        case .notice: "36"
        case .warning: "33"
        case .error: "31"
        case .critical: "1;31"
        }
    }

    private static func quoted(_ value: String) -> String {
        let needsQuotes = value.isEmpty || value.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        guard needsQuotes else { return visible(value) }
        return "\"" + visible(value, quotes: true) + "\""
    }

    private static func visible(_ text: String, quotes: Bool = false) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": visible += "\\n"
            case "\r": visible += "\\r"
            case "\t": visible += "\\t"
            case "\"" where quotes: visible += "\\\""
            default:
                // Format characters turn the direction of writing around, which hides as well as a control character.
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator:
                    visible += "\\u{\(String(scalar.value, radix: 16))}"
                default: visible.unicodeScalars.append(scalar)
                }
            }
        }
        return visible
    }
}
