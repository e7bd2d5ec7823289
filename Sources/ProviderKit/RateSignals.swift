package import HTTPTypes
package import Scheduling

/// What the header fields of a response say about limits.
///
/// Read from `Retry-After` (RFC 9110 section 10.2.3), `RateLimit` and `RateLimit-Policy` (IETF draft "RateLimit header
/// fields for HTTP", its present and its earlier forms), `RateLimit-Limit` / `-Remaining` / `-Reset` of the draft's first
/// versions, and the `X-RateLimit-*` fields in common use. Where several speak of one thing, the standard's field goes
/// before the draft's first form and that before `X-`. What cannot be read counts as not sent.
package struct RateSignals: Hashable, Sendable {
    /// No call before this instant; never earlier than `now`, never more than ``longestWait`` after it.
    package var retryAt: Instant?
    /// Calls per window.
    package var limit: Int?
    /// Calls left in the present window.
    package var remaining: Int?
    /// When the present window ends; within ``longestWait`` from now.
    package var resetAt: Instant?
    /// The windows that the provider announces, in its order.
    package var policies: [RatePolicy] = []

    /// No provider's window is longer than a month: a farther instant is a broken header, and taking it at its word
    /// would close a lane for good.
    package static let longestWait: Duration = .seconds(31 * 86_400)

    package init(retryAt: Instant? = nil, limit: Int? = nil, remaining: Int? = nil, resetAt: Instant? = nil) {
        self.retryAt = retryAt
        self.limit = limit
        self.remaining = remaining
        self.resetAt = resetAt
    }

    /// - Parameter now: when the response arrived.
    package init(_ fields: HTTPFields, now: Instant) {
        guard Self.mayHold(fields) else { return }
        retryAt = fields[values: .retryAfter].compactMap { Self.moment($0, now: now) }.max()
        readStandard(fields, now: now)
        readPlain(fields, prefix: "RateLimit", now: now, reset: Self.moment)
        readPlain(fields, prefix: "X-RateLimit", now: now, reset: Self.looseMoment)
    }

    /// Most responses carry none of these fields; one pass over their names is all that they cost.
    private static func mayHold(_ fields: HTTPFields) -> Bool {
        fields.contains { field in
            let name = field.name.canonicalName
            return name == "retry-after" || name.hasPrefix("ratelimit") || name.hasPrefix("x-ratelimit-")
        }
    }

    private mutating func readStandard(_ fields: HTTPFields, now: Instant) {
        policies = RatePolicy.announced(fields.joined("RateLimit-Policy"))
        guard let state = RateState.tightest(of: fields.joined("RateLimit")) else {
            limit = policies.first?.requests
            return
        }
        limit = state.limit ?? policies.first { $0.name == state.name }?.requests
        remaining = state.remaining
        resetAt = state.resetSeconds.map { Self.clamp(now.advanced(by: .seconds($0)), now) }
    }

    private mutating func readPlain(
        _ fields: HTTPFields,
        prefix: String,
        now: Instant,
        reset: (Substring, Instant) -> Instant?
    ) {
        // Some servers add the windows to the number: `100, 100;w=60`.
        func first(_ suffix: String) -> [Substring] {
            fields.all(prefix + suffix).map { $0.prefix { $0 != "," && $0 != ";" } }
        }
        limit = limit ?? first("-Limit").compactMap(Self.count).min()
        remaining = remaining ?? first("-Remaining").compactMap(Self.count).min()
        resetAt = resetAt ?? fields.all(prefix + "-Reset").compactMap { reset($0[...], now) }.max()
    }

    private static func count(_ text: Substring) -> Int? {
        guard let seconds = decimal(text) else { return nil }
        return Int(min(seconds, 1_000_000_000))
    }

    /// Delta-seconds or an HTTP date.
    private static func moment(_ text: String, now: Instant) -> Instant? { moment(text[...], now) }

    private static func moment(_ text: Substring, _ now: Instant) -> Instant? {
        if let seconds = decimal(text) { return clamp(after(seconds, now), now) }
        return HTTPDate.parse(text, now: now).map { clamp($0, now) }
    }

    /// As ``moment(_:_:)``, but large numbers are points in time.
    ///
    /// From 10⁹ (the year 2001) on they are seconds since the Unix epoch, from 10¹¹ on milliseconds. No window lasts 30
    /// years, so the readings cannot be mistaken for one another.
    private static func looseMoment(_ text: Substring, _ now: Instant) -> Instant? {
        guard let number = decimal(text) else { return moment(text, now) }
        if number >= 1e11 { return clamp(Instant(milliseconds: Int64(min(number, 9e15))), now) }
        if number >= 1e9 { return clamp(Instant(milliseconds: Int64(number * 1_000)), now) }
        return clamp(after(number, now), now)
    }

    private static func after(_ seconds: Double, _ now: Instant) -> Instant {
        let milliseconds = (min(seconds, 1e12) * 1_000).rounded(.up)
        return now.advanced(by: .milliseconds(Int64(milliseconds)))
    }

    private static func clamp(_ instant: Instant, _ now: Instant) -> Instant {
        min(max(instant, now), now.advanced(by: longestWait))
    }

    /// Digits with an optional fraction, which no standard allows and some servers send.
    private static func decimal(_ text: Substring) -> Double? {
        var trimmed = text.drop { $0 == " " || $0 == "\t" }
        while trimmed.last == " " || trimmed.last == "\t" { trimmed.removeLast() }
        guard let first = trimmed.utf8.first, (0x30...0x39).contains(first),
            trimmed.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
            let value = Double(trimmed), value.isFinite
        else { return nil }
        return value
    }
}

extension HTTPFields {
    fileprivate func all(_ name: String) -> [String] {
        HTTPField.Name(name).map { self[values: $0] } ?? []
    }

    fileprivate func joined(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { self[$0] }
    }
}
