extension Outcome {
    /// Reads an outcome that Bulkhead wrote, of this version or a later one that added fields.
    package init(decoding value: [UInt8]) throws(Rejection) {
        try self.init(event: try JSON(eventBytes: value))
    }

    init(event: JSON) throws(Rejection) {
        let data = try event.eventData(of: .outcome)
        let times = try data.required("times", in: "data")
        self.init(
            command: try CommandReference(data),
            disposition: try data.required("disposition", in: "data").choice("data.disposition"),
            times: Times(
                accepted: try times.time("accepted", in: "data.times"),
                first: times["first"]?.text.flatMap(Timestamp.init),
                finished: try times.time("finished", in: "data.times"),
                waitedMilliseconds: times["waitedMs"]?.integerValue ?? 0
            )
        )
        provider = data["provider"]?.text
        account = data["account"]?.text
        entity = data["entity"]?.text
        attempts = data.count("attempts")
        deferrals = data.count("deferrals")
        previousAssignee = Assignee(data["previousAssignee"])
        if let answer = data["response"] {
            response = Response(
                status: answer["status"]?.integerValue.flatMap { Int(exactly: $0) },
                code: answer["code"]?.text,
                message: answer["message"]?.text,
                requestID: answer["requestId"]?.text
            )
        }
        campaign = data["campaign"]?.text
        importMember = data["import"].flatMap(ImportMember.init)
        replay = data.count("replay")
        correlationID = data["correlationid"]?.text
        reason = data["reason"]?.text
        if let detail = data["rejection"], let field = detail["field"]?.text {
            rejection = RejectionDetail(
                field: field,
                found: detail["found"]?.text ?? "",
                allowed: detail["allowed"]?.text ?? ""
            )
        }
        if let winner = data["supersededBy"], let id = winner["id"]?.text {
            supersededBy = CommandReference(id: id, source: winner["source"]?.text)
        }
        traceparent = event["traceparent"]?.text
        tracestate = event["tracestate"]?.text
    }
}

extension Outcome.ImportMember {
    fileprivate init?(_ json: JSON) {
        guard let id = json["id"]?.text else { return nil }
        let codes = (json["codes"]?.elements ?? []).compactMap { element -> Code? in
            guard let code = element["code"]?.text else { return nil }
            let line = element["line"]?.integerValue.flatMap { Int(exactly: $0) }
            return Code(code, line: line, property: element["property"]?.text)
        }
        self.init(id: id, card: json.count("card"), line: json.count("line"), uid: json["uid"]?.text, codes: codes)
    }
}

extension CommandReference {
    /// Reads the member `command` of an emitted event's data.
    init(_ data: JSON) throws(Rejection) {
        let command = try data.required("command", in: "data")
        self.init(
            id: try command.text("id", in: "data.command"),
            source: command["source"]?.text,
            type: command["type"]?.text
        )
    }
}

extension JSON {
    init(eventBytes value: [UInt8]) throws(Rejection) {
        do throws(JSONError) {
            try self.init(parsing: value)
        } catch {
            throw Rejection("value", found: "no JSON: \(error)", allowed: "an event in JSON")
        }
    }

    /// The data of an emitted event, checked for its type only.
    func eventData(of type: MessageType) throws(Rejection) -> JSON {
        guard self["type"]?.text == type.rawValue else {
            throw Rejection("type", found: self["type"]?.kindDescription ?? "nothing", allowed: type.rawValue)
        }
        return try required("data", in: nil)
    }

    func required(_ name: String, in path: String?) throws(Rejection) -> JSON {
        guard let value = self[name] else {
            throw .missing(path.map { "\($0).\(name)" } ?? name, allowed: "what Bulkhead writes")
        }
        return value
    }

    /// Text of any length that must be there and hold something.
    func text(_ name: String, in path: String?) throws(Rejection) -> String {
        // The path is put together for those alone who have to be told it.
        if case .string(let text)? = self[name], !text.isEmpty { return text }
        return try required(name, in: path).requiredText(path.map { "\($0).\(name)" } ?? name, upTo: .max)
    }

    func time(_ name: String, in path: String?) throws(Rejection) -> Timestamp {
        if case .string(let text)? = self[name], let time = Timestamp(text) { return time }
        return try required(name, in: path).requiredTime(path.map { "\($0).\(name)" } ?? name)
    }

    /// A number that is never negative; 0 when there is none.
    func count(_ name: String) -> Int {
        max(0, self[name]?.integerValue.flatMap { Int(exactly: $0) } ?? 0)
    }
}
