/// Says that every member of a campaign has its outcome.
package struct CampaignCompleted: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case completed, cancelled
    }

    /// The command that started the campaign.
    package var command: CommandReference
    package var campaign: String
    package var provider: String
    package var account: String
    package var state: State
    package var total: Int
    package var counts: [Disposition: Int]
    package var startedAt: Timestamp
    package var finishedAt: Timestamp
    /// Members a second over the whole time, pauses included.
    package var rate: Double
    package var correlationID: String?

    package init(
        command: CommandReference,
        campaign: String,
        provider: String,
        account: String,
        state: State,
        total: Int,
        counts: [Disposition: Int],
        startedAt: Timestamp,
        finishedAt: Timestamp,
        rate: Double,
        correlationID: String? = nil
    ) {
        self.command = command
        self.campaign = campaign
        self.provider = provider
        self.account = account
        self.state = state
        self.total = total
        self.counts = counts
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.rate = rate
        self.correlationID = correlationID
    }

    /// The record key and the event's subject: `campaign/<id>`.
    package var key: String { "campaign/\(campaign)" }

    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.encodeEmitted(.campaignCompleted, id: EventID.completion(of: command), time: finishedAt, subject: key)
        writer.fieldIfPresent("correlationid", correlationID)
        writer.key("data")
        writer.beginObject()
        writer.field("campaign", campaign)
        writer.field("command", command)
        writer.field("provider", provider)
        writer.field("account", account)
        writer.field("state", state.rawValue)
        writer.field("total", total)
        writer.field("counts", counts)
        writer.field("startedAt", startedAt)
        writer.field("finishedAt", finishedAt)
        writer.field("elapsedMs", elapsedMilliseconds(from: startedAt, to: finishedAt))
        writer.field("rate", rate)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// Reads what Bulkhead wrote; unknown fields and dispositions are passed over.
    package init(decoding value: [UInt8]) throws(Rejection) {
        let event = try JSON(eventBytes: value)
        let data = try event.eventData(of: .campaignCompleted)
        self.init(
            command: try CommandReference(data),
            campaign: try data.text("campaign", in: "data"),
            provider: try data.text("provider", in: "data"),
            account: try data.text("account", in: "data"),
            state: try data.required("state", in: "data").choice("data.state"),
            total: data.count("total"),
            counts: data["counts"]?.dispositionCounts ?? [:],
            startedAt: try data.time("startedAt", in: "data"),
            finishedAt: try data.time("finishedAt", in: "data"),
            rate: data["rate"]?.doubleValue ?? 0,
            correlationID: event["correlationid"]?.text
        )
    }
}
