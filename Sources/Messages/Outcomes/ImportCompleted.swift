/// Says that every card of an import has its outcome.
package struct ImportCompleted: Hashable, Sendable {
    /// The import command; its id is the import's.
    package var command: CommandReference
    package var provider: String
    package var account: String
    package var counts: [Disposition: Int]
    /// How many cards have each warning code.
    package var warnings: [String: Int]
    package var cards: Int
    package var startedAt: Timestamp
    package var finishedAt: Timestamp
    /// Why the file as a whole was not imported, as `not_a_vcard`.
    package var error: String?
    package var correlationID: String?

    package init(
        command: CommandReference,
        provider: String,
        account: String,
        counts: [Disposition: Int] = [:],
        warnings: [String: Int] = [:],
        cards: Int,
        startedAt: Timestamp,
        finishedAt: Timestamp,
        error: String? = nil,
        correlationID: String? = nil
    ) {
        self.command = command
        self.provider = provider
        self.account = account
        self.counts = counts
        self.warnings = warnings
        self.cards = cards
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.error = error
        self.correlationID = correlationID
    }

    /// The record key and the event's subject: `import/<id>`.
    package var key: String { "import/\(command.id)" }

    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.encodeEmitted(.importCompleted, id: EventID.completion(of: command), time: finishedAt, subject: key)
        writer.fieldIfPresent("correlationid", correlationID)
        writer.key("data")
        writer.beginObject()
        writer.field("import", command.id)
        writer.field("command", command)
        writer.field("provider", provider)
        writer.field("account", account)
        writer.field("cards", cards)
        writer.field("counts", counts)
        writer.field("warnings", warnings)
        writer.field("startedAt", startedAt)
        writer.field("finishedAt", finishedAt)
        writer.field("elapsedMs", elapsedMilliseconds(from: startedAt, to: finishedAt))
        writer.field("error", error)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// Reads what Bulkhead wrote; unknown fields and dispositions are passed over.
    package init(decoding value: [UInt8]) throws(Rejection) {
        let event = try JSON(eventBytes: value)
        let data = try event.eventData(of: .importCompleted)
        self.init(
            command: try CommandReference(data),
            provider: try data.text("provider", in: "data"),
            account: try data.text("account", in: "data"),
            counts: data["counts"]?.dispositionCounts ?? [:],
            warnings: data["warnings"]?.textCounts ?? [:],
            cards: data.count("cards"),
            startedAt: try data.time("startedAt", in: "data"),
            finishedAt: try data.time("finishedAt", in: "data"),
            error: data["error"]?.text,
            correlationID: event["correlationid"]?.text
        )
    }
}

/// 0 when the clock went backwards between the two.
func elapsedMilliseconds(from start: Timestamp, to end: Timestamp) -> Int64 {
    let (difference, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
    return overflow ? 0 : max(0, difference / 1_000_000)
}

extension JSONWriter {
    /// Writes the counts that are not 0, in the order of ``Disposition``.
    mutating func field(_ name: String, _ counts: [Disposition: Int]) {
        key(name)
        beginObject()
        for disposition in Disposition.allCases {
            if let count = counts[disposition], count != 0 { field(disposition.rawValue, count) }
        }
        endObject()
    }

    /// Writes counts in the order of their names.
    mutating func field(_ name: String, _ counts: [String: Int]) {
        key(name)
        beginObject()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { field(name, count) }
        endObject()
    }
}

extension JSON {
    var dispositionCounts: [Disposition: Int] {
        var counts: [Disposition: Int] = [:]
        for (name, count) in textCounts {
            if let disposition = Disposition(rawValue: name) { counts[disposition] = count }
        }
        return counts
    }

    var textCounts: [String: Int] {
        var counts: [String: Int] = [:]
        for member in members ?? [] {
            if let count = member.value.integerValue.flatMap({ Int(exactly: $0) }) { counts[member.key] = count }
        }
        return counts
    }
}
