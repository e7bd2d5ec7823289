/// What a record of the `commands` or `imports` topic, or of a lane, asks for.
package enum InboundMessage: Hashable, Sendable {
    case command(Command)
    case contactsImport(ImportCommand)
    case campaign(CampaignCommand)
    /// In lanes only.
    case contactsBatch(ContactBatch)

    package var event: EventAttributes {
        switch self {
        case .command(let command): command.event
        case .contactsImport(let command): command.event
        case .campaign(let command): command.event
        case .contactsBatch(let batch): batch.event
        }
    }

    /// Reads a record in either mode of CloudEvents.
    ///
    /// Names of providers and accounts are checked in form only, since this module does not know the settings.
    /// - Parameter recordTimestamp: Milliseconds since the Unix epoch, the `time` of events that have none.
    package static func decode(
        value: [UInt8]?,
        headers: some Collection<some HeaderField>,
        recordTimestamp: Int64
    ) throws(Rejection) -> InboundMessage {
        let mode = try CloudEvent.mode(headers)
        let attributes = CloudEvent.attributes(beside: headers, recordTimestamp)
        if case .structured = mode, let value, let outline = CommandOutline(value.span) {
            return .command(outline.command(value.span, attributes))
        }
        let event = try CloudEvent.decode(value: value, headers: headers, mode, attributes)
        do throws(Rejection) {
            switch MessageType(rawValue: event.attributes.type) {
            case .assign: return .command(try Command(event, .assign))
            case .unassign: return .command(try Command(event, .unassign))
            case .contactsImport: return .contactsImport(try ImportCommand(event))
            case .campaignStart: return .campaign(try CampaignCommand(event))
            case .contactsBatch where LaneHeaders(headers) != nil:
                return .contactsBatch(try ContactBatch(event))
            case .contactsBatch, .outcome, .importCompleted, .campaignCompleted, nil:
                throw unknownType(event.attributes.type)
            }
        } catch {
            throw error.salvaging(event)
        }
    }

    /// The rejection of a type that producers cannot send.
    package static func unknownType(_ type: String) -> Rejection {
        .unexpected("type", type, allowed: MessageType.inbound.map(\.rawValue).joined(separator: ", "))
    }
}
