package import ProviderKit

/// One account of a provider, below `providers.<name>.accounts.<name>`.
package struct AccountSettings: SettingsGroup, Sendable {
    package var clientID: String?
    package var clientSecret: Secret?
    package var contactsClientID: String?
    package var contactsClientSecret: Secret?
    package var token: Secret?
    package var partition: Int?
    package var limits: [LimitSettings]?

    package init() {}

    package static var fields: [SettingsField<AccountSettings>] {
        [
            .optional("clientID", \.clientID, .text(), absent: "required", "OAuth client.").only(.hatif),
            .optional(
                "clientSecret",
                \.clientSecret,
                .secret,
                absent: "required",
                "What `clientID` proves itself with."
            ).only(.hatif),
            .optional(
                "contactsClientID",
                \.contactsClientID,
                .text(),
                absent: "clientID",
                "OAuth client for calls about contacts."
            ).only(.hatif),
            .optional(
                "contactsClientSecret",
                \.contactsClientSecret,
                .secret,
                absent: "clientSecret",
                "What `contactsClientID` proves itself with."
            ).only(.hatif),
            .optional("token", \.token, .secret, absent: "required", "Token or API key.").only(.aelyst, .convor),
            .optional(
                "partition",
                \.partition,
                .integer(0...999),
                absent: "a hash of the account's name",
                "Partition of the lane's topics that the account's work is in."
            ),
            .list(
                "limits",
                \.limits,
                absent: "the provider's limits",
                "Limits of this account instead of the provider's."
            ),
        ]
    }
}
