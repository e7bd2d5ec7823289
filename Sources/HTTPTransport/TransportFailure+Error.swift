import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import ProviderKit

extension TransportFailure {
    /// Sorts what the client throws by what the provider may have seen.
    ///
    /// `written` decides between "certainly not" and "perhaps"; the error only says how it ended. Reasons come from a
    /// bounded set: no address, header or body is in them.
    init(_ error: any Error, written: Bool) {
        let reason = Self.reason(of: error)
        let clientError = error as? HTTPClientError
        switch error {
        case is CallInProgress.TooLarge:
            self.init(.tooLarge, reason: reason)
        case _ where clientError == .remoteConnectionClosed:
            // The pool hands out open connections only, so the close came while this request was on its way.
            self.init(.lost, reason: reason)
        case let error as IOError where error.errnoCode == EPIPE || error.errnoCode == ECONNRESET:
            self.init(.lost, reason: reason)
        case _ where !written:
            self.init(.notSent, reason: reason)
        case _ where [.deadlineExceeded, .readTimeout, .writeTimeout].contains(clientError):
            self.init(.timeout, reason: reason)
        case _ where clientError == .cancelled || error is CancellationError:
            self.init(.cancelled, reason: reason)
        default:
            self.init(.lost, reason: reason)
        }
    }

    private static func reason(of error: any Error) -> String {
        switch error {
        case let error as HTTPClientError:
            error.shortDescription
        case let error as NIOConnectionError where error.connectionErrors.isEmpty:
            "name not resolved"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason(of: $0.error) } ?? "not connected"
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED: "connection refused"
            case ECONNRESET, EPIPE: "connection reset"
            case EHOSTUNREACH, ENETUNREACH: "host not reachable"
            case ETIMEDOUT: "connection timed out"
            default: "socket error \(error.errnoCode)"
            }
        case is ChannelError:
            "connection timed out or closed"
        case is CallInProgress.TooLarge:
            "response too large"
        case is CancellationError:
            "cancelled"
        default:
            // The type alone: descriptions of unknown errors may quote what was sent.
            "\(type(of: error))"
        }
    }
}
