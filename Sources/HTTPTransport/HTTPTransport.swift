import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
package import ProviderKit
import Scheduling

/// Carries provider requests over HTTP/1.1 with AsyncHTTPClient.
///
/// Redirects are not followed, TLS certificates are verified, connections are kept alive and shared by all calls to one
/// host. A request is written at most once: when a kept connection turns out to be closed, the call ends as
/// ``TransportFailure/Kind/lost`` and is not repeated here, because only the caller knows whether repeating is safe.
///
/// One event loop serves a transport. A second would let an answer and a deadline meet on different threads, and then
/// nobody could say for certain whether the request had been written when time ran out.
package final class HTTPTransport: Transport {
    private let client: HTTPClient
    private let maxResponseBytes: Int

    /// Creates a transport; nothing connects until the first call.
    /// - Parameters:
    ///   - concurrency: connections to one host, at least 1. A call beyond waits for a free one, at most `connectTimeout`.
    ///   - connectTimeout: for name resolution, connection and TLS together.
    ///   - idleTimeout: how long an unused connection is kept. Shorter than what servers commonly allow, so that they
    ///     seldom close a connection in the moment it is used again.
    ///   - maxResponseBytes: a longer response body ends the call as ``TransportFailure/Kind/tooLarge``.
    package init(
        concurrency: Int,
        connectTimeout: Duration = .seconds(10),
        idleTimeout: Duration = .seconds(15),
        maxResponseBytes: Int = 1_048_576
    ) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(connectTimeout.nanoseconds)),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        // Nobody sets a tracer up, and asking for one at each call takes as long as writing the request.
        configuration.tracing.tracer = nil
        configuration.connectionPool.idleTimeout = .nanoseconds(idleTimeout.nanoseconds)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, concurrency)
        // The lane has the breaker and the retries; a pool that quietly waits and tries again would hide an outage from it.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton.next(),
            configuration: configuration
        )
        self.maxResponseBytes = max(0, maxResponseBytes)
    }

    /// Closes all connections, failing the calls under way.
    ///
    /// To be called once, after the last call.
    package func shutdown() async {
        // The only errors are "already shut down" and a connection that did not close in order; neither leaves work to do.
        try? await client.shutdown()
    }

    package func send(
        _ request: ProviderRequest,
        timeout: Duration
    ) async throws(TransportFailure) -> ProviderResponse {
        guard !Task.isCancelled else { throw TransportFailure(.notSent, reason: "cancelled before sending") }
        let deadline = NIODeadline.now() + .nanoseconds(max(0, timeout.nanoseconds))
        let wire = try wireRequest(request)
        let call = CallInProgress(maxResponseBytes: maxResponseBytes)
        let task = client.execute(request: wire, delegate: call, deadline: deadline)
        do {
            return try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
        } catch {
            throw TransportFailure(error, written: call.wasWritten)
        }
    }

    private func wireRequest(_ request: ProviderRequest) throws(TransportFailure) -> HTTPClient.Request {
        guard let scheme = request.head.scheme, let authority = request.head.authority else {
            throw TransportFailure(.notSent, reason: "request without scheme or authority")
        }
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.head.headerFields.count + 3)
        for field in request.head.headerFields {
            headers.add(name: field.name.rawName, value: field.value)
        }
        if request.head.headerFields[.acceptEncoding] == nil {
            // A body is then never larger than its bytes on the wire, which are limited.
            headers.add(name: "Accept-Encoding", value: "identity")
        }
        do {
            return try HTTPClient.Request(
                url: "\(scheme)://\(authority)\(request.head.path ?? "/")",
                method: HTTPMethod(rawValue: request.head.method.rawValue),
                headers: headers,
                body: request.body.isEmpty ? nil : .byteBuffer(ByteBuffer(bytes: request.body))
            )
        } catch {
            throw TransportFailure(error, written: false)
        }
    }
}
