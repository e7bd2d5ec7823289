/// A CloudEvents 1.0 event read from a Kafka record in structured or binary mode.
package struct CloudEvent: Hashable, Sendable {
    package enum Payload: Hashable, Sendable {
        case absent
        case json(JSON)
        /// Data of a content type that is not JSON; binary mode only.
        case bytes([UInt8])
    }

    package var attributes: EventAttributes
    package var dataContentType: String?
    package var extensions: [EventExtension]
    package var payload: Payload

    package func extensionText(_ name: String) -> String? {
        extensions.first { $0.name == name }?.text
    }

    /// Reads the envelope of a record; what `data` holds is checked by the message's own type.
    ///
    /// The mode is told as the Kafka binding says (section 3), by `content-type`; a record without one that has `ce_…`
    /// headers is binary, else its value has to be an object with `specversion`.
    /// - Parameter recordTimestamp: Milliseconds since the Unix epoch.
    package static func decode(
        value: [UInt8]?,
        headers: some Collection<some HeaderField>,
        recordTimestamp: Int64
    ) throws(Rejection) -> CloudEvent {
        var contentType: String?
        var isBinary = false
        for header in headers {
            if header.name.utf8.count == 12, header.name.lowercased() == "content-type", let bytes = header.value {
                contentType = String(decoding: bytes, as: UTF8.self).lowercased()
            } else if header.name.hasPrefix("ce_") {
                isBinary = true
            }
        }
        let reader = EnvelopeReader(recordTime: Timestamp(milliseconds: recordTimestamp))
        if let contentType, contentType.hasPrefix("application/cloudevents") {
            guard isMediaType(contentType, "application/cloudevents+json") else {
                throw .unexpected(
                    "content-type",
                    contentType,
                    allowed: "application/cloudevents+json for structured mode"
                )
            }
            return try reader.structured(value, headers)
        }
        return isBinary
            ? try reader.binary(value, headers, contentType: contentType)
            : try reader.structured(value, headers)
    }

    static func isJSON(_ contentType: String) -> Bool {
        let essence = contentType.prefix { $0 != ";" && $0 != " " }
        return essence == "application/json" || essence.hasSuffix("+json") || essence == "text/json"
    }

    static func isMediaType(_ contentType: String, _ name: String) -> Bool {
        contentType.prefix { $0 != ";" && $0 != " " } == name
    }
}
