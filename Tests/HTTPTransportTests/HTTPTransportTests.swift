import HTTPTransport
import HTTPTypes
import ProviderKit
import Testing

private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
private let token = "very-secret-token"

private func request(_ port: Int, _ method: HTTPRequest.Method = .post, path: String = "/assign", body: String = "{}")
    -> ProviderRequest
{
    var head = HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:\(port)", path: path)
    head.headerFields[.authorization] = "Bearer \(token)"
    head.headerFields[.contentType] = "application/json"
    return ProviderRequest(head: head, body: Array(body.utf8), endpoint: "POST /assign")
}

private func withTransport(
    concurrency: Int = 4,
    maxResponseBytes: Int = 1_048_576,
    _ body: (HTTPTransport) async throws -> Void
) async throws {
    let transport = HTTPTransport(concurrency: concurrency, maxResponseBytes: maxResponseBytes)
    do {
        try await body(transport)
    } catch {
        await transport.shutdown()
        throw error
    }
    await transport.shutdown()
}

private func failure(
    of transport: HTTPTransport,
    _ request: ProviderRequest,
    timeout: Duration = .seconds(30)
) async -> TransportFailure? {
    do {
        _ = try await transport.send(request, timeout: timeout)
        return nil
    } catch {
        return error
    }
}

/// Calls with ever longer timeouts until the server has the request, and returns how that call failed.
private func failureOnceArrived(of transport: HTTPTransport, at server: ScriptedServer) async -> TransportFailure? {
    var timeout = Duration.milliseconds(100)
    while true {
        let failed = await failure(of: transport, request(server.port), timeout: timeout)
        if !server.requests.isEmpty { return failed }
        timeout *= 2
    }
}

@Suite struct HTTPTransportTests {
    @Test(arguments: [
        "/v1/contact/id:12/conversation/assignee", "/v1/contact/phone:+60121233112", "/v1/contact/phone%3A%2B6012",
        "/v1/contact/email:a@b.example?limit=2&cursorId=7", "/v2/conversations?Sorting=LastActivityAt%20DESC",
    ])
    func `a request goes out with the path as it was given`(path: String) async throws {
        try await ScriptedServer.run({ _ in .answer(ok) }) { server in
            try await withTransport { transport in
                _ = try await transport.send(request(server.port, path: path), timeout: .seconds(30))
            }
            #expect(server.requests.first?.hasPrefix("POST \(path) HTTP/1.1\r\n") == true)
        }
    }

    @Test func `headers and body go out, and no compression is asked for`() async throws {
        try await ScriptedServer.run({ _ in .answer(ok) }) { server in
            try await withTransport { transport in
                _ = try await transport.send(request(server.port, body: #"{"assignee":null}"#), timeout: .seconds(30))
            }
            let sent = try #require(server.requests.first)
            #expect(sent.contains("Bearer \(token)\r\n"))
            #expect(sent.lowercased().contains("content-type: application/json\r\n"))
            #expect(sent.lowercased().contains("accept-encoding: identity\r\n"))
            #expect(sent.hasSuffix("\r\n\r\n" + #"{"assignee":null}"#))
        }
    }

    @Test func `status, headers and body of a response come back whole`() async throws {
        let answer = "HTTP/1.1 449 Retry With\r\nRetry-After: 7\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 5\r\n\r\nhello"
        try await ScriptedServer.run({ _ in .answer(answer) }) { server in
            try await withTransport { transport in
                let response = try await transport.send(request(server.port), timeout: .seconds(30))
                #expect(response.head.status.code == 449)
                #expect(response.head.headerFields[.retryAfter] == "7")
                #expect(
                    response.head.headerFields.filter { $0.name.canonicalName == "x-a" }.map(\.value) == ["1", "2"]
                )
                #expect(response.body == Array("hello".utf8))
            }
        }
    }

    @Test func `a redirect is a response, and nobody follows it`() async throws {
        let answer = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.run({ _ in .answer(answer) }) { server in
            try await withTransport { transport in
                let response = try await transport.send(request(server.port), timeout: .seconds(30))
                #expect(response.head.status.code == 307)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a refused connection is not sent`() async throws {
        var port = 0
        try await ScriptedServer.run({ _ in .answer(ok) }) { port = $0.port }
        try await withTransport { transport in
            let failed = await failure(of: transport, request(port))
            #expect(failed == TransportFailure(.notSent, reason: "connection refused"))
        }
    }

    @Test func `a name that does not resolve is not sent`() async throws {
        try await withTransport { transport in
            var wanted = request(80)
            wanted.head.authority = "nobody.invalid"
            let failed = await failure(of: transport, wanted)
            #expect(failed?.kind == .notSent)
        }
    }

    @Test func `an answer that does not come in time is a timeout`() async throws {
        try await ScriptedServer.run({ _ in .silence }) { server in
            try await withTransport { transport in
                let failed = await failureOnceArrived(of: transport, at: server)
                #expect(failed?.kind == .timeout)
            }
        }
    }

    @Test func `an answer that stops half way is a timeout, too`() async throws {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
        try await ScriptedServer.run({ _ in .answer(half) }) { server in
            try await withTransport { transport in
                let failed = await failureOnceArrived(of: transport, at: server)
                #expect(failed?.kind == .timeout)
            }
        }
    }

    @Test func `time that runs out while waiting for a connection means not sent`() async throws {
        try await ScriptedServer.run({ _ in .silence }) { server in
            try await withTransport(concurrency: 1) { transport in
                let first = Task { await failure(of: transport, request(server.port, path: "/first")) }
                await server.arrived(1)

                let second = await failure(
                    of: transport,
                    request(server.port, path: "/second"),
                    timeout: .milliseconds(50)
                )

                #expect(second?.kind == .notSent)
                first.cancel()
                #expect(await first.value?.kind == .cancelled)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a connection that ends without an answer is lost`() async throws {
        try await ScriptedServer.run({ _ in .close }) { server in
            try await withTransport { transport in
                let failed = await failure(of: transport, request(server.port))
                #expect(failed?.kind == .lost)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a kept connection that ends under a second request is lost, not tried again`() async throws {
        try await ScriptedServer.run({ $0 == 0 ? .answer(ok) : .close }) { server in
            try await withTransport(concurrency: 1) { transport in
                _ = try await transport.send(request(server.port), timeout: .seconds(30))
                let failed = await failure(of: transport, request(server.port))
                #expect(failed?.kind == .lost)
            }
            #expect(server.requests.count == 2)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + String(repeating: "x", count: 2_048) + "\r\n",
    ])
    func `an answer beyond the limit is too large`(answer: String) async throws {
        try await ScriptedServer.run({ _ in .answer(answer) }) { server in
            try await withTransport(maxResponseBytes: 1_024) { transport in
                let failed = await failure(of: transport, request(server.port))
                #expect(failed == TransportFailure(.tooLarge, reason: "response too large"))
            }
        }
    }

    @Test func `bytes that are no HTTP leave the call in doubt`() async throws {
        try await ScriptedServer.run({ _ in .answer("what?\r\n\r\n") }) { server in
            try await withTransport { transport in
                let failed = await failure(of: transport, request(server.port))
                #expect(failed?.kind == .lost)
            }
        }
    }

    @Test func `a cancelled caller that had not begun has sent nothing`() async throws {
        try await ScriptedServer.run({ _ in .answer(ok) }) { server in
            try await withTransport { transport in
                let task = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return await failure(of: transport, request(server.port))
                }
                task.cancel()
                #expect(await task.value?.kind == .notSent)
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `no failure shows the token`() async throws {
        var shown: [String] = []
        try await withTransport { transport in
            try await ScriptedServer.run({ $0 == 0 ? .close : .silence }) { server in
                shown.append("\(String(describing: await failure(of: transport, request(server.port))))")
                let late = await failure(of: transport, request(server.port), timeout: .milliseconds(50))
                shown.append(String(reflecting: late))
            }
            var malformed = request(1)
            malformed.head.authority = "not a host \(token)"
            shown.append(String(reflecting: await failure(of: transport, malformed)))
            malformed.head.authority = nil
            shown.append(String(reflecting: await failure(of: transport, malformed)))
        }
        #expect(shown.count == 4)
        #expect(shown.allSatisfy { !$0.contains(token) && $0.contains("TransportFailure") })
    }

    @Test func `as many connections as concurrency says are open at once`() async throws {
        try await ScriptedServer.run({ _ in .silence }) { server in
            try await withTransport(concurrency: 20) { transport in
                let calls = (0..<20).map { _ in Task { await failure(of: transport, request(server.port)) } }
                await server.arrived(20)
                for call in calls { call.cancel() }
                for call in calls { #expect(await call.value?.kind == .cancelled) }
            }
        }
    }
}
