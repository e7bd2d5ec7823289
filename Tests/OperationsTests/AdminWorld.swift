import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Operations

/// An admin server on a port of its own, with answers that a test may replace.
struct AdminWorld {
    var routes = AdminRoutes(
        live: { [] },
        ready: { [] },
        metrics: { "" },
        status: { Array("{\"members\":[]}".utf8) },
        lanes: { Array("{\"lanes\":[]}".utf8) },
        explain: { _, _ in nil }
    )

    func server(
        host: String = "127.0.0.1",
        port: Int,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> AdminServer {
        let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return AdminServer(host: host, port: port, routes: routes, logger: silent, onListening: onListening)
    }

    func serving(_ body: (_ port: Int) async throws -> Void) async throws {
        try await serving { port, _ in try await body(port) }
    }

    /// Runs the server for as long as the body, then shuts it down and awaits its end.
    func serving(_ body: (_ port: Int, _ group: ServiceGroup) async throws -> Void) async throws {
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let server = server(port: 0) { port in
            continuation.yield(port)
            continuation.finish()
        }
        let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(configuration: .init(services: [server], logger: silent))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            let port = await ports.first { _ in true }
            do {
                try await body(try #require(port), group)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

/// Closed until it is opened, once.
struct Gate: Sendable {
    private let stream = AsyncStream<Void>.makeStream()

    func open() { stream.continuation.finish() }
    func wait() async { for await _ in stream.stream {} }
}

/// What came back over a plain connection, so that tests see the bytes rather than a client's reading of them.
struct HTTPReply {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: String

    static func get(_ path: String, port: Int) async throws -> HTTPReply {
        try await send("GET", path, port: port)
    }

    static func send(_ method: String, _ path: String, port: Int) async throws -> HTTPReply {
        let request = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        let text = try await exchange(request, port: port)
        let end = try #require(text.range(of: "\r\n\r\n"))
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
        }
        return HTTPReply(status: status, headers: headers, body: String(text[end.upperBound...]))
    }

    /// Sends the text and reads until the server closes.
    static func exchange(_ request: String, port: Int) async throws -> String {
        try await connected(port: port) { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var reply = ByteBuffer()
            for try await part in inbound { reply.writeImmutableBuffer(part) }
            return String(buffer: reply)
        }
    }

    static func connected<Result: Sendable>(
        port: Int,
        _ body:
            @Sendable (NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>)
            async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in try await body(inbound, outbound) }
    }
}
