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

    /// Where others reach a server that listens at the port, as `host:port`.
    ///
    /// One that listens at all addresses is reached at the first of them that leads to this machine from outside.
    package static func address(host: String, port: Int) -> String {
        guard ["0.0.0.0", "::"].contains(host) else { return text(host, port) }
        let addresses = ((try? System.enumerateDevices()) ?? []).compactMap { $0.address?.ipAddress }
        let outside = addresses.filter { !$0.hasPrefix("127.") && $0 != "::1" && !$0.lowercased().hasPrefix("fe80:") }
        let first = outside.first { !$0.contains(":") } ?? outside.first ?? addresses.first ?? "127.0.0.1"
        return text(first, port)
    }

    private static func text(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private var listen: String { Self.text(host, port) }

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
