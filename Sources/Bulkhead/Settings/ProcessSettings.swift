package struct TopicSettings: SettingsGroup, Hashable, Sendable {
    /// `nil` leaves it to the brokers' `default.replication.factor` (Kafka 2.4, KIP-464).
    package var replication: Int?
    package var partitions = Partitions()

    package init() {}

    package static var fields: [SettingsField<TopicSettings>] {
        [
            .optional(
                "replication",
                \.replication,
                .integer(1...100),
                absent: "the brokers' default",
                "Replicas of each partition."
            ),
            .group("partitions", \.partitions, "Partitions of the topics."),
        ]
    }

    package struct Partitions: SettingsGroup, Hashable, Sendable {
        package var commands = 6
        package var imports = 3
        package var lanes = 6
        package var outcomes = 6

        package init() {}

        package static var fields: [SettingsField<Partitions>] {
            [
                .value("commands", \.commands, .integer(1...1_000), "Of the commands topic."),
                .value("imports", \.imports, .integer(1...1_000), "Of the imports topic."),
                .value(
                    "lanes",
                    \.lanes,
                    .integer(1...1_000),
                    "Of each lane topic; an account's work is in one of them."
                ),
                .value(
                    "outcomes",
                    \.outcomes,
                    .integer(1...1_000),
                    "Of the results, failures and dead-letters topics."
                ),
            ]
        }
    }
}

package struct AdminSettings: SettingsGroup, Hashable, Sendable {
    package var listen = ListenAddress(host: "127.0.0.1", port: 8_087)

    package init() {}

    package static var fields: [SettingsField<AdminSettings>] {
        [.value("listen", \.listen, .listenAddress, "Where probes, metrics and the screen are served.")]
    }
}

/// Where a server listens; port 0 lets the system choose.
package struct ListenAddress: Hashable, Sendable {
    /// Without the brackets of an IPv6 address.
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var text: String { NetworkPlace.text(host: host, port: port) }
}

extension SettingsCodec where Value == ListenAddress {
    package static var listenAddress: SettingsCodec {
        SettingsCodec(
            allowed: "a host and port, as 127.0.0.1:8087 or [::]:8087",
            read: { text in
                NetworkPlace(text).flatMap { place in
                    place.port.map { ListenAddress(host: place.host, port: $0) }
                }
            },
            write: { $0.text },
            json: { .text($0.text) }
        )
    }
}

package struct ShutdownSettings: SettingsGroup, Hashable, Sendable {
    package var grace: Duration = .seconds(20)

    package init() {}

    package static var fields: [SettingsField<ShutdownSettings>] {
        [
            .value(
                "grace",
                \.grace,
                .duration(.zero ... .seconds(600)),
                "How long calls in flight may finish after SIGTERM."
            )
        ]
    }
}

package struct LogSettings: SettingsGroup, Hashable, Sendable {
    package enum Level: String, Hashable, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    package enum Format: String, Hashable, Sendable, CaseIterable {
        case json, text
        /// Text on a terminal, JSON elsewhere.
        case auto
    }

    package var level = Level.info
    package var format = Format.auto

    package init() {}

    package static var fields: [SettingsField<LogSettings>] {
        [
            .value("level", \.level, .choice, "The least level that is logged."),
            .value("format", \.format, .choice, "`auto` is text on a terminal and JSON elsewhere."),
        ]
    }
}
