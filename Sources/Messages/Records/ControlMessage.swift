/// What people have decided about a lane or a campaign: the value of the compacted `control` topic.
///
/// Compaction keeps the last record of a key only. So each record holds the whole state and not just its latest change:
/// limits set before a pause are still in the record that pauses.
package struct ControlMessage: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable, CaseIterable {
        case pause, resume, limit, cancel
    }

    /// A rate limit in the form of the settings.
    package struct Limit: Hashable, Sendable {
        package var requests: Int
        package var per: Duration
        /// `nil` stands for the default, which is `requests`.
        package var burst: Int?
        /// `account`, `endpoint` or `path`.
        package var scope: String

        package init(requests: Int, per: Duration, burst: Int? = nil, scope: String) {
            self.requests = requests
            self.per = per
            self.burst = burst
            self.scope = scope
        }
    }

    /// Who decided something, why and when.
    package struct Act: Hashable, Sendable {
        package var by: String
        package var why: String?
        package var at: Timestamp

        package init(by: String, why: String? = nil, at: Timestamp) {
            self.by = by
            self.why = why
            self.at = at
        }
    }

    /// What was done last, by whom, why and when.
    package var action: Action
    package var by: String
    package var why: String?
    package var at: Timestamp

    package private(set) var isPaused: Bool
    package private(set) var isCancelled: Bool
    /// When a pause ends by itself.
    package private(set) var until: Timestamp?
    /// Limits in place of those of the settings; `nil` when the settings hold.
    package private(set) var limits: [Limit]?
    /// Who paused it, while it is paused; `nil` where an older record does not say.
    package private(set) var pausing: Act?
    /// Who ordered ``limits``, while they hold; `nil` where an older record does not say.
    package private(set) var limiting: Act?

    /// The next state of a key after an act.
    /// - Parameters:
    ///   - previous: the key's present record, `nil` when it has none.
    ///   - limits: for ``Action/limit`` only; `nil` goes back to the settings.
    package init(
        _ action: Action,
        after previous: ControlMessage? = nil,
        by: String,
        why: String? = nil,
        at: Timestamp,
        until: Timestamp? = nil,
        limits: [Limit]? = nil
    ) {
        self.action = action
        self.by = by
        self.why = why
        self.at = at
        isPaused = previous?.isPaused ?? false
        isCancelled = previous?.isCancelled ?? false
        self.until = previous?.until
        self.limits = previous?.limits
        pausing = previous?.pausing
        limiting = previous?.limiting
        switch action {
        case .pause:
            isPaused = true
            pausing = Act(by: by, why: why, at: at)
            self.until = until
        case .resume:
            isPaused = false
            pausing = nil
            self.until = nil
        case .limit:
            self.limits = limits
            limiting = limits == nil ? nil : Act(by: by, why: why, at: at)
        case .cancel:
            isCancelled = true
        }
    }

    /// Whether work is held back at the given time.
    package func holds(at time: Timestamp) -> Bool {
        isPaused && until.map { time < $0 } ?? true
    }

    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.field("action", action.rawValue)
        writer.field("by", by)
        writer.field("why", why)
        writer.field("at", at)
        writer.field("paused", isPaused)
        writer.field("cancelled", isCancelled)
        writer.fieldIfPresent("until", until)
        if let limits {
            writer.key("limits")
            writer.beginArray()
            for limit in limits { limit.encode(into: &writer) }
            writer.endArray()
        }
        // Where the last act is another one, which would else be taken for it.
        if isPaused, action != .pause { pausing?.encode("pausing", into: &writer) }
        if limits != nil, action != .limit { limiting?.encode("limiting", into: &writer) }
        writer.endObject()
        return writer.bytes
    }

    /// Reads a record's value; unknown fields are passed over.
    package init(decoding value: [UInt8]) throws(Rejection) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: value)
        } catch {
            throw Rejection("value", found: "no JSON: \(error)", allowed: "a control message")
        }
        action = try json.required("action", in: nil).choice("action")
        by = try json.required("by", in: nil).requiredText("by", upTo: 256)
        why = json["why"]?.text
        at = try json.time("at", in: nil)
        isPaused = json["paused"]?.boolValue ?? (action == .pause)
        isCancelled = json["cancelled"]?.boolValue ?? (action == .cancel)
        if let json = json["until"], json != .null { until = try json.requiredTime("until") }
        if let json = json["limits"], json != .null {
            var limits: [Limit] = []
            for (index, element) in try json.requiredList("limits", 0...32, of: "limits").enumerated() {
                limits.append(try Limit(element, "limits[\(index)]"))
            }
            self.limits = limits
        }
        let act = Act(by: by, why: why, at: at)
        if isPaused { pausing = action == .pause ? act : Act(json["pausing"]) }
        if limits != nil { limiting = action == .limit ? act : Act(json["limiting"]) }
    }
}

extension ControlMessage.Act {
    fileprivate init?(_ json: JSON?) {
        guard let by = json?["by"]?.text, let at = json?["at"]?.text.flatMap(Timestamp.init) else { return nil }
        self.init(by: by, why: json?["why"]?.text, at: at)
    }

    fileprivate func encode(_ name: String, into writer: inout JSONWriter) {
        writer.key(name)
        writer.beginObject()
        writer.field("by", by)
        writer.field("why", why)
        writer.field("at", at)
        writer.endObject()
    }
}

extension ControlMessage.Limit {
    init(_ json: JSON, _ field: String) throws(Rejection) {
        let per = try json.required("per", in: field)
        guard let duration = per.text.flatMap(Duration.init(messageText:)), duration > .zero else {
            throw .wrong("\(field).per", per, allowed: "a duration such as 60s")
        }
        let requests = try json.required("requests", in: field).requiredInteger("\(field).requests", in: 1...1_000_000)
        var burst: Int?
        if let json = json["burst"], json != .null {
            burst = Int(try json.requiredInteger("\(field).burst", in: 1...requests))
        }
        let scope = json["scope"] ?? .string("account")
        guard let name = scope.text, ["account", "endpoint", "path"].contains(name) else {
            throw .wrong("\(field).scope", scope, allowed: "account, endpoint or path")
        }
        self.init(requests: Int(requests), per: duration, burst: burst, scope: name)
    }

    func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("requests", requests)
        writer.field("per", per.messageText)
        if let burst { writer.field("burst", burst) }
        writer.field("scope", scope)
        writer.endObject()
    }
}
