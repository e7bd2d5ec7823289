import HTTPTransport
import HTTPTypes
import ProviderKit
import Synchronization
import Testing

@testable import Simulators

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
    /// The instant 2026-05-01T00:00:00Z.
    static let start: Int64 = 1_777_593_600_000_000_000
    private let time = Mutex(TestClock.start)

    func now() -> Int64 { time.withLock { $0 } }

    func advance(_ duration: Duration) {
        time.withLock { $0 += duration.simulatedNanoseconds }
    }
}

struct Answered: Sendable {
    var status: Int
    var headers: HTTPFields
    var text: String

    var json: JSON { JSON(Array(text.utf8)) ?? .null }
    func header(_ name: String) -> String? {
        headers.first { $0.name.canonicalName == name.lowercased() }?.value
    }
}

/// A running simulator and a client for it.
struct Harness: Sendable {
    let simulator: Simulator
    let clock: TestClock
    private let transport: HTTPTransport
    private let port: Int

    /// Runs `body` against a simulator of its own; `configure` changes the standard configuration first.
    static func run(
        _ configure: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (Harness) async throws -> Void
    ) async throws {
        let clock = TestClock()
        var configuration = SimulatorConfiguration(now: { clock.now() })
        configure(&configuration)
        let simulator = Simulator(configuration)
        let transport = HTTPTransport(concurrency: 8)
        let port = try await simulator.start()
        let harness = Harness(simulator: simulator, clock: clock, transport: transport, port: port)
        do {
            try await body(harness)
        } catch {
            await transport.shutdown()
            await simulator.stop()
            throw error
        }
        await transport.shutdown()
        await simulator.stop()
    }

    func request(
        _ method: HTTPRequest.Method,
        _ path: String,
        token: String? = "main",
        _ body: String = "",
        contentType: String = "application/json",
        headers: [String: String] = [:]
    ) throws -> ProviderRequest {
        var head = HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:\(port)", path: path)
        if let token { head.headerFields[.authorization] = "Bearer \(token)" }
        if !body.isEmpty { head.headerFields[.contentType] = contentType }
        for (name, value) in headers {
            let name = try #require(HTTPField.Name(name))
            head.headerFields[name] = value
        }
        return ProviderRequest(head: head, body: Array(body.utf8), endpoint: "test")
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        token: String? = "main",
        _ body: String = "",
        contentType: String = "application/json",
        headers: [String: String] = [:]
    ) async throws -> Answered {
        let request = try request(method, path, token: token, body, contentType: contentType, headers: headers)
        let response = try await transport.send(request, timeout: .seconds(60))
        return Answered(
            status: response.head.status.code,
            headers: response.head.headerFields,
            text: String(decoding: response.body, as: UTF8.self)
        )
    }

    func failure(of request: ProviderRequest, timeout: Duration = .seconds(60)) async -> TransportFailure.Kind? {
        do {
            _ = try await transport.send(request, timeout: timeout)
            return nil
        } catch {
            return error.kind
        }
    }

    /// Calls with ever longer timeouts until a fault struck, and returns how that call failed.
    func failureOnceStruck(_ method: HTTPRequest.Method, _ path: String, _ body: String) async throws
        -> TransportFailure.Kind?
    {
        var timeout = Duration.milliseconds(100)
        while true {
            let kind = await failure(of: try request(method, path, body), timeout: timeout)
            if simulator.statistics().faulted > 0 { return kind }
            timeout *= 2
        }
    }

    /// Asks for a Hatif token of that client.
    func hatifToken(_ client: String = "main", secret: String = "s", scope: String = "VoxaAPI") async throws -> String {
        let form = "client_id=\(client)&client_secret=\(secret)&grant_type=client_credentials&scope=\(scope)"
        let answer = try await send(
            .post,
            "/hatif/connect/token",
            token: nil,
            form,
            contentType: "application/x-www-form-urlencoded"
        )
        return try #require(answer.json["access_token"]?.string)
    }

    func assignHatif(_ id: String, token: String, user: String? = nil, agent: String? = nil) async throws -> Answered {
        func text(_ id: String?) -> String { id.map { "\"\($0)\"" } ?? "null" }
        return try await send(
            .post,
            "/hatif/v2/conversations/service-account/\(id)/assign",
            token: token,
            #"{ "AssignedUserId": \#(text(user)), "AssignedAiAgentId": \#(text(agent)) }"#
        )
    }
}

let conversationID = "3a1a4cb7-e7c1-f045-127b-ad2297847528"
