import HTTPTypes
import Messages
import Pipeline
import ProviderKit
import Scheduling
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CredentialsTests {
    @Test func `many callers wait for one refresh`() async throws {
        let gate = Gate()
        let transport = AnsweringTransport { _, number throws(TransportFailure) in
            await gate.wait()
            return ProviderResponse(200, "token-\(number)")
        }
        let credentials = credentials(transport)
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 { group.addTask { try await credentials.lease(.main) } }
            _ = await transport.requests(atLeast: 1)
            gate.open()
            for try await lease in group { #expect(lease.generation == 1) }
        }
        #expect(transport.requests.count == 1)
        var request = try OneToken().tokenRequest()
        try await credentials.lease(.main).sign(&request)
        #expect(request.head.headerFields[.authorization] == "Bearer token-1")
    }

    @Test func `a token is renewed before its end, and calls need not wait for it`() async throws {
        let gate = Gate()
        let transport = AnsweringTransport { _, number throws(TransportFailure) in
            if number > 1 { await gate.wait() }
            return ProviderResponse(200, "token-\(number)")
        }
        // Due at once: it is to be renewed an hour before the end of its hour.
        let credentials = credentials(transport, OneToken(renewBefore: .seconds(3_600)))
        #expect(try await credentials.lease(.main).generation == 1)
        #expect(try await credentials.lease(.main).generation == 1)
        _ = await transport.requests(atLeast: 2)
        #expect(try await credentials.lease(.main).generation == 1)
        gate.open()
        while try await credentials.lease(.main).generation == 1 { await Task.yield() }
    }

    @Test func `a token past its end is not used`() async throws {
        let transport = AnsweringTransport { _, number throws(TransportFailure) in ProviderResponse(200, "t\(number)") }
        let credentials = credentials(transport, OneToken(lifetime: .zero))
        #expect(try await credentials.lease(.main).generation == 1)
        #expect(try await credentials.lease(.main).generation == 2)
    }

    @Test func `a refused token is replaced once, however many calls it was refused to`() async throws {
        let transport = AnsweringTransport { _, number throws(TransportFailure) in ProviderResponse(200, "t\(number)") }
        let credentials = credentials(transport)
        let first = try await credentials.lease(.main)
        for _ in 0..<16 { #expect(await credentials.refused(.main, first)) }
        let second = try await credentials.lease(.main)
        #expect(second.generation == 2)
        // A straggler that carried the first token says nothing of the second.
        #expect(await credentials.refused(.main, first))
        #expect(try await credentials.lease(.main).generation == 2)
        #expect(transport.requests.count == 2)
    }

    @Test func `refused credentials and an endpoint that is away are told apart, and asked again`() async throws {
        let transport = ScriptedTransport([
            .response(ProviderResponse(401, "no")),
            .response(ProviderResponse(503, "later")),
            .failure(TransportFailure(.timeout, reason: "no answer")),
            .response(ProviderResponse(200, "token")),
        ])
        let credentials = credentials(transport)
        var failures: [String] = []
        for _ in 0..<3 {
            do throws(Credentials.Failure) {
                _ = try await credentials.lease(.main)
            } catch {
                switch error {
                case .refused(let detail): failures.append("refused \(detail.status ?? 0)")
                case .unavailable(let detail): failures.append("unavailable \(detail.status ?? 0)")
                }
            }
        }
        #expect(failures == ["refused 401", "unavailable 503", "unavailable 0"])
        #expect(try await credentials.lease(.main).generation == 1)
        #expect(transport.unscripted.isEmpty)
    }

    @Test func `a fixed token needs no call and has no replacement`() async throws {
        let transport = ScriptedTransport()
        let credentials = Credentials(
            adapter: TokenProvider(authentication: .bearer(Secret("fixed-token"))),
            transport: transport,
            clock: WallClock(),
            timeout: .seconds(1),
            logger: quiet
        )
        let lease = try await credentials.lease(.main)
        #expect(await !credentials.refused(.main, lease))
        #expect(transport.requests.isEmpty)
        #expect(lease.redact(ResponseDetail(message: "fixed-token is bad")).message == "*** is bad")
        #expect(!"\(lease)".contains("fixed-token"))
    }

    private func credentials(_ transport: any Transport, _ source: OneToken = OneToken()) -> Credentials {
        Credentials(
            adapter: TokenProvider(authentication: .clientCredentials(source)),
            transport: transport,
            clock: WallClock(),
            timeout: .seconds(1),
            logger: quiet
        )
    }
}

/// A token endpoint whose answer's body is the token.
private struct OneToken: TokenSource {
    var lifetime: Duration = .seconds(3_600)
    var renewBefore: Duration = .seconds(60)

    func tokenRequest() throws(EncodingFailure) -> ProviderRequest {
        let head = HTTPRequest(method: .post, scheme: "https", authority: "provider.example", path: "/token")
        return ProviderRequest(head: head, endpoint: "POST /token")
    }

    func token(from response: ProviderResponse) throws(TokenFailure) -> AccessToken {
        let status = response.head.status.code
        guard status == 200 else {
            throw TokenFailure(refused: status == 401, detail: ResponseDetail(status: status))
        }
        let secret = Secret(String(decoding: response.body, as: UTF8.self))
        return AccessToken(secret: secret, lifetime: lifetime, renewBefore: renewBefore)
    }
}

/// A provider of which only the credentials matter.
private struct TokenProvider: Provider {
    static let kind = "tokens"
    static let defaultLimits: [RateLimit] = []
    var authentication: Authentication
    let canRead = false

    func refusal(of operation: Operation) -> Refusal? { nil }
    func steps(for operation: Operation, check: Bool) -> [Step] { [.act] }
    func request(for operation: Operation, _ step: Step) throws(EncodingFailure) -> ProviderRequest {
        try OneToken().tokenRequest()
    }
    func answer(to operation: Operation, _ step: Step, _ response: ProviderResponse) -> Answer {
        Answer(.done, ResponseDetail())
    }
    func authentication(for credential: CredentialName) -> Authentication { authentication }
}
