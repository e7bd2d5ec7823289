/// How far a campaign or an import is: a snapshot on the `status` topic under `campaign/<id>` or `import/<id>`.
package struct JobStatus: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case campaign
        case contactsImport = "import"
    }

    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Members are being listed, or cards read.
        case expanding
        /// The first few members run, or are looked at.
        case canary
        case running
        case paused
        case completed
        case cancelled
        /// The import or campaign as a whole could not be carried out.
        case failed
    }

    package var kind: Kind
    package var id: String
    package var command: CommandReference
    package var provider: String
    package var account: String
    package var state: State
    /// Why it is paused, cancelled or failed, and who said so.
    package var reason: String?
    package var by: String?
    package var dryRun = false
    /// Members or cards; `nil` until all are known.
    package var total: Int?
    package var counts: [Disposition: Int] = [:]
    /// Outcomes a second in the last 10 seconds.
    package var rate = 0.0
    /// From the granted rate, in milliseconds; `nil` when nothing moves.
    package var remainingMilliseconds: Int64?
    package var startedAt: Timestamp
    package var at: Timestamp

    package init(
        _ kind: Kind,
        id: String,
        command: CommandReference,
        provider: String,
        account: String,
        state: State,
        startedAt: Timestamp,
        at: Timestamp
    ) {
        self.kind = kind
        self.id = id
        self.command = command
        self.provider = provider
        self.account = account
        self.state = state
        self.startedAt = startedAt
        self.at = at
    }

    package var key: String { "\(kind.rawValue)/\(id)" }

    /// How many members or cards have their outcome.
    package var done: Int { counts.values.reduce(0, &+) }

    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 768)
        writer.beginObject()
        writer.field("kind", kind.rawValue)
        writer.field("id", id)
        writer.field("command", command)
        writer.field("provider", provider)
        writer.field("account", account)
        writer.field("state", state.rawValue)
        writer.field("reason", reason)
        writer.field("by", by)
        writer.field("dryRun", dryRun)
        writer.field("total", total)
        writer.field("done", done)
        writer.field("counts", counts)
        writer.field("rate", rate)
        writer.field("etaMs", remainingMilliseconds)
        writer.field("startedAt", startedAt)
        writer.field("at", at)
        writer.endObject()
        return writer.bytes
    }

    init(_ json: JSON) throws(Rejection) {
        let command = try json.required("command", in: nil)
        self.init(
            try json.required("kind", in: nil).choice("kind"),
            id: try json.text("id", in: nil),
            command: CommandReference(
                id: try command.text("id", in: "command"),
                source: command["source"]?.text,
                type: command["type"]?.text
            ),
            provider: try json.text("provider", in: nil),
            account: try json.text("account", in: nil),
            state: try json.required("state", in: nil).choice("state"),
            startedAt: try json.time("startedAt", in: nil),
            at: try json.time("at", in: nil)
        )
        reason = json["reason"]?.text
        by = json["by"]?.text
        dryRun = json["dryRun"]?.boolValue ?? false
        total = json["total"]?.integerValue.flatMap { Int(exactly: $0) }
        counts = json["counts"]?.dispositionCounts ?? [:]
        rate = json["rate"]?.doubleValue ?? 0
        remainingMilliseconds = json["etaMs"]?.integerValue
    }
}

/// A snapshot on the `status` topic.
package enum StatusMessage: Hashable, Sendable {
    case member(MemberStatus)
    case job(JobStatus)
    case importPart(ImportPart)
    case campaignPlan(CampaignPlan)

    /// Reads a record's value; unknown fields are passed over.
    package init(decoding value: [UInt8]) throws(Rejection) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: value)
        } catch {
            throw Rejection("value", found: "no JSON: \(error)", allowed: "a status message")
        }
        switch json["kind"]?.text {
        case "member": self = .member(try MemberStatus(json))
        case ImportPart.kind: self = .importPart(try ImportPart(json))
        case CampaignPlan.kind: self = .campaignPlan(try CampaignPlan(json))
        default: self = .job(try JobStatus(json))
        }
    }
}
