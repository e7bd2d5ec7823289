internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore
internal import ServiceLifecycle

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Serves probes, metrics and what screens and tools read, over HTTP/1.1.
///
/// It has no login: it listens on loopback unless the settings say otherwise, and only ever answers reads.
package struct AdminServer: Service {
    private let host: String
    private let port: Int
    private let routes: AdminRoutes
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - host: A name or address, an IPv6 address without brackets.
    ///   - port: 0 lets the system choose.
    ///   - onListening: Called once with the port, before the first request is answered.
    package init(
        host: String,
        port: Int,
        routes: AdminRoutes,
        logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.routes = routes
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until graceful shutdown, which lets answers in progress end, or cancellation.
    ///
    /// - Throws: ``AdminServerError`` when it cannot listen.
    package func run() async throws {
        // The library reports each start and stop in sentences of its own.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: AdminResponder(routes: routes),
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { [self] channel in await started(channel.localAddress?.port ?? port) },
            logger: quiet
        )
        do {
            try await application.run()
        } catch {
            throw explained(error)
        }
    }

    private func started(_ port: Int) async {
        logger.info("Admin server listens", metadata: ["host": .string(host), "port": .stringConvertible(port)])
        await onListening(port)
    }

    private var listen: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private func explained(_ error: any Error) -> any Error {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: AdminServerError.inUse(listen: listen)
            case EACCES, EPERM: AdminServerError.notPermitted(listen: listen)
            case EADDRNOTAVAIL: AdminServerError.notOurs(listen: listen)
            default: AdminServerError.failed(listen: listen, reason: "\(error)")
            }
        case is SocketAddressError, is SocketAddressError.UnknownHost: AdminServerError.unknownHost(listen: listen)
        default: error
        }
    }
}
