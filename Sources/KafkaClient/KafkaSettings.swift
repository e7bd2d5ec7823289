/// Settings of a client, by librdkafka's names (its CONFIGURATION.md), passed on untouched.
package struct KafkaSettings: Sendable, Equatable {
    package var properties: [String: String]

    package init(_ properties: [String: String]) {
        self.properties = properties
    }

    /// A copy in which `other` wins where both name a property.
    package func merging(_ other: [String: String]) -> KafkaSettings {
        KafkaSettings(properties.merging(other) { _, new in new })
    }

    /// A copy in which a property of `defaults` counts only where neither it nor one of its aliases is set.
    package func withDefaults(_ defaults: [String: String]) -> KafkaSettings {
        var result = self
        for (name, value) in defaults where self[name] == nil {
            result.properties[name] = value
        }
        return result
    }

    /// The value of a property under its own name or an alias of it.
    package subscript(name: String) -> String? {
        if let value = properties[name] { return value }
        for alias in Self.aliases[name] ?? [] {
            if let value = properties[alias] { return value }
        }
        return nil
    }

    /// Properties that librdkafka accepts under a second name, as far as this module sets or reads them.
    private static let aliases: [String: [String]] = [
        "acks": ["request.required.acks"],
        "bootstrap.servers": ["metadata.broker.list"],
        "compression.codec": ["compression.type"],
        "linger.ms": ["queue.buffering.max.ms"],
        "message.timeout.ms": ["delivery.timeout.ms"],
    ]
}

extension KafkaSettings: CustomStringConvertible {
    /// All properties in order of their names, secrets masked.
    package var description: String {
        properties.sorted { $0.key < $1.key }
            .map { name, value in "\(name)=\(Self.isSecret(name) ? "********" : value)" }
            .joined(separator: " ")
    }

    /// Whether the value of a property must not be shown: passwords, private keys, OAuth material.
    package static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "key.pem", "keystore", "oauthbearer.config", "jaas", "token"].contains {
            name.contains($0)
        }
            && !name.hasSuffix(".location")
    }
}
