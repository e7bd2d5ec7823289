/// One call in the journal; texts are numbers of the interner.
struct JournalEntry: Sendable {
    var time: Int64
    var account: UInt32
    var entity: UInt32
    /// 0 while the call is under way, and for ever when it got no answer.
    var status: UInt16 = 0
    var provider: SimulatedProvider
    var endpoint: Endpoint
    var violation = false
    var faulted = false
}

/// One assignment or unassignment as it took effect.
struct Change: Sendable {
    var time: Int64
    var call: Int
    var account: UInt32
    var entity: UInt32
    var from: UInt32
    var to: UInt32
    var provider: SimulatedProvider
    /// The place of the entity's change before this one; -1 for the first.
    var previous: Int
    var traceparent: String
    var requestID: String
}

/// What the world keeps of a conversation's assignment, whoever the provider is.
struct Assignment: Sendable {
    /// Interned, as `user:…`; 0 is nobody.
    var assignee: UInt32 = 0
    /// The place of the latest change; -1 when there is none.
    var lastChange = -1
    var changes = 0
}

/// A call that is being answered.
struct Visit: Sendable {
    var call: Call
    /// The place in the journal.
    var place: Int
    var account: UInt32
    var time: Int64
}
