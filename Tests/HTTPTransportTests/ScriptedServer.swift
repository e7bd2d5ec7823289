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
    private var text = ""

    init(_ log: RequestLog) {
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        while let end = text.range(of: "\r\n\r\n") {
            let head = text[..<end]
            let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.drop { !$0.isNumber }) }
            let body = text[end...].dropFirst(4)
            guard body.utf8.count >= length ?? 0 else { return }
            let whole = String(head) + "\r\n\r\n" + String(body.prefix(length ?? 0))
            text = String(body.dropFirst(length ?? 0))
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
}

extension String {
    /// Where a text begins.
    fileprivate func range(of text: String) -> Index? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.utf8.starts(with: text.utf8) { return rest.startIndex }
            rest = self[utf8.index(after: rest.startIndex)...]
        }
        return nil
    }
}
