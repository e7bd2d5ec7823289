/// What a campaign's expansion came to, once every member stands in a lane: a fact on the `status` topic under
/// `campaign/<id>/plan`, from which progress and end are told.
package struct CampaignPlan: Hashable, Sendable {
    /// The command that started the campaign.
    package var command: CommandReference
    package var campaign: String
    package var provider: String
    package var account: String
    package var total: Int
    /// Calls to the provider that the members need.
    package var calls: Int
    /// Calls that reading the members took.
    package var listCalls: Int
    /// How long the calls take at the limits in force, in milliseconds; `nil` without limits.
    package var estimateMilliseconds: Int64?
    package var options: CampaignCommand.Options
    package var correlationID: String?
    package var startedAt: Timestamp
    package var at: Timestamp

    package init(
        command: CommandReference,
        campaign: String,
        provider: String,
        account: String,
        total: Int,
        calls: Int = 0,
        listCalls: Int = 0,
        estimateMilliseconds: Int64? = nil,
        options: CampaignCommand.Options = CampaignCommand.Options(),
        correlationID: String? = nil,
        startedAt: Timestamp,
        at: Timestamp
    ) {
        self.command = command
        self.campaign = campaign
        self.provider = provider
        self.account = account
        self.total = total
        self.calls = calls
        self.listCalls = listCalls
        self.estimateMilliseconds = estimateMilliseconds
        self.options = options
        self.correlationID = correlationID
        self.startedAt = startedAt
        self.at = at
    }

    package var key: String { "campaign/\(campaign)/plan" }

    static let kind = "campaignPlan"

    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.field("kind", Self.kind)
        writer.field("campaign", campaign)
        writer.field("command", command)
        writer.field("provider", provider)
        writer.field("account", account)
        writer.field("total", total)
        writer.field("calls", calls)
        writer.field("listCalls", listCalls)
        writer.field("estimateMs", estimateMilliseconds)
        writer.key("options")
        options.encode(into: &writer)
        writer.fieldIfPresent("correlationid", correlationID)
        writer.field("startedAt", startedAt)
        writer.field("at", at)
        writer.endObject()
        return writer.bytes
    }

    init(_ json: JSON) throws(Rejection) {
        self.init(
            command: try CommandReference(json),
            campaign: try json.text("campaign", in: nil),
            provider: try json.text("provider", in: nil),
            account: try json.text("account", in: nil),
            total: json.count("total"),
            calls: json.count("calls"),
            listCalls: json.count("listCalls"),
            estimateMilliseconds: json["estimateMs"]?.integerValue,
            options: try json["options"].map { json throws(Rejection) in
                try CampaignCommand.Options(json)
            } ?? CampaignCommand.Options(),
            correlationID: json["correlationid"]?.text,
            startedAt: try json.time("startedAt", in: nil),
            at: try json.time("at", in: nil)
        )
    }
}
