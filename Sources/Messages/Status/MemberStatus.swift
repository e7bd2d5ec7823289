/// What one process does, for screens and tools: a snapshot on the `status` topic under the member's id.
package struct MemberStatus: Hashable, Sendable {
    /// One account of one provider, as the member that owns its partition sees it.
    package struct Lane: Hashable, Sendable {
        package enum State: String, Hashable, Sendable, CaseIterable {
            /// Work goes out, or would if there were any.
            case open
            /// Work is there and waits for the limit.
            case limited
            case paused
            /// Nothing goes out until ``reason`` ends.
            case closed
        }

        package var provider: String
        package var account: String
        package var partition: Int32
        package var state: State
        /// Why it is closed or paused, as `breaker`, `unauthorized`, `dead_letter_budget`.
        package var reason: String?
        /// Since when the state holds.
        package var since: Timestamp?
        /// Commands read or waiting in Kafka.
        package var live = 0
        package var bulk = 0
        package var inFlight = 0
        /// Age of the oldest command that waits, in milliseconds.
        package var oldestMilliseconds: Int64 = 0
        /// Calls a second in the last 10 seconds.
        package var rate = 0.0
        /// The share of the limit that is in use, 0 to 1.
        package var utilization = 0.0
        package var limits: [ControlMessage.Limit] = []
        /// Why the limits in force are not those of the settings, if they are not.
        package var limitsReason: String?
        /// Commands held back, by reason.
        package var waits: [String: Int] = [:]

        package init(provider: String, account: String, partition: Int32, state: State) {
            self.provider = provider
            self.account = account
            self.partition = partition
            self.state = state
        }
    }

    package var member: String
    package var at: Timestamp
    package var startedAt: Timestamp
    package var version: String
    package var roles: [String]
    /// Where its admin server answers, as `host:port`; `nil` before it listens.
    package var admin: String?
    package var lanes: [Lane]

    package init(
        member: String,
        at: Timestamp,
        startedAt: Timestamp,
        version: String,
        roles: [String],
        lanes: [Lane] = []
    ) {
        self.member = member
        self.at = at
        self.startedAt = startedAt
        self.version = version
        self.roles = roles
        self.lanes = lanes
    }

    package var key: String { member }

    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 512 + lanes.count * 512)
        writer.beginObject()
        writer.field("kind", "member")
        writer.field("member", member)
        writer.field("at", at)
        writer.field("startedAt", startedAt)
        writer.field("version", version)
        writer.field("roles", roles)
        writer.field("admin", admin)
        writer.key("lanes")
        writer.beginArray()
        for lane in lanes { lane.encode(into: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    init(_ json: JSON) throws(Rejection) {
        var lanes: [Lane] = []
        for (index, element) in (json["lanes"]?.elements ?? []).enumerated() {
            lanes.append(try Lane(element, "lanes[\(index)]"))
        }
        self.init(
            member: try json.text("member", in: nil),
            at: try json.time("at", in: nil),
            startedAt: try json.time("startedAt", in: nil),
            version: json["version"]?.text ?? "",
            roles: (json["roles"]?.elements ?? []).compactMap(\.text),
            lanes: lanes
        )
        admin = json["admin"]?.text
    }
}

extension MemberStatus.Lane {
    fileprivate func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("provider", provider)
        writer.field("account", account)
        writer.field("partition", Int(partition))
        writer.field("state", state.rawValue)
        writer.field("reason", reason)
        writer.field("since", since)
        writer.field("live", live)
        writer.field("bulk", bulk)
        writer.field("inFlight", inFlight)
        writer.field("oldestMs", oldestMilliseconds)
        writer.field("rate", rate)
        writer.field("utilization", utilization)
        writer.key("limits")
        writer.beginArray()
        for limit in limits { limit.encode(into: &writer) }
        writer.endArray()
        writer.field("limitsReason", limitsReason)
        writer.field("waits", waits)
        writer.endObject()
    }

    fileprivate init(_ json: JSON, _ field: String) throws(Rejection) {
        self.init(
            provider: try json.text("provider", in: field),
            account: try json.text("account", in: field),
            partition: Int32(clamping: json.count("partition")),
            state: try json.required("state", in: field).choice("\(field).state")
        )
        reason = json["reason"]?.text
        since = json["since"]?.text.flatMap(Timestamp.init)
        live = json.count("live")
        bulk = json.count("bulk")
        inFlight = json.count("inFlight")
        oldestMilliseconds = Int64(json.count("oldestMs"))
        rate = json["rate"]?.doubleValue ?? 0
        utilization = json["utilization"]?.doubleValue ?? 0
        for (index, element) in (json["limits"]?.elements ?? []).enumerated() {
            limits.append(try ControlMessage.Limit(element, "\(field).limits[\(index)]"))
        }
        limitsReason = json["limitsReason"]?.text
        waits = json["waits"]?.textCounts ?? [:]
    }
}
