/// The CloudEvents types of the public topics, and of what intake alone writes to the lanes.
package enum MessageType: String, Hashable, Sendable, CaseIterable {
    case assign = "bulkhead.conversation.assign.v1"
    case unassign = "bulkhead.conversation.unassign.v1"
    case contactsImport = "bulkhead.contacts.import.v1"
    case campaignStart = "bulkhead.campaign.start.v1"
    case outcome = "bulkhead.outcome.v1"
    case importCompleted = "bulkhead.import.completed.v1"
    case campaignCompleted = "bulkhead.campaign.completed.v1"
    /// Internal: producers cannot send it.
    case contactsBatch = "bulkhead.contacts.batch.v1"

    /// The types that intake reads.
    static let inbound: [MessageType] = [.assign, .unassign, .contactsImport, .campaignStart]
}

/// Which of a lane's two topics a command goes to.
package enum Priority: String, Hashable, Sendable, CaseIterable {
    case live, bulk
}
