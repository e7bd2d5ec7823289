package import ProviderKit
import Synchronization

/// A transport that answers from a script, in the order of the calls, and keeps what was sent.
///
/// A call beyond the script fails as ``TransportFailure/Kind/notSent`` and is counted in ``unscripted``, so that a test
/// can tell it from a failure that it scripted.
package final class ScriptedTransport: Transport, Sendable {
    package enum Reply: Sendable {
        case response(ProviderResponse)
        case failure(TransportFailure)
        /// Answers according to the request.
        case answering(@Sendable (ProviderRequest) -> ProviderResponse)
    }

    private struct State {
        var script: [Reply]
        var next = 0
        var requests: [ProviderRequest] = []
        var unscripted: [String] = []
        var waiters: [(count: Int, resume: CheckedContinuation<[ProviderRequest], Never>)] = []
    }

    private let state: Mutex<State>

    package init(_ script: [Reply] = []) {
        state = Mutex(State(script: script))
    }

    /// All requests so far, in the order in which they arrived.
    package var requests: [ProviderRequest] { state.withLock { $0.requests } }
    /// Method and path of each call that the script had no reply for.
    package var unscripted: [String] { state.withLock { $0.unscripted } }
    /// Replies that no call has taken yet.
    package var remaining: Int { state.withLock { $0.script.count - $0.next } }

    package func append(_ reply: Reply) {
        state.withLock { $0.script.append(reply) }
    }

    /// Returns as soon as `count` requests have arrived in all.
    package func requests(atLeast count: Int) async -> [ProviderRequest] {
        await withCheckedContinuation { continuation in
            let present = state.withLock { state -> [ProviderRequest]? in
                guard state.requests.count < count else { return state.requests }
                state.waiters.append((count, continuation))
                return nil
            }
            if let present { continuation.resume(returning: present) }
        }
    }

    package func send(
        _ request: ProviderRequest,
        timeout: Duration
    ) async throws(TransportFailure) -> ProviderResponse {
        let (reply, woken, requests) = state.withLock { state in
            state.requests.append(request)
            var reply: Reply?
            if state.next < state.script.count {
                reply = state.script[state.next]
                state.next += 1
            } else {
                state.unscripted.append(request.pathScope)
            }
            let count = state.requests.count
            let woken = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return (reply, woken, state.requests)
        }
        for waiter in woken { waiter.resume.resume(returning: requests) }
        switch reply {
        case .response(let response): return response
        case .answering(let answer): return answer(request)
        case .failure(let failure): throw failure
        case nil: throw TransportFailure(.notSent, reason: "unscripted call: \(request.pathScope)")
        }
    }
}
