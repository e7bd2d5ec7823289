/// What one record of an import came to, once all its cards are in a lane or have their outcome: a fact on the `status`
/// topic under `import/<id>/<part>`, from which the import's end is told.
package struct ImportPart: Hashable, Sendable {
    /// The import command; its id is the import's.
    package var command: CommandReference
    package var provider: String
    package var account: String
    package var part: ImportCommand.Part
    /// Cards that were found, each of which has an outcome or will have one.
    package var cards: Int
    /// How many findings of each code there were.
    package var warnings: [String: Int]
    /// Why the file as a whole was not imported, as `not_a_vcard`.
    package var error: String?
    package var correlationID: String?
    package var startedAt: Timestamp
    package var at: Timestamp

    package init(
        command: CommandReference,
        provider: String,
        account: String,
        part: ImportCommand.Part,
        cards: Int,
        warnings: [String: Int] = [:],
        error: String? = nil,
        correlationID: String? = nil,
        startedAt: Timestamp,
        at: Timestamp
    ) {
        self.command = command
        self.provider = provider
        self.account = account
        self.part = part
        self.cards = cards
        self.warnings = warnings
        self.error = error
        self.correlationID = correlationID
        self.startedAt = startedAt
        self.at = at
    }

    package var key: String { "import/\(command.id)/\(part.index)" }

    static let kind = "importPart"

    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.field("kind", Self.kind)
        writer.field("command", command)
        writer.field("provider", provider)
        writer.field("account", account)
        writer.field("part", part.index)
        writer.field("last", part.last)
        writer.field("cards", cards)
        writer.field("warnings", warnings)
        writer.field("error", error)
        writer.fieldIfPresent("correlationid", correlationID)
        writer.field("startedAt", startedAt)
        writer.field("at", at)
        writer.endObject()
        return writer.bytes
    }

    init(_ json: JSON) throws(Rejection) {
        self.init(
            command: try CommandReference(json),
            provider: try json.text("provider", in: nil),
            account: try json.text("account", in: nil),
            part: ImportCommand.Part(index: json.count("part"), last: json["last"]?.boolValue ?? true),
            cards: json.count("cards"),
            warnings: json["warnings"]?.textCounts ?? [:],
            error: json["error"]?.text,
            correlationID: json["correlationid"]?.text,
            startedAt: try json.time("startedAt", in: nil),
            at: try json.time("at", in: nil)
        )
    }
}
