/// Collects the attributes of one event, from the members of its object or from `ce_…` headers.
struct EnvelopeReader {
    private var attributes: EventAttributes
    private var extensions: [EventExtension] = []
    private var dataContentType: String?
    private var specVersion: String?
    private var failure: Rejection?

    /// - Parameter attributes: what is known beside the event; its own attributes win.
    init(_ attributes: EventAttributes) {
        self.attributes = attributes
    }

    private static let valueAllowed = "a CloudEvents 1.0 event in JSON, or data with ce_… headers"

    consuming func structured(
        _ value: [UInt8]?
    ) throws(Rejection) -> CloudEvent {
        guard let value, !value.isEmpty else { throw .missing("value", allowed: Self.valueAllowed) }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: value)
        } catch {
            throw Rejection("value", found: "no JSON: \(error)", allowed: Self.valueAllowed)
        }
        guard case .object(let members) = json else { throw .wrong("value", json, allowed: Self.valueAllowed) }

        var payload = CloudEvent.Payload.absent
        for member in members {
            switch member.key {
            case "data":
                if member.value != .null { payload = .json(member.value) }
            case "data_base64":
                if failure == nil {
                    failure = .wrong(
                        "data_base64",
                        member.value,
                        allowed: "data, as an object; bytes go in binary mode"
                    )
                }
            default:
                if member.value != .null { take(member.key, member.value, shownAs: member.key) }
            }
        }
        return try finish(payload, prefix: "")
    }

    consuming func binary(
        _ value: [UInt8]?,
        _ headers: some Collection<some HeaderField>,
        contentType: String?
    ) throws(Rejection) -> CloudEvent {
        var names: [String] = []
        for header in headers where header.name.isAttributeHeader {
            guard let bytes = header.value else { continue }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                if failure == nil {
                    failure = Rejection(header.name, found: "bytes that are not UTF-8", allowed: "UTF-8 text")
                }
                continue
            }
            guard !names.contains(header.name) else {
                if failure == nil {
                    failure = Rejection(header.name, found: "the header twice", allowed: "the header once")
                }
                continue
            }
            names.append(header.name)
            take(String(header.name.dropFirst(3)), .string(text), shownAs: header.name)
        }
        dataContentType = contentType
        var payload = CloudEvent.Payload.absent
        if let value, !value.isEmpty {
            if let contentType, !CloudEvent.isJSON(contentType) {
                payload = .bytes(value)
            } else {
                do throws(JSONError) {
                    payload = .json(try JSON(parsing: value))
                } catch {
                    if failure == nil {
                        failure = Rejection("data", found: "no JSON: \(error)", allowed: "a JSON object")
                    }
                }
            }
        }
        return try finish(payload, prefix: "ce_")
    }

    private mutating func take(_ name: String, _ value: JSON, shownAs field: String) {
        do throws(Rejection) {
            try read(name, value, field)
        } catch {
            // The first problem is the one reported; the rest is still read for what can be salvaged.
            if failure == nil { failure = error }
        }
    }

    private mutating func read(_ name: String, _ value: JSON, _ field: String) throws(Rejection) {
        switch name {
        case "specversion": specVersion = try value.requiredText(field, upTo: 16)
        case "id": attributes.id = try value.requiredText(field, upTo: EventAttributes.maximumLength)
        case "source": attributes.source = try value.requiredText(field, upTo: EventAttributes.maximumLength)
        case "type": attributes.type = try value.requiredText(field, upTo: EventAttributes.maximumLength)
        case "time": attributes.time = try value.requiredTime(field)
        case "subject": attributes.subject = try value.requiredText(field, upTo: EventAttributes.maximumLength)
        case "datacontenttype": dataContentType = try value.requiredText(field, upTo: 128).lowercased()
        case "dataschema": _ = try value.requiredText(field, upTo: 2048)
        case "correlationid":
            attributes.correlationID = try value.requiredText(field, upTo: EventAttributes.maximumLength)
        case "expirytime": attributes.expiry = try value.requiredTime(field)
        case "traceparent":
            attributes.traceparent = try value.requiredText(field, upTo: EventAttributes.maximumLength)
        case "tracestate":
            attributes.tracestate = try value.requiredText(field, upTo: EventAttributes.maximumTraceLength)
        case "priority": attributes.priority = try value.choice(field)
        default: try readExtension(name, value, field)
        }
    }

    private mutating func readExtension(_ name: String, _ value: JSON, _ field: String) throws(Rejection) {
        guard !name.isEmpty, name.utf8.allSatisfy({ isDigit($0) || ($0 >= 0x61 && $0 <= 0x7A) }) else {
            throw Rejection(
                Rejection.name(field),
                found: "an unknown attribute",
                allowed: "attribute names of lower-case letters and digits; what a command says stands in data"
            )
        }
        switch value {
        case .string(let text): extensions.append(EventExtension(name, text))
        case .integer(let number): extensions.append(EventExtension(name, String(number)))
        case .bool(let flag): extensions.append(EventExtension(name, String(flag)))
        default: throw .wrong(field, value, allowed: "text, an integer or a boolean")
        }
    }

    private consuming func finish(
        _ payload: CloudEvent.Payload,
        prefix: String
    ) throws(Rejection) -> CloudEvent {
        let event = CloudEvent(
            attributes: attributes,
            dataContentType: dataContentType,
            extensions: extensions,
            payload: payload
        )
        if let problem = problem(prefix: prefix) { throw problem.salvaging(event) }
        return event
    }

    private func problem(prefix: String) -> Rejection? {
        // Without a version it is no event at all, which says more than what is wrong with one of its members.
        guard let specVersion else {
            if let failure, failure.field == "\(prefix)specversion" { return failure }
            return .missing("\(prefix)specversion", allowed: "1.0")
        }
        guard specVersion == "1.0" else { return .unexpected("\(prefix)specversion", specVersion, allowed: "1.0") }
        if let failure { return failure }
        if attributes.type.isEmpty {
            return .missing("\(prefix)type", allowed: MessageType.inbound.map(\.rawValue).joined(separator: ", "))
        }
        if attributes.id.isEmpty { return .missing("\(prefix)id", allowed: "text of 1 to 256 bytes") }
        if attributes.source.isEmpty { return .missing("\(prefix)source", allowed: "text of 1 to 256 bytes") }
        return nil
    }
}

extension Rejection {
    /// The rejection together with what is readable in its event.
    func salvaging(_ event: CloudEvent) -> Rejection {
        func present(_ text: String) -> String? { text.isEmpty ? nil : text }
        var result = self
        result.salvaged.id = present(event.attributes.id)
        result.salvaged.source = present(event.attributes.source)
        result.salvaged.type = present(event.attributes.type)
        result.salvaged.subject = event.attributes.subject
        result.salvaged.correlationID = event.attributes.correlationID
        result.salvaged.traceparent = event.attributes.traceparent
        result.salvaged.tracestate = event.attributes.tracestate
        switch event.payload {
        case .json(let data):
            result.salvaged.provider = data["provider"]?.name
            result.salvaged.account = data["account"]?.name
            result.salvaged.campaign = data["campaign"]?.name
        case .bytes, .absent:
            result.salvaged.provider = event.extensionText("provider").flatMap { JSON.string($0).name }
            result.salvaged.account = event.extensionText("account").flatMap { JSON.string($0).name }
        }
        return result
    }
}
