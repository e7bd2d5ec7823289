/// The CloudEvents context attributes that Bulkhead reads; see <https://github.com/cloudevents/spec> 1.0.
package struct EventAttributes: Hashable, Sendable {
    /// With `source` it identifies a command; 1 to 256 bytes.
    package var id: String
    package var source: String
    package var type: String
    /// When the command was decided; the record's timestamp when the event does not say.
    package var time: Timestamp
    package var subject: String?
    package var correlationID: String?
    /// The command is not executed after this.
    package var expiry: Timestamp?
    /// W3C Trace Context, passed on as it came.
    package var traceparent: String?
    package var tracestate: String?
    package var priority: Priority

    package init(
        id: String,
        source: String,
        type: MessageType,
        time: Timestamp,
        subject: String? = nil,
        correlationID: String? = nil,
        expiry: Timestamp? = nil,
        traceparent: String? = nil,
        tracestate: String? = nil,
        priority: Priority = .live
    ) {
        self.id = id
        self.source = source
        self.type = type.rawValue
        self.time = time
        self.subject = subject
        self.correlationID = correlationID
        self.expiry = expiry
        self.traceparent = traceparent
        self.tracestate = tracestate
        self.priority = priority
    }

    /// Attributes of an event that has yet to be read, in which only the time is known.
    init(recordTime: Timestamp) {
        id = ""
        source = ""
        type = ""
        time = recordTime
        priority = .live
    }

    /// The longest `id`, `source`, `subject` and `correlationid`, in bytes.
    package static let maximumLength = 256
    /// The longest `tracestate` that is passed on, in bytes; W3C Trace Context asks for at least 512.
    package static let maximumTraceLength = 1024

    /// The headers of an event in binary mode whose data has the given content type.
    package func binaryHeaders(contentType: String, extensions: [EventExtension] = []) -> [MessageHeader] {
        var headers = [
            MessageHeader("content-type", contentType),
            MessageHeader("ce_specversion", "1.0"),
            MessageHeader("ce_id", id),
            MessageHeader("ce_source", source),
            MessageHeader("ce_type", type),
            MessageHeader("ce_time", time.description),
        ]
        func add(_ name: String, _ text: String?) {
            if let text { headers.append(MessageHeader("ce_\(name)", text)) }
        }
        add("subject", subject)
        add("correlationid", correlationID)
        add("expirytime", expiry?.description)
        add("traceparent", traceparent)
        add("tracestate", tracestate)
        if priority != .live { add("priority", priority.rawValue) }
        for item in extensions { add(item.name, item.text) }
        return headers
    }

    /// Writes the envelope's members; the caller has begun the object and adds `data`.
    func encode(into writer: inout JSONWriter) {
        writer.field("specversion", "1.0")
        writer.field("type", type)
        writer.field("source", source)
        writer.field("id", id)
        writer.field("time", time)
        writer.fieldIfPresent("subject", subject)
        writer.field("datacontenttype", "application/json")
        writer.fieldIfPresent("correlationid", correlationID)
        writer.fieldIfPresent("expirytime", expiry)
        writer.fieldIfPresent("traceparent", traceparent)
        writer.fieldIfPresent("tracestate", tracestate)
        if priority != .live { writer.field("priority", priority.rawValue) }
    }
}

/// A context attribute that CloudEvents does not define and the attributes above do not name.
package struct EventExtension: Hashable, Sendable {
    package var name: String
    package var text: String

    package init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }
}
