extension Outcome {
    /// The outcome as an event in structured mode.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 1280)
        writer.beginObject()
        writer.encodeEmitted(.outcome, id: id, time: times.finished, subject: entity)
        writer.fieldIfPresent("correlationid", correlationID)
        writer.fieldIfPresent("traceparent", traceparent)
        writer.fieldIfPresent("tracestate", tracestate)
        writer.key("data")
        encodeData(into: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func encodeData(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("command", command)
        writer.field("provider", provider)
        writer.field("account", account)
        writer.field("entity", entity)
        writer.field("disposition", disposition.rawValue)
        writer.fieldIfPresent("reason", reason)
        if let rejection {
            writer.key("rejection")
            writer.beginObject()
            writer.field("field", rejection.field)
            writer.field("found", rejection.found)
            writer.field("allowed", rejection.allowed)
            writer.endObject()
        }
        if let supersededBy {
            writer.key("supersededBy")
            writer.beginObject()
            writer.field("id", supersededBy.id)
            writer.field("source", supersededBy.source)
            writer.endObject()
        }
        writer.field("attempts", attempts)
        writer.field("deferrals", deferrals)
        writer.field("previousAssignee", previousAssignee)

        writer.key("response")
        writer.beginObject()
        writer.field("status", response.status)
        writer.field("code", response.code)
        writer.field("message", response.message)
        writer.field("requestId", response.requestID)
        writer.endObject()

        writer.key("times")
        writer.beginObject()
        writer.field("accepted", times.accepted)
        writer.field("first", times.first)
        writer.field("finished", times.finished)
        writer.field("waitedMs", times.waitedMilliseconds)
        writer.endObject()

        writer.field("campaign", campaign)
        writer.key("import")
        if let importMember { importMember.encode(into: &writer) } else { writer.null() }
        writer.field("replay", replay)
        writer.field("correlationid", correlationID)
        writer.endObject()
    }
}

extension Outcome.ImportMember {
    fileprivate func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("card", card)
        writer.field("line", line)
        writer.field("uid", uid)
        writer.field("codes", codes)
        writer.endObject()
    }
}

extension JSONWriter {
    mutating func field(_ name: String, _ codes: [Outcome.ImportMember.Code]) {
        key(name)
        beginArray()
        for code in codes {
            beginObject()
            field("code", code.code)
            field("line", code.line)
            field("property", code.property)
            endObject()
        }
        endArray()
    }

    /// Writes the attributes of an event that Bulkhead emits; the caller adds its extensions and `data`.
    mutating func encodeEmitted(_ type: MessageType, id: String, time: Timestamp, subject: String?) {
        field("specversion", "1.0")
        field("type", type.rawValue)
        field("source", Outcome.eventSource)
        field("id", id)
        field("time", time)
        fieldIfPresent("subject", subject)
        field("datacontenttype", "application/json")
    }

    mutating func field(_ name: String, _ command: CommandReference) {
        key(name)
        beginObject()
        field("id", command.id)
        field("source", command.source)
        field("type", command.type)
        endObject()
    }
}
