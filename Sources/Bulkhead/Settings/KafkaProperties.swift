/// What the settings know of librdkafka's properties; the rest is the library's to judge.
package enum KafkaProperties {
    /// Whether a property's value must not be shown.
    ///
    /// By name and not by a list, so that a secret of a later librdkafka is masked as well: `sasl.password`,
    /// `ssl.key.password`, `ssl.key.pem`, `ssl.keystore.password`, `sasl.oauthbearer.client.secret`, and
    /// `sasl.oauthbearer.config`, which holds whatever its mechanism needs.
    package static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["password", "secret", "token", "key.pem", "ssl_key", "oauthbearer.config", "jaas"]
            .contains { name.contains($0) } && !name.hasSuffix("token.endpoint.url")
    }

    /// Why a property cannot have this value; `nil` when it can.
    static func refusal(of name: String, value: String) -> String? {
        switch name {
        case "group.id", "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof",
            "auto.offset.reset", "transactional.id":
            "is Bulkhead's own and cannot be set"
        case "partition.assignment.strategy" where value != "range":
            "must stay \"range\": both topics of a lane have to meet in one process"
        case "acks" where value != "all" && value != "-1",
            "request.required.acks" where value != "all" && value != "-1":
            "must be \"all\": an outcome that one broker alone has can be lost"
        case "max.poll.interval.ms" where maxPollInterval([name: value]) == nil:
            "must be 1 to 86400000"
        default:
            nil
        }
    }

    /// The longest time between polls; librdkafka's own default is five minutes.
    ///
    /// `nil` for a value that is no number.
    static func maxPollInterval(_ properties: [String: String]) -> Duration? {
        guard let text = properties["max.poll.interval.ms"] else { return .seconds(300) }
        return Int(text).flatMap { (1...86_400_000).contains($0) ? .milliseconds($0) : nil }
    }
}
