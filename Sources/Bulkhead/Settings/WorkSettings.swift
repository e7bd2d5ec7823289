package import Scheduling

extension RetryPolicy: SettingsGroup {
    package static var fields: [SettingsField<RetryPolicy>] {
        [
            .value(
                "maxAttempts",
                \.maxAttempts,
                .integer(1...100),
                "Attempts in all before a command is `exhausted`, provided that others have succeeded meanwhile."
            ),
            .value("base", \.base, .duration(.milliseconds(10) ... .seconds(3_600)), "Bound of the first wait."),
            .value("factor", \.factor, .number(1...10), "Each wait's bound is this many times the one before."),
            .value("cap", \.cap, .duration(.milliseconds(10) ... .seconds(86_400)), "Longest wait."),
        ]
    }
}

extension QueuedPolicy: SettingsGroup {
    package static var fields: [SettingsField<QueuedPolicy>] {
        [
            .value("base", \.base, .duration(.seconds(1) ... .seconds(3_600)), "First wait; doubled each time."),
            .value("cap", \.cap, .duration(.seconds(1) ... .seconds(86_400)), "Longest wait."),
        ]
    }
}

package struct LaneSettings: SettingsGroup, Hashable, Sendable {
    package var bulkShare = 0.1
    package var maxRecordsPerPartition = 5_000
    package var maxBytes = 256 * 1_048_576
    package var dedupMemory = 100_000
    package var metadataLimit = 4_096
    package var drain: Duration = .seconds(10)
    package var watchdog: Duration = .seconds(60)

    package init() {}

    package static var fields: [SettingsField<LaneSettings>] {
        [
            .value(
                "bulkShare",
                \.bulkShare,
                .number(0...0.9),
                "Share of an account's calls that is kept for bulk work."
            ),
            .value(
                "maxRecordsPerPartition",
                \.maxRecordsPerPartition,
                .integer(10...1_000_000),
                "Records of one partition that are read and not finished."
            ),
            .value("maxBytes", \.maxBytes, .bytes(1_048_576...1 << 40), "Bytes of all records read and not finished."),
            .value(
                "dedupMemory",
                \.dedupMemory,
                .integer(0...10_000_000),
                "Command ids of each partition that duplicates are looked for in."
            ),
            .value(
                "metadataLimit",
                \.metadataLimit,
                .bytes(256...1_048_576),
                "Bytes of metadata with a commit; the brokers' `offset.metadata.max.bytes`."
            ),
            .value(
                "drain",
                \.drain,
                .duration(.zero ... .seconds(300)),
                "How long calls in flight may finish when a partition is taken away."
            ),
            .value(
                "watchdog",
                \.watchdog,
                .duration(.seconds(1) ... .seconds(3_600)),
                "Silence of a partition with work after which its reader is started anew."
            ),
        ]
    }
}

package struct DeadLetterBudgetSettings: SettingsGroup, Sendable {
    /// What takes a right from the budget before it is dead-lettered.
    package enum Charged: String, Hashable, Sendable, CaseIterable {
        case rejected, refused
        case notFound = "not_found"
        case unauthorized, exhausted
    }

    package var budget = DeadLetterBudget.Settings()
    package var dispositions = [Charged.exhausted, Charged.unauthorized]

    package init() {}

    package static var fields: [SettingsField<DeadLetterBudgetSettings>] {
        SettingsField.lifted(\.budget) + [
            .value("dispositions", \.dispositions, .list(of: .choice), "The dispositions that are charged to it.")
        ]
    }
}

extension DeadLetterBudget.Settings: SettingsGroup {
    package static var fields: [SettingsField<DeadLetterBudget.Settings>] {
        [
            .value("enabled", \.isEnabled, .flag, "Whether there is a budget at all."),
            .value("size", \.size, .integer(0...1_000_000), "Most rights saved up; each success earns one."),
            .value("free", \.free, .integer(0...1_000_000), "Dead letters in any window that need no success."),
            .value("window", \.window, .duration(.seconds(1) ... .seconds(86_400)), "How long a success counts."),
        ]
    }
}

package struct ReplaySettings: SettingsGroup, Hashable, Sendable {
    package var max = 3
    package var allow: [String] = []

    package init() {}

    package static var fields: [SettingsField<ReplaySettings>] {
        [
            .value("max", \.max, .integer(0...100), "Replays of one command before it is parked."),
            .value(
                "allow",
                \.allow,
                .list(of: .topicName),
                "Topics that replays may be written to; empty is the commands and imports topics."
            ),
        ]
    }
}

extension SettingsCodec where Value == String {
    package static var topicName: SettingsCodec {
        .text("names of topics", upTo: 249) { text in
            text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._-".utf8.contains($0) }
        }
    }
}
