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
        var contentType: [UInt8]?
        var isBinary = false
        var hasTrace = false
        for header in headers {
            let name = header.name.utf8
            if name.count == 12, header.name.isContentType {
                contentType = header.value
            } else if name.count == 11, header.name == "traceparent" {
                hasTrace = true
            } else if header.name.isAttributeHeader {
                isBinary = true
            }
        }
        var reader = EnvelopeReader(recordTime: Timestamp(milliseconds: recordTimestamp))
        if hasTrace { reader.takeTrace(of: headers) }
        // The usual case first, without making text of the header.
        if let contentType, contentType.elementsEqual(structuredType.utf8) { return try reader.structured(value) }
        let type = contentType.map { String(decoding: $0, as: UTF8.self).lowercased() }
        if let type, type.hasPrefix("application/cloudevents") {
            guard isMediaType(type, structuredType) else {
                throw .unexpected("content-type", type, allowed: "\(structuredType) for structured mode")
            }
            return try reader.structured(value)
        }
        return isBinary ? try reader.binary(value, headers, contentType: type) : try reader.structured(value)
    }

    static let structuredType = "application/cloudevents+json"

    static func isJSON(_ contentType: String) -> Bool {
        if contentType == "application/json" { return true }
        let essence = contentType.prefix { $0 != ";" && $0 != " " }
        return essence == "application/json" || essence.hasSuffix("+json") || essence == "text/json"
    }

    static func isMediaType(_ contentType: String, _ name: String) -> Bool {
        contentType.prefix { $0 != ";" && $0 != " " } == name
    }
}

extension String {
    /// Header names of Kafka keep their case; producers write this one in either.
    fileprivate var isContentType: Bool {
        self == "content-type" || lowercased() == "content-type"
    }

    /// Whether the name is that of a CloudEvents attribute in binary mode.
    var isAttributeHeader: Bool {
        guard utf8.count > 3, utf8.first == UInt8(ascii: "c") else { return false }
        return utf8.starts(with: "ce_".utf8)
    }
}
