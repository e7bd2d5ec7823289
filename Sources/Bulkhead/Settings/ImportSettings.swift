package struct ImportSettings: SettingsGroup, Hashable, Sendable {
    package var cardsPerRequest = 50
    package var allowPrivateAddresses = false
    package var url = Download()
    package var limits = Limits()

    package init() {}

    package static var fields: [SettingsField<ImportSettings>] {
        [
            .value(
                "cardsPerRequest",
                \.cardsPerRequest,
                .integer(1...1_000),
                "Most cards in one request, where the provider takes several."
            ),
            .value(
                "allowPrivateAddresses",
                \.allowPrivateAddresses,
                .flag,
                "Allows imports by `url` from private, loopback and link-local addresses."
            ),
            .group("url", \.url, "Imports by `url`."),
            .group("limits", \.limits, "What is too much; see the vCard reference, section 8."),
        ]
    }

    package struct Download: SettingsGroup, Hashable, Sendable {
        package var connectTimeout: Duration = .seconds(10)
        package var timeout: Duration = .seconds(300)

        package init() {}

        package static var fields: [SettingsField<Download>] {
            [
                .value(
                    "connectTimeout",
                    \.connectTimeout,
                    .duration(.milliseconds(100) ... .seconds(300)),
                    "Longest time until the connection stands."
                ),
                .value(
                    "timeout",
                    \.timeout,
                    .duration(.seconds(1) ... .seconds(86_400)),
                    "Longest time for the whole file."
                ),
            ]
        }
    }

    /// Limits of vCard files (`reference/vcard.md` 8).
    package struct Limits: SettingsGroup, Hashable, Sendable {
        package var textValue = 256 * 1_024
        package var binaryValue = 16 * 1_048_576
        package var card = 32 * 1_048_576
        package var properties = 2_000
        package var groups = 2_000
        package var parameters = 64
        package var parameterBytes = 8 * 1_024
        package var components = 64
        package var listItems = 1_000
        package var agentDepth = 4
        package var warnings = 20
        package var cards = 100_000
        package var bytes = 2 << 30

        package init() {}

        package static var fields: [SettingsField<Limits>] {
            [
                .value("textValue", \.textValue, .bytes(256...1 << 30), "Bytes of a text value, encoded."),
                .value("binaryValue", \.binaryValue, .bytes(256...1 << 30), "Bytes of a binary value, encoded."),
                .value("card", \.card, .bytes(1_024...1 << 30), "Bytes of one card."),
                .value("properties", \.properties, .integer(10...100_000), "Properties of one card."),
                .value("groups", \.groups, .integer(10...100_000), "Groups of one card."),
                .value("parameters", \.parameters, .integer(1...10_000), "Parameters of one property."),
                .value(
                    "parameterBytes",
                    \.parameterBytes,
                    .bytes(64...1_048_576),
                    "Bytes of one property's parameters."
                ),
                .value("components", \.components, .integer(8...10_000), "Components of one structured value."),
                .value("listItems", \.listItems, .integer(1...100_000), "Items of one list."),
                .value("agentDepth", \.agentDepth, .integer(0...16), "Nesting of agents' cards."),
                .value(
                    "warnings",
                    \.warnings,
                    .integer(0...10_000),
                    "Warnings kept of one card; more are counted only."
                ),
                .value("cards", \.cards, .integer(1...100_000_000), "Cards of one import."),
                .value("bytes", \.bytes, .bytes(1_024...1 << 44), "Bytes of one import."),
            ]
        }
    }
}
