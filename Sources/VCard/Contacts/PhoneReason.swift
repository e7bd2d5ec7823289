/// Why a phone number has no E.164 form (`reference/vcard.md` 5).
package enum PhoneReason: String, Hashable, Sendable, CaseIterable {
    /// Words, a SIP or mail address, or nothing that could be dialled.
    case notANumber = "not_a_number"
    case unknownCallingCode = "unknown_calling_code"
    case badLength = "bad_length"
    /// It can be read as a national and as an international number.
    case ambiguous
    /// A national number, and no home country is configured.
    case needsCountry = "needs_country"
    /// Fewer than seven digits, or a code with `*` or `#`.
    case shortCode = "short_code"
}
