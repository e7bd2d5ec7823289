package import ProviderKit
package import VCard

/// How imports are read.
package struct ImportOptions: Sendable {
    package var vcard = VCardSettings()
    /// Numbering plans that `defaultCountry` may name.
    package var countries: [String: PhoneCountry] = [:]
    /// Where imports by `url` come from; without one they are rejected.
    package var source: (any ImportSource)?

    package init() {}
}
