internal import HTTPTypes
package import Logging
package import ProviderKit
package import Scheduling

/// The tokens of one account: one refresh at a time, early renewal, and which token a refused call carried.
package actor Credentials {
    /// A token and its number among those of its credential.
    package struct Lease: Sendable {
        fileprivate var secret: Secret
        /// Differs from call to call only when the token does.
        package var generation: Int

        /// Puts the token into the request, as RFC 6750 section 2.1 says.
        package func sign(_ request: inout ProviderRequest) {
            request.head.headerFields[.authorization] = "Bearer \(secret.revealed)"
        }

        package func redact(_ detail: ResponseDetail) -> ResponseDetail { detail.redacting(secret) }
    }

    package enum Failure: Error, Hashable, Sendable {
        /// The credentials themselves are refused.
        case refused(ResponseDetail)
        /// The token endpoint could not be reached or failed.
        case unavailable(ResponseDetail)
    }

    private enum State {
        case none
        /// Moves to `refreshing` when the token is due or was refused.
        case valid(Lease, renewAt: Instant, expiresAt: Instant)
    }

    private let adapter: any Provider
    private let transport: any Transport
    private let clock: WallClock
    private let timeout: Duration
    private let logger: Logger
    private var states: [CredentialName: State] = [:]
    private var refreshes: [CredentialName: Task<Result<Lease, Failure>, Never>] = [:]
    private var generations: [CredentialName: Int] = [:]

    package init(
        adapter: any Provider,
        transport: any Transport,
        clock: WallClock,
        timeout: Duration,
        logger: Logger
    ) {
        self.adapter = adapter
        self.transport = transport
        self.clock = clock
        self.timeout = timeout
        self.logger = logger
    }

    /// A token for a call that goes out now.
    ///
    /// One that never changes is had without a turn of the actor, which is one for every call.
    package nonisolated func lease(_ name: CredentialName) async throws(Failure) -> Lease {
        switch adapter.authentication(for: name) {
        case .bearer(let secret): Lease(secret: secret, generation: 0)
        case .clientCredentials(let source): try await lease(name, source)
        }
    }

    private func lease(_ name: CredentialName, _ source: any TokenSource) async throws(Failure) -> Lease {
        if case .valid(let lease, let renewAt, let expiresAt) = states[name] {
            if clock.now < renewAt { return lease }
            if clock.now < expiresAt {
                // Still good: renew beside the calls, which need not wait for it.
                _ = refresh(name, source)
                return lease
            }
        }
        return try await refresh(name, source).value.get()
    }

    /// Notes that a call's token was refused.
    ///
    /// - Returns: whether another token can be had, so that the call is worth repeating.
    package func refused(_ name: CredentialName, _ lease: Lease) -> Bool {
        guard case .clientCredentials = adapter.authentication(for: name) else { return false }
        if case .valid(let current, _, _) = states[name], current.generation == lease.generation {
            states[name] = State.none
        }
        return true
    }

    private func refresh(_ name: CredentialName, _ source: any TokenSource) -> Task<Result<Lease, Failure>, Never> {
        if let running = refreshes[name] { return running }
        // Many calls wait for the one refresh, which none of them may cancel.
        let task = Task {
            let result = await self.ask(name, source)
            refreshes[name] = nil
            return result
        }
        refreshes[name] = task
        return task
    }

    private func ask(_ name: CredentialName, _ source: any TokenSource) async -> Result<Lease, Failure> {
        let asked = clock.now
        do {
            let response = try await transport.send(source.tokenRequest(), timeout: timeout)
            let token = try source.token(from: response)
            let generation = (generations[name] ?? 0) + 1
            generations[name] = generation
            let lease = Lease(secret: token.secret, generation: generation)
            let expiresAt = asked + token.lifetime
            states[name] = .valid(lease, renewAt: expiresAt - token.renewBefore, expiresAt: expiresAt)
            return .success(lease)
        } catch let failure as TokenFailure {
            logger.warning(
                "Token not granted",
                metadata: ["status": .stringConvertible(failure.detail.status ?? 0), "refused": "\(failure.refused)"]
            )
            return .failure(failure.refused ? .refused(failure.detail) : .unavailable(failure.detail))
        } catch let failure as TransportFailure {
            logger.warning("Token endpoint not reached", metadata: ["kind": .string(failure.kind.rawValue)])
            return .failure(.unavailable(ResponseDetail(message: "token endpoint: \(failure.reason)")))
        } catch {
            return .failure(.refused(ResponseDetail(message: "the token request cannot be written")))
        }
    }
}

extension Instant {
    package static func - (instant: Instant, duration: Duration) -> Instant {
        instant.advanced(by: .zero - duration)
    }
}
