import KafkaClient
import Logging
import Messages
import Pipeline
import ProviderKit
import Providers
import Scheduling
import Testing

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The conversation with a number, a UUID as text.
func conversation(_ number: Int) -> String {
    let digits = String(number)
    return "3a1a4cb7-e7c1-f045-127b-" + String(repeating: "0", count: 12 - digits.count) + digits
}

func unassign(
    id: String = "a-1",
    provider: String = "convor",
    account: String = "main",
    _ number: Int = 1,
    attributes: String = "",
    data: String = ""
) -> String {
    """
    {"specversion":"1.0","type":"bulkhead.conversation.unassign.v1","source":"/crm","id":"\(id)",\(attributes)\
    "data":{"provider":"\(provider)","account":"\(account)","conversation":"\(conversation(number))"\(data)}}
    """
}

func assign(id: String = "a-1", _ assignee: String, _ number: Int = 1) -> String {
    """
    {"specversion":"1.0","type":"bulkhead.conversation.assign.v1","source":"/crm","id":"\(id)",\
    "data":{"provider":"convor","account":"main","conversation":"\(conversation(number))","assignee":\(assignee)}}
    """
}

/// A provider whose only documented call is to unassign, without limits.
func convor(
    accounts: [(name: String, partition: Int32?)] = [("main", nil)],
    _ change: (inout AccountLane.Settings) -> Void = { _ in }
) throws -> ProviderEntry {
    var lane = AccountLane.Settings()
    change(&lane)
    let baseURL = try #require(BaseURL("https://convor.example"))
    let adapter = Convor(ConvorSettings(baseURL: baseURL, token: Secret("secret-token")))
    return ProviderEntry(
        name: "convor",
        accounts: accounts.map { AccountEntry(name: $0.name, adapter: adapter, lane: lane, partition: $0.partition) },
        timeout: .seconds(30)
    )
}
