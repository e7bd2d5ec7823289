package import Scheduling

/// Everything an operator can set; the initial values are the defaults.
package struct Settings: SettingsGroup, Sendable {
    package var prefix = "bulkhead"
    package var kafka = ["bootstrap.servers": "localhost:9092"]
    package var topics = TopicSettings()
    package var providers: [String: ProviderSettings] = [:]
    package var retry = RetryPolicy()
    package var queued = QueuedPolicy()
    package var lanes = LaneSettings()
    package var deadLetterBudget = DeadLetterBudgetSettings()
    package var imports = ImportSettings()
    package var phone = PhoneSettings()
    package var replay = ReplaySettings()
    package var redact = false
    package var admin = AdminSettings()
    package var shutdown = ShutdownSettings()
    package var log = LogSettings()

    package init() {}

    package static var fields: [SettingsField<Settings>] {
        [
            .value("prefix", \.prefix, .topicPart, "First part of the names of all topics and consumer groups."),
            .properties(
                "kafka",
                \.kafka,
                isSecret: KafkaProperties.isSecret,
                "librdkafka's own settings, passed through untouched."
            ),
            .group("topics", \.topics, "How `topics create` makes the topics."),
            .map("providers", \.providers, placeholder: "provider", "The providers, by the name that commands use."),
            .group("retry", \.retry, "Waiting after attempts that failed."),
            .group("queued", \.queued, "Waiting after a 449, which spends no attempt."),
            .group("lanes", \.lanes, "Limits of a lane."),
            .group("deadLetterBudget", \.deadLetterBudget, "When a lane closes rather than dead-letter everything."),
            .group("import", \.imports, "Contact imports."),
            .group("phone", \.phone, "Phone numbers."),
            .group("replay", \.replay, "Replay of dead letters."),
            .value("redact", \.redact, .flag, "Leaves the messages of providers out of outcomes."),
            .group("admin", \.admin, "Admin server."),
            .group("shutdown", \.shutdown, "Shutdown on SIGTERM."),
            .group("log", \.log, "Logs."),
        ]
    }
}

extension SettingsCodec where Value == String {
    /// A part of a topic's name: Kafka allows 249 of these characters for the whole name.
    package static var topicPart: SettingsCodec {
        .text("1 to 100 of a-z, A-Z, 0-9, \".\", \"_\" and \"-\"", upTo: 100) { text in
            text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._-".utf8.contains($0) }
        }
    }
}
