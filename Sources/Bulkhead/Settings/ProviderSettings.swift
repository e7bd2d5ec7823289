package import Scheduling

/// The kinds of provider that this worker has adapters for.
package enum ProviderKind: String, Hashable, Sendable, CaseIterable {
    case hatif, aelyst, convor

    /// Where the vendor's API is (`reference/providers.md` 1.1, 2.1); Convor's is different for each customer.
    package var baseURL: WebAddress? {
        switch self {
        case .hatif: WebAddress("https://api.voxa.sa")
        case .aelyst: WebAddress("https://api.aelyst.ai/v1")
        case .convor: nil
        }
    }
}

/// One provider, below `providers.<name>`.
package struct ProviderSettings: SettingsGroup, Sendable {
    package enum Coalesce: String, Hashable, Sendable, CaseIterable { case off, latest }

    /// Set in every provider that was loaded: as written, else the provider's name where that is a kind.
    package var kind: ProviderKind?
    /// Set in every provider that was loaded: as written, else the kind's own.
    package var baseURL: WebAddress?
    package var allowInsecure = false
    package var accounts: [String: AccountSettings] = [:]
    package var limits: [LimitSettings]?
    package var partitions: Int?
    package var concurrency = 16
    package var pageSize: Int?
    package var timeout: Duration = .seconds(30)
    package var coalesce = Coalesce.off
    package var reconcile = true
    package var breaker = Breaker.Settings()
    package var hatif = Hatif()
    package var aelyst = Aelyst()
    package var convor = Convor()

    package init() {}

    package static var fields: [SettingsField<ProviderSettings>] {
        [
            .optional("kind", \.kind, .choice, absent: "the provider's name", "The API it speaks."),
            .optional(
                "baseURL",
                \.baseURL,
                .webAddress,
                absent: "the kind's own; convor: required",
                "Where its API is."
            ),
            .value(
                "allowInsecure",
                \.allowInsecure,
                .flag,
                "Allows `http` to other hosts than this one; credentials then travel in the clear."
            ),
            .map("accounts", \.accounts, placeholder: "account", "The credentials that a limit belongs to, by name."),
            .list(
                "limits",
                \.limits,
                absent: "the kind's own",
                "Rate limits; a call takes from all of them or from none."
            ),
            .optional(
                "partitions",
                \.partitions,
                .integer(1...1_000),
                absent: "topics.partitions.lanes",
                "Partitions of each of its lane topics."
            ),
            .value("concurrency", \.concurrency, .integer(1...1_000), "Calls of one account at a time."),
            .optional(
                "pageSize",
                \.pageSize,
                .integer(1...1_000),
                absent: "hatif: 100, aelyst: 99",
                "Rows on one page of a list; aelyst takes no more than 99."
            ).only(.hatif, .aelyst),
            .value(
                "timeout",
                \.timeout,
                .duration(.milliseconds(100) ... .seconds(600)),
                "Longest time from sending a call to the end of its answer."
            ),
            .value("coalesce", \.coalesce, .choice, "`latest` sends only the last of one entity's waiting commands."),
            .value("reconcile", \.reconcile, .flag, "Reads the assignee before a call in doubt is sent again."),
            .group("breaker", \.breaker, "When an account's calls are held back because its provider fails."),
        ]
            + SettingsField.lifted(\.hatif, for: [.hatif])
            + SettingsField.lifted(\.aelyst, for: [.aelyst])
            + SettingsField.lifted(\.convor, for: [.convor])
    }

    /// The limits of an account; `nil` leaves them to the adapter of the kind.
    package func limits(of account: String) -> [RateLimit]? {
        (accounts[account]?.limits ?? limits)?.compactMap(\.limit)
    }
}

/// One window of a limit.
package struct LimitSettings: SettingsGroup, Hashable, Sendable {
    package var requests: Int?
    package var per: Duration?
    package var burst: Int?
    package var scope = RateLimit.Scope.account

    package init() {}

    package static var fields: [SettingsField<LimitSettings>] {
        [
            .optional(
                "requests",
                \.requests,
                .integer(1...1_000_000),
                isRequired: true,
                "Calls in any window of `per`."
            ),
            .optional(
                "per",
                \.per,
                .duration(.milliseconds(1) ... .seconds(86_400 * 31)),
                isRequired: true,
                "Length of the window."
            ),
            .optional("burst", \.burst, .integer(1...1_000_000), absent: "requests", "Calls that may go at once."),
            .value("scope", \.scope, .choice, "What shares one count: all calls, a path template, or an exact path."),
        ]
    }

    /// `nil` for a limit that is not complete, which does not pass loading.
    package var limit: RateLimit? {
        guard let requests, let per else { return nil }
        return RateLimit(requests: requests, per: per, burst: burst, scope: scope)
    }
}

extension Breaker.Settings: SettingsGroup {
    package static var fields: [SettingsField<Breaker.Settings>] {
        [
            .value("failureRate", \.failureRate, .number(0.01...1), "Share of failed calls at which it opens."),
            .value("minimumCalls", \.minimumCalls, .integer(1...10_000), "Calls before the share means anything."),
            .value("window", \.window, .duration(.seconds(1) ... .seconds(3_600)), "Older calls are forgotten."),
            .value(
                "pause",
                \.pause,
                .duration(.milliseconds(100) ... .seconds(3_600)),
                "First wait before one call tries again; doubled after each that fails."
            ),
            .value(
                "longestPause",
                \.longestPause,
                .duration(.milliseconds(100) ... .seconds(86_400)),
                "Longest such wait."
            ),
        ]
    }
}
