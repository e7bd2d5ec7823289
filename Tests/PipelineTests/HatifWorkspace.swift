import Foundation
import HTTPTypes
import ProviderKit
import Synchronization
import TestSupport

/// A workspace of Hatif in memory: lists that skip and filter as the real ones do, and changes that move their rows.
final class HatifWorkspace: Transport, Sendable {
    private struct State {
        /// Conversations in the order of the list, and who has them.
        var order: [String]
        var holders: [String: String?]
        /// Every change, in order: the conversation and who has it from then on.
        var changes: [(id: String, user: String?)] = []
        var pages = 0
        var waiters: [(count: Int, resume: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>
    /// Asked before each call is answered: what it is, and how many of its kind came before.
    private let before: @Sendable (Kind, Int) async -> Void

    enum Kind: Sendable { case page, change }

    init(
        _ ids: [String],
        holder: String = "old",
        before: @escaping @Sendable (Kind, Int) async -> Void = { _, _ in }
    ) {
        state = Mutex(State(order: ids, holders: Dictionary(uniqueKeysWithValues: ids.map { ($0, holder) })))
        self.before = before
    }

    var changes: [(id: String, user: String?)] { state.withLock { $0.changes } }
    var pages: Int { state.withLock { $0.pages } }
    var holders: [String: String?] { state.withLock { $0.holders } }

    /// Returns as soon as so many changes have been made in all.
    func changes(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.changes.count < count else { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func send(_ request: ProviderRequest, timeout: Duration) async throws(TransportFailure) -> ProviderResponse {
        let path = request.head.path ?? ""
        if path.hasPrefix("/connect/token") {
            return ProviderResponse(200, #"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#)
        }
        if path.hasPrefix("/v1/channels/") { return ProviderResponse(200, #"{"items":[{"id":"c"}],"totalCount":1}"#) }
        if path.contains("/channels/") {
            await before(.page, state.withLock { $0.pages })
            return page(path)
        }
        let id = path.split(separator: "/").first { $0.utf8.count == 36 }.map(String.init) ?? ""
        guard request.head.method == .post else { return get(id) }
        await before(.change, state.withLock { $0.changes.count })
        return change(id, request.body)
    }

    private func page(_ path: String) -> ProviderResponse {
        let query = URLComponents(string: path)?.queryItems ?? []
        func number(_ name: String) -> Int { query.first { $0.name == name }?.value.flatMap { Int($0) } ?? 0 }
        let wanted = query.first { $0.name == "AssigneeUserIds" }?.value
        return state.withLock { state in
            state.pages += 1
            let all = state.order.filter { id in wanted == nil || state.holders[id] == .some(wanted) }
            let rows = all.dropFirst(number("SkipCount")).prefix(number("MaxResultCount"))
            let items = rows.map { Self.json($0, state.holders[$0] ?? nil) }.joined(separator: ",")
            return ProviderResponse(200, #"{"items":[\#(items)],"totalCount":\#(all.count)}"#)
        }
    }

    private func get(_ id: String) -> ProviderResponse {
        state.withLock { state in
            guard let holder = state.holders[id] else { return ProviderResponse(404, #"{"error":{"code":"none"}}"#) }
            return ProviderResponse(200, Self.json(id, holder))
        }
    }

    private func change(_ id: String, _ body: [UInt8]) -> ProviderResponse {
        let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let user = object?["AssignedUserId"] as? String
        let woken = state.withLock { state in
            state.holders[id] = .some(user)
            state.changes.append((id, user))
            let count = state.changes.count
            defer { state.waiters.removeAll { $0.count <= count } }
            return state.waiters.filter { $0.count <= count }
        }
        for waiter in woken { waiter.resume.resume() }
        return ProviderResponse(200, "{}")
    }

    private static func json(_ id: String, _ holder: String?) -> String {
        #"{"id":"\#(id)","assigneeId":\#(holder.map { "\"\($0)\"" } ?? "null"),"assignedAiAgentId":null,"isAiAssignee":false}"#
    }
}
