/// Misbehaviour on demand: the first rule that fits a call decides.
package struct Fault: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// This status instead of the call's effect.
        case status(Int, body: String? = nil, headers: [String: String] = [:])
        /// An answer late by this much. `late` also holds the effect back, so that a retry can overtake it.
        case delay(Duration, late: Bool = false)
        /// The connection ends without an answer, before or after the call has its effect.
        case reset(applied: Bool)
        /// No answer, ever, until the client closes the connection.
        case hang(applied: Bool)
        /// Aelyst's 449, without effect.
        case queued
        /// All tokens of the account end, and the call is answered 401.
        case expireToken
        /// The effect takes place, the answer is 200 with bytes that are no JSON.
        case garbage
        /// 429 although no limit is reached; `retryAfter` in seconds, `nil` without the header.
        case throttle(retryAfter: Int?)
    }

    package var action: Action
    package var provider: SimulatedProvider?
    package var account: String?
    /// As `POST`.
    package var method: String?
    /// Compared with the path below the provider's base, as `/v2/conversations/`; Aelyst's without `/v1`.
    package var pathPrefix: String?
    package var pathContains: String?
    /// A conversation id or a contact identifier as it stands in the path.
    package var entity: String?
    /// How many calls it strikes; `nil` is all.
    package var times: Int?
    /// The chance that the rule strikes a call that fits, 0 to 1.
    package var probability: Double

    package init(
        _ action: Action,
        provider: SimulatedProvider? = nil,
        account: String? = nil,
        method: String? = nil,
        pathPrefix: String? = nil,
        pathContains: String? = nil,
        entity: String? = nil,
        times: Int? = nil,
        probability: Double = 1
    ) {
        self.action = action
        self.provider = provider
        self.account = account
        self.method = method
        self.pathPrefix = pathPrefix
        self.pathContains = pathContains
        self.entity = entity
        self.times = times
        self.probability = probability
    }

    func fits(_ call: Call, account name: String) -> Bool {
        (provider == nil || provider == call.provider)
            && (account == nil || account == name)
            && (method == nil || method == call.method)
            && (pathPrefix.map { call.path.hasPrefix($0) } ?? true)
            && (pathContains.map { call.path.contains($0) } ?? true)
            && (entity == nil || entity == call.entity)
    }
}

/// The rules in force, in the order they were added.
struct FaultBook: Sendable {
    struct Entry: Sendable {
        let id: Int
        var fault: Fault
        var struck = 0
    }

    private(set) var entries: [Entry] = []
    private var lastID = 0

    mutating func add(_ fault: Fault) -> Int {
        lastID += 1
        entries.append(Entry(id: lastID, fault: fault))
        return lastID
    }

    /// Removes one rule, or all.
    mutating func remove(id: Int?) {
        entries.removeAll { id == nil || $0.id == id }
    }

    mutating func strike(
        _ call: Call,
        account: String,
        using generator: inout SeededGenerator
    ) -> Fault.Action? {
        for index in entries.indices where entries[index].fault.fits(call, account: account) {
            if let times = entries[index].fault.times, entries[index].struck >= times { continue }
            let probability = entries[index].fault.probability
            if probability < 1, Double.random(in: 0..<1, using: &generator) >= probability { continue }
            entries[index].struck += 1
            return entries[index].fault.action
        }
        return nil
    }
}
