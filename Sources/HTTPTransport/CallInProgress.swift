import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import ProviderKit
import Synchronization

/// Follows one call: whether its request went out, and what came back so far.
final class CallInProgress: HTTPClientResponseDelegate {
    typealias Response = ProviderResponse

    struct TooLarge: Error {}

    private struct State {
        var written = false
        var head = HTTPResponse(status: .ok)
        var body: [UInt8] = []
    }

    private let state = Mutex(State())
    private let maxResponseBytes: Int

    init(maxResponseBytes: Int) {
        self.maxResponseBytes = maxResponseBytes
    }

    /// Whether the head of the request was handed to the connection, so that the provider may have read it.
    var wasWritten: Bool {
        state.withLock { $0.written }
    }

    func didSendRequestHead(task: HTTPClient.Task<ProviderResponse>, _ head: HTTPRequestHead) {
        state.withLock { $0.written = true }
    }

    func didReceiveHead(task: HTTPClient.Task<ProviderResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let announced = head.headers.first(name: "content-length").flatMap(Int.init)
        guard announced ?? 0 <= maxResponseBytes else { return end(task) }
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            // A header that is none by RFC 9110 has no meaning to the adapters either.
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let status = HTTPResponse.Status(code: Int(head.status.code), reasonPhrase: "")
        state.withLock { $0.head = HTTPResponse(status: status, headerFields: fields) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<ProviderResponse>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            guard state.body.count + buffer.readableBytes <= maxResponseBytes else { return false }
            state.body.append(contentsOf: buffer.readableBytesView)
            return true
        }
        return fits ? task.eventLoop.makeSucceededVoidFuture() : end(task)
    }

    /// Ends a call whose answer is too large.
    ///
    /// A failed future alone would be noticed with the next bytes only, and a server that sends no more could hold the
    /// call until its deadline.
    private func end(_ task: HTTPClient.Task<ProviderResponse>) -> EventLoopFuture<Void> {
        task.eventLoop.execute { task.fail(reason: TooLarge()) }
        return task.eventLoop.makeFailedFuture(TooLarge())
    }

    func didFinishRequest(task: HTTPClient.Task<ProviderResponse>) -> ProviderResponse {
        state.withLock { ProviderResponse(head: $0.head, body: $0.body) }
    }
}
