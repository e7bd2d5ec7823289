internal import Messages
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

    /// The numbering plan that an import names or brings along.
    func home(of command: ImportCommand) throws(Rejection) -> PhoneCountry? {
        switch command.defaultCountry {
        case .named(let name):
            guard let country = countries[name] else {
                throw .unknownName("data.defaultCountry", name, among: Array(countries.keys))
            }
            return country
        case .rule(let rule):
            return PhoneCountry(
                callingCode: rule.callingCode,
                trunkPrefix: rule.trunkPrefix,
                internationalPrefix: rule.internationalPrefix,
                nationalLengths: Set(rule.nationalLengths)
            )
        case nil: return nil
        }
    }
}
