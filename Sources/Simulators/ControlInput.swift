/// What is wrong with a control call.
struct ControlError: Error, Hashable {
    var reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

extension Fault {
    /// Reads `{ "action": …, "provider", "account", "method", "pathPrefix", "pathContains", "entity", "times", "probability" }`.
    ///
    /// Actions: `status` (`status`, `body`, `headers`), `delay` (`ms`, `late`), `reset` and `hang` (`applied`), `lostAnswer`
    /// (a reset after the effect), `queued449`, `expireToken`, `garbageBody`, `throttle429` (`retryAfter`, seconds).
    init(json: JSON) throws(ControlError) {
        guard let name = json["action"]?.string else { throw ControlError("action: a name is expected") }
        self.init(try Self.action(name, json))
        if let text = json["provider"]?.string {
            guard let named = SimulatedProvider(rawValue: text) else {
                throw ControlError("provider: hatif, aelyst or convor is expected")
            }
            provider = named
        }
        account = json["account"]?.string
        method = json["method"]?.string
        pathPrefix = json["pathPrefix"]?.string
        pathContains = json["pathContains"]?.string
        entity = json["entity"]?.string
        times = json["times"]?.int
        probability = json["probability"]?.double ?? 1
        guard (0...1).contains(probability) else { throw ControlError("probability: 0 to 1 is expected") }
    }

    private static func action(_ name: String, _ json: JSON) throws(ControlError) -> Action {
        let applied = json["applied"]?.bool ?? false
        switch name {
        case "status":
            guard let status = json["status"]?.int, (200...599).contains(status) else {
                throw ControlError("status: 200 to 599 is expected")
            }
            var headers: [String: String] = [:]
            if case .object(let fields)? = json["headers"] {
                for field in fields { headers[field.name] = field.value.scalar }
            }
            return .status(status, body: json["body"]?.string, headers: headers)
        case "delay":
            guard let milliseconds = json["ms"]?.int, (0...3_600_000).contains(milliseconds) else {
                throw ControlError("ms: 0 to 3600000 is expected")
            }
            return .delay(.milliseconds(milliseconds), late: json["late"]?.bool ?? false)
        case "reset": return .reset(applied: applied)
        case "lostAnswer": return .reset(applied: true)
        case "hang": return .hang(applied: applied)
        case "queued449": return .queued
        case "expireToken": return .expireToken
        case "garbageBody": return .garbage
        case "throttle429": return .throttle(retryAfter: json["retryAfter"]?.int)
        default: throw ControlError("action: not known")
        }
    }
}

extension LimitPolicy {
    /// Changes what is given of `{ "limits": […], "enforced": true | false | […], "algorithm", "retryAfter", "counts" }`.
    ///
    /// A limit is `{ "requests": 100, "perMs": 60000, "scope": "account" | "endpoint" | "path" }`. `enforced`: true refuses
    /// calls beyond `limits`, false refuses none, a list enforces other limits than the audited ones.
    mutating func apply(_ json: JSON) throws(ControlError) {
        if let list = json["limits"] { limits = try Self.limits(list) }
        switch json["enforced"] {
        case nil: break
        case .bool(let enforced)?: enforcement = enforced ? .audited : .off
        case let list?: enforcement = .other(try Self.limits(list))
        }
        if let name = json["algorithm"]?.string {
            guard let known = LimitAlgorithm(rawValue: name) else {
                throw ControlError("algorithm: slidingLog, fixedWindow or tokenBucket is expected")
            }
            algorithm = known
        }
        retryAfter = json["retryAfter"]?.bool ?? retryAfter
        counts = json["counts"]?.bool ?? counts
    }

    private static func limits(_ json: JSON) throws(ControlError) -> [SimulatedLimit] {
        guard let items = json.array else { throw ControlError("limits: a list is expected") }
        var limits: [SimulatedLimit] = []
        for item in items {
            guard let requests = item["requests"]?.int, (1...1_000_000_000).contains(requests),
                let length = item["perMs"]?.int, (1...86_400_000).contains(length),
                let scope = item["scope"].map({ $0.string.flatMap(SimulatedLimit.Scope.init) }) ?? .account
            else { throw ControlError("limits: requests, perMs up to a day, and scope are expected") }
            limits.append(SimulatedLimit(requests: requests, per: .milliseconds(length), scope: scope))
        }
        return limits
    }
}
