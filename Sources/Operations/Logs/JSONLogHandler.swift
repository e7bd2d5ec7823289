package import Logging

/// One JSON object a line, for machines.
///
/// `{"timestamp":"2026-11-21T09:00:00.250Z","level":"info","label":"bulkhead","message":"…","metadata":{"topic":"…"}}`.
/// Every value below `metadata` is text or a list of texts, so that a field has one type in whatever stores the logs.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let output: LogOutput

    package init(
        label: String,
        metadataProvider: Logger.MetadataProvider? = nil,
        output: LogOutput = .standardError
    ) {
        self.label = label
        self.metadataProvider = metadataProvider
        self.output = output
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: "{\"timestamp\":\"".utf8)
        LogTime(milliseconds: output.now()).appendDate(to: &line)
        line.append(contentsOf: "\",\"level\":\"".utf8)
        line.append(contentsOf: event.level.rawValue.utf8)
        line.append(contentsOf: "\",\"label\":".utf8)
        JSONQuoting.append(label, to: &line)
        line.append(contentsOf: ",\"message\":".utf8)
        JSONQuoting.append(event.message.description, to: &line)
        let fields = LogMetadata.flat(handler: metadata, provider: metadataProvider, event: event)
        if !fields.isEmpty {
            var separator = ",\"metadata\":{"
            for (name, value) in fields {
                line.append(contentsOf: separator.utf8)
                JSONQuoting.append(name, to: &line)
                line.append(UInt8(ascii: ":"))
                Self.append(value, to: &line)
                separator = ","
            }
            line.append(UInt8(ascii: "}"))
        }
        line.append(contentsOf: "}\n".utf8)
        output.write(line)
    }

    private static func append(_ value: Logger.MetadataValue, to line: inout [UInt8]) {
        guard case .array(let values) = value else { return JSONQuoting.append(value.description, to: &line) }
        line.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            JSONQuoting.append(value.description, to: &line)
        }
        line.append(UInt8(ascii: "]"))
    }
}
