import HTTPTypes
import ProviderKit
import Synchronization

/// A provider in a few lines: answers each request with the number of the call in mind, and keeps what was sent.
final class AnsweringTransport: Transport, Sendable {
    typealias Answerer = @Sendable (ProviderRequest, Int) async throws(TransportFailure) -> ProviderResponse

    private struct State {
        var requests: [ProviderRequest] = []
        var waiters: [(count: Int, resume: CheckedContinuation<[ProviderRequest], Never>)] = []
    }

    private let state = Mutex(State())
    private let answerer: Answerer

    init(_ answerer: @escaping Answerer) {
        self.answerer = answerer
    }

    var requests: [ProviderRequest] { state.withLock { $0.requests } }
    var paths: [String] { requests.map { $0.head.path ?? "" } }

    func requests(atLeast count: Int) async -> [ProviderRequest] {
        await withCheckedContinuation { continuation in
            let present = state.withLock { state -> [ProviderRequest]? in
                guard state.requests.count < count else { return state.requests }
                state.waiters.append((count, continuation))
                return nil
            }
            if let present { continuation.resume(returning: present) }
        }
    }

    func send(_ request: ProviderRequest, timeout: Duration) async throws(TransportFailure) -> ProviderResponse {
        let (requests, woken) = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let woken = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return (state.requests, woken)
        }
        for waiter in woken { waiter.resume.resume(returning: requests) }
        return try await answerer(request, requests.count)
    }
}

/// Holds those who come until it is opened, or their task is cancelled.
final class Gate: Sendable {
    private let waiting = Mutex<(isOpen: Bool, held: [AsyncStream<Void>.Continuation])>((false, []))

    func wait() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let isOpen = waiting.withLock { waiting in
            if !waiting.isOpen { waiting.held.append(continuation) }
            return waiting.isOpen
        }
        guard !isOpen else { return }
        for await _ in stream { return }
    }

    func open() {
        let held = waiting.withLock { waiting in
            defer { waiting = (true, []) }
            return waiting.held
        }
        for continuation in held { continuation.finish() }
    }
}
