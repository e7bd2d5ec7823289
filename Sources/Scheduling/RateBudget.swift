/// The calls that one account may make, over any number of windows in three scopes.
///
/// A call takes from all of its windows or from none. The provider's word stands above the settings: it lowers limits
/// and closes scopes, and never raises a limit above the configured one.
package struct RateBudget: Sendable {
    /// Where a call counts.
    package struct Key: Hashable, Sendable {
        /// Number of the method and path template, as the lane's owner gives them out.
        package var endpoint: Int32
        /// Hash of method and exact path; two paths with one hash share a window, which errs on the safe side.
        package var path: UInt64

        package init(endpoint: Int32, path: UInt64) {
            self.endpoint = endpoint
            self.path = path
        }
    }

    /// What a call took and has to account for with ``settle(_:_:now:)``.
    package struct Reservation: Hashable, Sendable {
        fileprivate var key: Key
        /// Beyond the limit in force, to find out whether there is more.
        var isProbe: Bool
        var sentAt: Int64
    }

    package enum Report: Hashable, Sendable {
        /// The provider counted the call, or may have.
        case counted(ProviderWord)
        /// The provider refused it for its limits.
        case throttled(ProviderWord)
        /// It never left.
        case unsent
    }

    private var account: [Window<AccountKey>]
    private var endpoint: [Window<Int32>]
    private var path: [Window<UInt64>]
    /// Scopes closed by a 429, and whose word that is.
    private var accountClosed = Closure.none
    private var endpointClosed: [Int32: Closure] = [:]
    private var pathClosed: [UInt64: Closure] = [:]
    /// Refusals in a row that came without any word on when to come back, and the instant of the latest.
    private var silentRefusals = 0
    private var silentSince = Int64.min

    private struct AccountKey: Hashable {}

    package init(_ limits: [RateLimit]) {
        // A burst below the limit is a window of its own: the same rate over a shorter time.
        let windows = limits.flatMap { limit -> [RateLimit] in
            guard let burst = limit.burst, burst >= 1, burst < limit.requests else { return [limit] }
            let per = limit.per * burst / limit.requests
            return [limit, RateLimit(requests: burst, per: per, scope: limit.scope)]
        }
        account = windows.filter { $0.scope == .account }.map(Window.init)
        endpoint = windows.filter { $0.scope == .endpoint }.map(Window.init)
        path = windows.filter { $0.scope == .path }.map(Window.init)
    }

    package var isUnlimited: Bool { account.isEmpty && endpoint.isEmpty && path.isEmpty }
    package var hasPathWindows: Bool { !path.isEmpty }

    // MARK: Asking and taking

    /// When the account's own windows have room.
    package mutating func accountOpening(now: Instant) -> Opening {
        var result = Self.closed(accountClosed, now)
        for index in account.indices { result = .later(result, account[index].opening(AccountKey(), now.nanoseconds)) }
        return result
    }

    package mutating func endpointOpening(_ key: Int32, now: Instant) -> Opening {
        var result = endpointClosed.isEmpty ? .now : Self.closed(endpointClosed[key] ?? .none, now)
        for index in endpoint.indices { result = .later(result, endpoint[index].opening(key, now.nanoseconds)) }
        return result
    }

    package mutating func pathOpening(_ key: UInt64, now: Instant) -> Opening {
        var result = pathClosed.isEmpty ? .now : Self.closed(pathClosed[key] ?? .none, now)
        for index in path.indices { result = .later(result, path[index].opening(key, now.nanoseconds)) }
        return result
    }

    package mutating func opening(_ key: Key, now: Instant) -> Opening {
        .later(
            accountOpening(now: now),
            .later(endpointOpening(key.endpoint, now: now), pathOpening(key.path, now: now))
        )
    }

    /// Takes from every window of a call whose ``opening(_:now:)`` is ``Opening/now``.
    package mutating func take(_ key: Key, now: Instant) -> Reservation {
        var isProbe = false
        for index in account.indices { isProbe = account[index].take(AccountKey(), now.nanoseconds) || isProbe }
        for index in endpoint.indices { isProbe = endpoint[index].take(key.endpoint, now.nanoseconds) || isProbe }
        for index in path.indices { isProbe = path[index].take(key.path, now.nanoseconds) || isProbe }
        return Reservation(key: key, isProbe: isProbe, sentAt: now.nanoseconds)
    }

    /// Takes in how a call ended, and what the provider said of its limits.
    package mutating func settle(_ reservation: Reservation, _ report: Report, now: Instant) {
        let instant = now.nanoseconds
        let key = reservation.key
        switch report {
        case .counted(let word):
            silentRefusals = 0
            for index in account.indices { account[index].counted(AccountKey(), reservation, instant) }
            for index in endpoint.indices { endpoint[index].counted(key.endpoint, reservation, instant) }
            for index in path.indices { path[index].counted(key.path, reservation, instant) }
            heed(word, key, now: instant)
        case .unsent:
            refund(reservation)
        case .throttled(let word):
            refund(reservation)
            throttle(reservation, word, now: instant)
            heed(word, key, now: instant)
        }
    }

    private mutating func refund(_ reservation: Reservation) {
        for index in account.indices { account[index].refund(AccountKey(), reservation.isProbe) }
        for index in endpoint.indices { endpoint[index].refund(reservation.key.endpoint, reservation.isProbe) }
        for index in path.indices { path[index].refund(reservation.key.path, reservation.isProbe) }
    }

    // MARK: The provider's word

    /// Closes the scope that a 429 speaks of and fits its limit.
    ///
    /// Where several scopes have windows, the fullest is taken to be the one that was exceeded, the widest among equals.
    private mutating func throttle(_ reservation: Reservation, _ word: ProviderWord, now: Int64) {
        let key = reservation.key
        let fullness = [
            account.map { $0.fullness(AccountKey()) }.max() ?? -1,
            endpoint.map { $0.fullness(key.endpoint) }.max() ?? -1,
            path.map { $0.fullness(key.path) }.max() ?? -1,
        ]
        let scope = RateLimit.Scope.allCases[fullness.firstIndex(of: fullness.max() ?? -1) ?? 0]
        let reopens: Int64
        let authority: Closure.Authority
        if let retryAt = word.retryAt {
            reopens = max(now, retryAt.nanoseconds)
            authority = .retryAfter
        } else if let resetAt = word.resetAt, word.remaining ?? 0 == 0 {
            reopens = max(now, resetAt.nanoseconds)
            authority = .reset
        } else {
            authority = .ours
            let isTrying =
                switch scope {
                case .account: account.contains { $0.isTrying(AccountKey(), now) }
                case .endpoint: endpoint.contains { $0.isTrying(key.endpoint, now) }
                case .path: path.contains { $0.isTrying(key.path, now) }
                }
            let isMeasured = (fullness.max() ?? -1) < 900
            reopens =
                reservation.isProbe || isTrying ? now : silentReopening(reservation, scope, isMeasured: isMeasured, now)
        }
        switch scope {
        case .account:
            accountClosed.extend(to: reopens, authority)
            for index in account.indices { account[index].refused(AccountKey(), reservation, reopens, now) }
        case .endpoint:
            endpointClosed[key.endpoint, default: .none].extend(to: reopens, authority)
            for index in endpoint.indices { endpoint[index].refused(key.endpoint, reservation, reopens, now) }
        case .path:
            pathClosed[key.path, default: .none].extend(to: reopens, authority)
            for index in path.indices { path[index].refused(key.path, reservation, reopens, now) }
        }
    }

    /// When to come back although nobody says so.
    ///
    /// A refusal while the window was plainly not full shows the provider's limit: the window is full then, and its next
    /// slot comes free by itself, as it does when more was being tried than granted. Otherwise a whole window is waited out, after which the provider's
    /// count is empty whatever its limit is; twice as long with each refusal that follows.
    private mutating func silentReopening(
        _ reservation: Reservation,
        _ scope: RateLimit.Scope,
        isMeasured: Bool,
        _ now: Int64
    ) -> Int64 {
        let window = longestWindow(scope)
        // Answers of calls that were out together say the same.
        let isNews = reservation.sentAt >= silentSince
        if isNews {
            silentRefusals += 1
            silentSince = now
        }
        if isMeasured, silentRefusals == 1, window != nil { return now }
        let doublings = min(max(silentRefusals - 1, 0), 6)
        let pause = (window ?? 1_000_000_000).multipliedReportingOverflow(by: 1 << doublings)
        let longest = max(window ?? 0, Self.longestSilentPause)
        return now.clampedAdding(pause.overflow ? longest : min(pause.partialValue, longest))
    }

    private func longestWindow(_ scope: RateLimit.Scope) -> Int64? {
        switch scope {
        case .account: account.map(\.rule.per).max()
        case .endpoint: endpoint.map(\.rule.per).max()
        case .path: path.map(\.rule.per).max()
        }
    }

    /// Takes limit and remaining calls from response headers, for the narrowest scope that has windows.
    private mutating func heed(_ word: ProviderWord, _ key: Key, now: Int64) {
        guard word.limit != nil || word.remaining != nil else { return }
        if !path.isEmpty {
            path[Self.spokenOf(path.map(\.rule), word)].heed(word, key.path, now)
        } else if !endpoint.isEmpty {
            endpoint[Self.spokenOf(endpoint.map(\.rule), word)].heed(word, key.endpoint, now)
        } else if !account.isEmpty {
            account[Self.spokenOf(account.map(\.rule), word)].heed(word, AccountKey(), now)
        }
    }

    private static func spokenOf(_ rules: [RateRule], _ word: ProviderWord) -> Int {
        rules.firstIndex { $0.ceiling == word.limit } ?? 0
    }

    private static func closed(_ closure: Closure, _ now: Instant) -> Opening {
        closure.until > now ? .at(closure.until) : .now
    }

    /// A pause that nobody asked for grows no further than this, unless a window is longer: one call a minute at least
    /// finds out whether the provider is back.
    private static let longestSilentPause: Int64 = 60_000_000_000

    // MARK: State

    /// Drops windows of endpoints and paths that hold no calls, and closures that have passed.
    ///
    /// - Returns: how many keys are still held.
    @discardableResult
    package mutating func forgetIdle(now: Instant) -> Int {
        for index in endpoint.indices { endpoint[index].forgetIdle(now.nanoseconds) }
        for index in path.indices { path[index].forgetIdle(now.nanoseconds) }
        endpointClosed = endpointClosed.filter { $0.value.until > now }
        pathClosed = pathClosed.filter { $0.value.until > now }
        return endpoint.reduce(0) { $0 + $1.logs.count } + path.reduce(0) { $0 + $1.logs.count }
    }

    /// Until when a 429 has closed the whole account; `nil` when it is open.
    package func accountClosedUntil(now: Instant) -> Instant? {
        accountClosed.until > now ? accountClosed.until : nil
    }

    /// What a 429 closed that a call at the key has to wait for: of several scopes the one that opens last.
    package func closure(_ key: Key, now: Instant) -> Closure? {
        [accountClosed, endpointClosed[key.endpoint] ?? .none, pathClosed[key.path] ?? .none]
            .filter { $0.until > now }.max { $0.until < $1.until }
    }

    /// The windows as they are in force, for screens and outcomes.
    package func limitsInForce() -> [LimitInForce] {
        account.map { $0.inForce() } + endpoint.map { $0.inForce() } + path.map { $0.inForce() }
    }

    /// What a new owner of the account has to know.
    package func handOver(now: Instant) -> BudgetState {
        // Of many keys only the latest instant travels, which then holds for all of them.
        let endpoints = endpoint.map { $0.state(now.nanoseconds, closedUntil: Self.latest(endpointClosed)) }
        let paths = path.map { $0.state(now.nanoseconds, closedUntil: Self.latest(pathClosed)) }
        return BudgetState(
            windows: account.map { $0.state(now.nanoseconds, closedUntil: nil) } + endpoints + paths,
            closedUntil: accountClosedUntil(now: now)?.nanoseconds ?? 0
        )
    }

    private static func latest(_ closures: [some Hashable: Closure]) -> Int64? {
        closures.values.map(\.until.nanoseconds).max()
    }

    /// Continues where another owner stopped.
    ///
    /// - Parameter usedUntil: `nil` when the other owner had no call in flight and made none after `state`. Otherwise the
    ///   last instant at which it may have sent one: every slot that it could have used counts as used then.
    package mutating func takeOver(_ state: BudgetState?, usedUntil: Instant?, now: Instant) {
        let count = account.count + endpoint.count + path.count
        // Other limits were configured then, so nothing is known of today's windows.
        let states = state?.windows.count == count ? state?.windows : nil
        if let closed = state?.closedUntil { accountClosed.extend(to: closed, .formerOwner) }
        var number = 0
        func next() -> WindowState? {
            defer { number += 1 }
            return states?[number]
        }
        for index in account.indices {
            account[index].takeOver(next(), AccountKey(), usedUntil?.nanoseconds, now.nanoseconds)
        }
        for index in endpoint.indices { endpoint[index].takeOver(next(), nil, usedUntil?.nanoseconds, now.nanoseconds) }
        for index in path.indices { path[index].takeOver(next(), nil, usedUntil?.nanoseconds, now.nanoseconds) }
    }

    /// Changes the configured limits; calls already counted stay counted.
    package mutating func replaceLimits(_ limits: [RateLimit], now: Instant) {
        let before = handOver(now: now)
        var fresh = RateBudget(limits)
        let isComparable = fresh.account.count + fresh.endpoint.count + fresh.path.count == before.windows.count
        fresh.takeOver(isComparable ? before : nil, usedUntil: isComparable ? nil : now, now: now)
        self = fresh
    }
}

/// Until when a 429 closes a scope, and whose word that is.
package struct Closure: Hashable, Sendable {
    package enum Authority: String, Hashable, Sendable, CaseIterable {
        /// The provider's `Retry-After`.
        case retryAfter
        /// The end of the window by the provider's rate limit headers.
        case reset
        /// The provider named no instant; the lane waits as its own windows say.
        case ours
        /// Handed over with the partition; what the provider said then is not known.
        case formerOwner
    }

    package var until: Instant
    package var authority: Authority

    package init(until: Instant, authority: Authority) {
        self.until = until
        self.authority = authority
    }

    static let none = Closure(until: Instant(nanoseconds: .min), authority: .ours)

    mutating func extend(to until: Int64, _ authority: Authority) {
        guard until > self.until.nanoseconds else { return }
        self = Closure(until: Instant(nanoseconds: until), authority: authority)
    }
}

/// What a provider's response says of its limits.
package struct ProviderWord: Hashable, Sendable {
    /// Not before this instant (`Retry-After`).
    package var retryAt: Instant?
    /// Calls per window (`X-RateLimit-Limit`, `RateLimit-Policy`).
    package var limit: Int?
    package var remaining: Int?
    package var resetAt: Instant?

    package static let silent = ProviderWord()

    package init(retryAt: Instant? = nil, limit: Int? = nil, remaining: Int? = nil, resetAt: Instant? = nil) {
        self.retryAt = retryAt
        self.limit = limit
        self.remaining = remaining
        self.resetAt = resetAt
    }
}

/// A limit as configured and as now granted.
package struct LimitInForce: Hashable, Sendable {
    package var configured: RateLimit
    /// Calls per window now granted.
    package var effective: Int
    /// Calls that the window holds now, over all keys of the scope.
    package var used: Int
}
