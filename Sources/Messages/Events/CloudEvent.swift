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
    /// - Parameter recordTimestamp: Milliseconds since the Unix epoch.
    package static func decode(
        value: [UInt8]?,
        headers: some Collection<some HeaderField>,
        recordTimestamp: Int64
    ) throws(Rejection) -> CloudEvent {
        let mode = try mode(headers)
        return try decode(value: value, headers: headers, mode, attributes(beside: headers, recordTimestamp))
    }

    /// Reads the envelope of a record whose mode is known.
    static func decode(
        value: [UInt8]?,
        headers: some Collection<some HeaderField>,
        _ mode: Mode,
        _ attributes: EventAttributes
    ) throws(Rejection) -> CloudEvent {
        let reader = EnvelopeReader(attributes)
        return switch mode {
        case .structured: try reader.structured(value)
        case .binary(let contentType): try reader.binary(value, headers, contentType: contentType)
        }
    }

    /// How an event stands in its record.
    enum Mode {
        case structured
        case binary(contentType: String?)
    }

    /// Tells the mode as the Kafka binding says (section 3), by `content-type`.
    ///
    /// A record without one that has `ce_…` headers is binary, else its value has to be an object with `specversion`.
    static func mode(_ headers: some Collection<some HeaderField>) throws(Rejection) -> Mode {
        if headers.isEmpty { return .structured }
        var contentType: [UInt8]?
        var isBinary = false
        for header in headers {
            let name = header.name
            if name.utf8.count == 12, name.isContentType {
                contentType = header.value
            } else if name.isAttributeHeader {
                isBinary = true
            }
        }
        // The usual case first, without making text of the header.
        if let contentType, contentType.elementsEqual(structuredType.utf8) { return .structured }
        let type = contentType.map { String(decoding: $0, as: UTF8.self).lowercased() }
        if let type, type.hasPrefix("application/cloudevents") {
            guard isMediaType(type, structuredType) else {
                throw .unexpected("content-type", type, allowed: "\(structuredType) for structured mode")
            }
            return .structured
        }
        return isBinary ? .binary(contentType: type) : .structured
    }

    /// Whether a record's headers leave it an event in structured mode that its value says everything of.
    ///
    /// Only the usual headers are told so, and what no reader of commands looks at.
    package static func isPlain(header name: String, value: ArraySlice<UInt8>?) -> Bool {
        if name.utf8.count == 12, name.isContentType { return value?.elementsEqual(structuredType.utf8) ?? false }
        return !name.isAttributeHeader && !name.utf8.starts(with: "bulkhead-".utf8)
    }

    /// What is known of an event without its own attributes: its record's time, and the trace context from headers of its
    /// own, where tracing libraries put it.
    static func attributes(
        beside headers: some Collection<some HeaderField>,
        _ recordTimestamp: Int64
    ) -> EventAttributes {
        var attributes = EventAttributes(recordTime: Timestamp(milliseconds: recordTimestamp))
        guard !headers.isEmpty, let parent = headers.text(of: "traceparent"),
            parent.utf8.count <= EventAttributes.maximumLength
        else { return attributes }
        attributes.traceparent = parent
        attributes.tracestate = headers.text(of: "tracestate").flatMap {
            $0.utf8.count <= EventAttributes.maximumTraceLength ? $0 : nil
        }
        return attributes
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
