package struct PhoneSettings: SettingsGroup, Hashable, Sendable {
    package var countries: [String: Country] = [:]

    package init() {}

    package static var fields: [SettingsField<PhoneSettings>] {
        [
            .map(
                "countries",
                \.countries,
                placeholder: "country",
                "Numbering plans that `defaultCountry` of an import may name."
            )
        ]
    }

    /// How numbers are dialled within a country, for numbers that are not written internationally.
    package struct Country: SettingsGroup, Hashable, Sendable {
        /// Set in every country that was loaded.
        package var callingCode: String?
        package var trunkPrefix = ""
        package var internationalPrefix = "00"
        /// Lengths of national numbers without the trunk prefix; set in every country that was loaded.
        package var nationalLengths: [Int]?

        package init() {}

        package static var fields: [SettingsField<Country>] {
            [
                .optional(
                    "callingCode",
                    \.callingCode,
                    .digits(1...3, "1 to 3 digits"),
                    isRequired: true,
                    "Calling code without `+`, as 966."
                ),
                .value(
                    "trunkPrefix",
                    \.trunkPrefix,
                    .digits(0...4, "up to 4 digits in quotes"),
                    "Digits dialled before a national number, as \"0\"."
                ),
                .value(
                    "internationalPrefix",
                    \.internationalPrefix,
                    .digits(1...5, "1 to 5 digits in quotes"),
                    "Digits dialled before a foreign number."
                ),
                .optional(
                    "nationalLengths",
                    \.nationalLengths,
                    .list(of: .integer(2...14)),
                    isRequired: true,
                    "Lengths of national numbers, the trunk prefix left out, as [9]."
                ),
            ]
        }
    }
}

extension SettingsCodec where Value == String {
    package static func digits(_ count: ClosedRange<Int>, _ allowed: String) -> SettingsCodec {
        .text(allowed, mayBeEmpty: true) { text in
            count.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }
}
