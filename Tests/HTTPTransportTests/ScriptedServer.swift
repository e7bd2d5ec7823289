import NIOCore
import NIOPosix
import Synchronization

/// A server that does exactly what a test says, below HTTP: bytes, silence, or the end of the connection.
final class ScriptedServer: Sendable {
    enum Act: Sendable {
        case answer(String)
        case close
        case silence
    }

    let port: Int
    private let channel: any Channel
    private let log: RequestLog

    private init(channel: any Channel, log: RequestLog) {
        self.channel = channel
        self.log = log
        port = channel.localAddress?.port ?? 0
    }

    /// Runs `body` with a server whose answer to each request, counted from 0, comes from `script`.
    static func run(
        _ script: @escaping @Sendable (Int) -> Act,
        _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let log = RequestLog(script)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RequestReader(log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(channel: channel, log: log)
        do {
            try await body(server)
        } catch {
            try? await channel.close()
            throw error
        }
        try? await channel.close()
    }

    var requests: [String] { log.state.withLock { $0.requests } }

    /// Waits until that many requests arrived.
    func arrived(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = log.state.withLock { state in
                if state.requests.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

private final class RequestLog: Sendable {
    struct State: Sendable {
        var requests: [String] = []
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let state = Mutex(State())
    private let script: @Sendable (Int) -> ScriptedServer.Act

    init(_ script: @escaping @Sendable (Int) -> ScriptedServer.Act) {
        self.script = script
    }

    func act(on request: String) -> ScriptedServer.Act {
        let (number, ready) = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let ready = state.waiting.filter { $0.count <= count }
            state.waiting.removeAll { $0.count <= count }
            return (count - 1, ready)
        }
        for waiter in ready { waiter.continuation.resume() }
        return script(number)
    }
}

/// Collects bytes until a request is whole; enough HTTP for requests with a `Content-Length`.
private final class RequestReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let log: RequestLog
    private var bytes: [UInt8] = []

    init(_ log: RequestLog) {
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        while let length = wholeLength() {
            let whole = String(decoding: bytes.prefix(length), as: UTF8.self)
            bytes.removeFirst(length)
            switch log.act(on: whole) {
            case .answer(let text):
                context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            case .close:
                context.close(promise: nil)
            case .silence:
                break
            }
        }
    }

    /// The length of the first request once all of it is there.
    private func wholeLength() -> Int? {
        let blankLine = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: blankLine) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).lowercased().split(whereSeparator: \.isNewline)
        let announced = lines.first { $0.hasPrefix("content-length:") }.flatMap { Int($0.drop { !$0.isNumber }) }
        let length = end + blankLine.count + (announced ?? 0)
        return bytes.count >= length ? length : nil
    }
}
