import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The APIs of Hatif, Aelyst and Convor on one port, below `/hatif`, `/aelyst` and `/convor`, with a control API below
/// `/control`.
///
/// It keeps to `reference/providers.md` and picks one answer where that says "undocumented"; each pick is noted where it
/// is made. Limits are audited for every call, enforced or not. Nothing is kept on disk.
package final class Simulator: Service {
    let world: Mutex<World>
    let configuration: SimulatorConfiguration
    private let router: Router
    private let listening = Listening()

    package init(_ configuration: SimulatorConfiguration = SimulatorConfiguration()) {
        self.configuration = configuration
        router = Router(convorAssignPath: configuration.convorAssignPath)
        world = Mutex(World(configuration))
    }

    /// Serves until the task is cancelled or the service group shuts down; calls that wait are dropped then.
    package func run() async throws {
        try await serve(port: configuration.port)
    }

    /// The port that ``run()`` listens on, as soon as it does.
    package func port() async throws -> Int {
        try await listening.port()
    }

    /// Serves in the background until ``stop()``; 0 takes a free port.
    /// - Returns: the port.
    package func start(port: Int = 0) async throws -> Int {
        // Unstructured because it outlives the call: the caller ends it with `stop()`.
        let server = Task { try await self.serve(port: port) }
        listening.keep(server)
        return try await listening.port()
    }

    /// Ends what ``start(port:)`` began and waits for it.
    package func stop() async {
        guard let server = listening.takeServer() else { return }
        server.cancel()
        _ = await server.result
    }

    private func serve(port: Int) async throws {
        var logger = Logger(label: "bulkhead.simulator")
        logger.logLevel = .warning
        do {
            let server = try HTTPServerBuilder.http1().buildServer(
                configuration: ServerConfiguration(address: .hostname(configuration.host, port: port)),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: logger,
                responder: { request, writer, channel in try await self.respond(to: request, writer, channel) },
                onServerRunning: { channel in
                    self.listening.began(port: channel.localAddress?.port ?? port)
                }
            )
            try await shield(ServiceGroup(configuration: .init(services: [server], logger: logger)))
            listening.ended(CancellationError())
        } catch {
            listening.ended(error)
            throw error
        }
    }

    /// Runs the server so that cancellation, too, ends it gracefully.
    ///
    /// A server that is cancelled reports an error for whatever it was accepting.
    private func shield(_ group: ServiceGroup) async throws {
        let serving = Task { try await group.run() }
        let end: @Sendable () -> Void = { Task { await group.triggerGracefulShutdown() } }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serving.value
            } onGracefulShutdown: {
                end()
            }
        } onCancel: {
            end()
        }
    }

    /// Stays silent until the client closes the connection, or the simulator ends.
    private func hang(_ channel: any Channel) async {
        // The server lets clients close one half and go on reading; here the first half ends it.
        try? await channel.setOption(.allowRemoteHalfClosure, value: false).get()
        await withTaskGroup { group in
            group.addTask {
                try? await self.pause(.seconds(86_400))
                try? await channel.close()
            }
            group.addTask { try? await channel.closeFuture.get() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Waits, but not beyond the end of the simulator.
    func pause(_ duration: Duration) async throws {
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
    }

    @concurrent private func respond(
        to request: Request,
        _ writer: consuming ResponseWriter,
        _ channel: any Channel
    ) async throws {
        let arrival = configuration.now()
        guard let call = router.call(request.head) else {
            return try await control(request, writer)
        }
        let admission = world.withLock { $0.admit(call, at: arrival) }
        let end = try await outcome(of: admission, request)
        world.withLock { $0.finish(admission.visit, status: end.status) }
        switch end {
        case .answer(var reply):
            reply.headers += admission.headers
            if admission.latency > 0 { try await pause(.nanoseconds(admission.latency)) }
            try await write(reply, writer)
        case .reset:
            throw ConnectionReset()
        case .hang:
            await hang(channel)
            throw ConnectionReset()
        }
    }

    @concurrent func write(_ reply: Reply, _ writer: consuming ResponseWriter) async throws {
        if let body = reply.body {
            try await writer.write(response: reply.head, body: ResponseBody(byteBuffer: body))
        } else {
            try await writer.writeResponse(reply.head)
        }
    }
}

/// Thrown to make the server close a connection without an answer.
struct ConnectionReset: Error {}

/// How a call ends on the wire.
enum CallEnd: Sendable {
    case answer(Reply)
    case reset
    case hang

    var status: Int {
        guard case .answer(let reply) = self else { return 0 }
        return reply.status
    }
}

/// Tells those who wait which port was taken, or why there is none.
private final class Listening: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Int, any Error>])
        case listening(Int)
        case ended(any Error)
    }

    private let state = Mutex(State.waiting([]))
    private let server = Mutex<Task<Void, any Error>?>(nil)

    func keep(_ task: Task<Void, any Error>) { server.withLock { $0 = task } }

    func takeServer() -> Task<Void, any Error>? {
        server.withLock { task in
            defer { task = nil }
            return task
        }
    }

    func port() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            state.withLock { state in
                switch state {
                case .waiting(let others): state = .waiting(others + [continuation])
                case .listening(let port): continuation.resume(returning: port)
                case .ended(let error): continuation.resume(throwing: error)
                }
            }
        }
    }

    func began(port: Int) {
        move(to: .listening(port)) { $0.resume(returning: port) }
    }

    func ended(_ error: any Error) {
        move(to: .ended(error)) { $0.resume(throwing: error) }
    }

    private func move(to next: sending State, resume: (CheckedContinuation<Int, any Error>) -> Void) {
        let waiting = state.withLock { state in
            defer { state = next }
            guard case .waiting(let waiting) = state else { return [CheckedContinuation<Int, any Error>]() }
            return waiting
        }
        waiting.forEach(resume)
    }
}
