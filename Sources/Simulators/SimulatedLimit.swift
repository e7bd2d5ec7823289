/// One of the three providers that the simulator plays.
package enum SimulatedProvider: String, CaseIterable, Hashable, Sendable {
    case hatif, aelyst, convor
}

/// One window of a provider's limit, as the provider counts it.
package struct SimulatedLimit: Hashable, Sendable {
    /// What shares one count of calls; always within one account.
    package enum Scope: String, CaseIterable, Hashable, Sendable {
        case account
        /// Method and path template.
        case endpoint
        /// Method and exact path without the query.
        case path
    }

    /// Calls allowed in one window; at least 1.
    package var requests: Int
    /// The window's length; longer than zero.
    package var per: Duration
    package var scope: Scope

    package init(requests: Int, per: Duration, scope: Scope) {
        self.requests = max(1, requests)
        self.per = max(.nanoseconds(1), per)
        self.scope = scope
    }

    /// The window's length in nanoseconds.
    var length: Int64 { per.simulatedNanoseconds }
}

/// How a provider counts the calls of a window.
package enum LimitAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// Remembers each accepted call; exact for every window.
    case slidingLog
    /// Counts from whole multiples of the window's length; lets twice the limit pass around a boundary.
    case fixedWindow
    /// Refills evenly, holds at most one window's worth.
    case tokenBucket
}

/// A provider's limits: what is audited, what is enforced, and what its answers say about them.
package struct LimitPolicy: Hashable, Sendable {
    package enum Enforcement: Hashable, Sendable {
        /// Calls beyond the audited limits are refused with 429.
        case audited
        /// Nothing is refused; the audit goes on.
        case off
        /// Other limits than the audited ones are enforced.
        case other([SimulatedLimit])
    }

    /// The limits that the audit holds calls against.
    package var limits: [SimulatedLimit]
    package var enforcement: Enforcement
    package var algorithm: LimitAlgorithm
    /// Whether a 429 says when to come back (`Retry-After`, in whole seconds, rounded up).
    package var retryAfter: Bool
    /// Whether every answer carries `X-RateLimit-Limit` and `X-RateLimit-Remaining`.
    package var counts: Bool

    package init(
        _ limits: [SimulatedLimit],
        enforcement: Enforcement = .audited,
        algorithm: LimitAlgorithm = .slidingLog,
        retryAfter: Bool = true,
        counts: Bool = false
    ) {
        self.limits = limits
        self.enforcement = enforcement
        self.algorithm = algorithm
        self.retryAfter = retryAfter
        self.counts = counts
    }

    var enforced: [SimulatedLimit] {
        switch enforcement {
        case .audited: limits
        case .off: []
        case .other(let limits): limits
        }
    }

    /// What `reference/providers.md` gives: Aelyst documents its limit and headers; Hatif's number is observed and no
    /// header is documented; Convor's number is a guess, to be configured.
    package static func standard(of provider: SimulatedProvider) -> LimitPolicy {
        switch provider {
        case .hatif:
            LimitPolicy([SimulatedLimit(requests: 100, per: .seconds(60), scope: .account)], retryAfter: false)
        case .aelyst:
            LimitPolicy([SimulatedLimit(requests: 5, per: .seconds(1), scope: .path)], counts: true)
        case .convor:
            LimitPolicy([SimulatedLimit(requests: 60, per: .seconds(60), scope: .account)])
        }
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to what 64 bits hold.
    var simulatedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carried ? (seconds < 0 ? .min : .max) : sum
    }
}
