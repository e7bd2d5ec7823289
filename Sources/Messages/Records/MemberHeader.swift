/// What a campaign adds to the commands of its members on their way into a lane: one header with a small JSON object.
package struct MemberHeader: Hashable, Sendable {
    /// Who had the conversation when the members were read; outer `nil` when that is not known.
    package var previous: Assignee??
    /// Nothing is sent.
    package var isDryRun: Bool
    /// Calls of the campaign per second.
    package var maxRate: Double?
    /// How often the member was put aside by a pause.
    package var parkings: Int

    package init(previous: Assignee?? = nil, isDryRun: Bool = false, maxRate: Double? = nil, parkings: Int = 0) {
        self.previous = previous
        self.isDryRun = isDryRun
        self.maxRate = maxRate
        self.parkings = parkings
    }

    package static let name = "bulkhead-member"
    /// On a record of the parked topic without a value: all that was parked of the campaign before it is in the lane again.
    package static let resumption = "bulkhead-resumed"

    package var header: MessageHeader {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        if let previous { writer.field("previous", previous) }
        if isDryRun { writer.field("dryRun", true) }
        if let maxRate { writer.field("maxRate", maxRate) }
        if parkings > 0 { writer.field("parkings", parkings) }
        writer.endObject()
        return MessageHeader(Self.name, writer.bytes)
    }

    /// Reads the header of a member; `nil` of any other record.
    package init?(_ headers: some Collection<some HeaderField>) {
        guard let value = headers.first(where: { $0.name == Self.name })?.value, let json = try? JSON(parsing: value)
        else {
            return nil
        }
        var previous: Assignee??
        if let found = json["previous"] { previous = .some(Assignee(found)) }
        self.init(
            previous: previous,
            isDryRun: json["dryRun"]?.boolValue ?? false,
            maxRate: json["maxRate"]?.doubleValue,
            parkings: json.count("parkings")
        )
    }
}
