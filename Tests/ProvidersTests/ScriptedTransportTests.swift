import HTTPTypes
import ProviderKit
import Providers
import TestSupport
import Testing

@Suite struct ScriptedTransportTests {
    @Test func `replies come in order and a call beyond the script fails`() async throws {
        let lost = TransportFailure(.lost, reason: "reset")
        let transport = ScriptedTransport([
            .response(ProviderResponse(200, "{}")), .failure(lost),
            .answering { ProviderResponse(201, $0.endpoint) },
        ])
        let request = try convor().request(for: .unassign(conversation), .act)

        #expect(try await transport.send(request, timeout: .seconds(1)).head.status.code == 200)
        await #expect(throws: lost) { try await transport.send(request, timeout: .seconds(1)) }
        let third = try await transport.send(request, timeout: .seconds(1))
        #expect(String(decoding: third.body, as: UTF8.self) == request.endpoint)
        #expect(transport.unscripted.isEmpty)

        let failure = await #expect(throws: TransportFailure.self) {
            try await transport.send(request, timeout: .seconds(1))
        }
        #expect(failure?.kind == .notSent)
        #expect(transport.unscripted == [request.pathScope])
        #expect(transport.requests.count == 4)
    }

    @Test func `waiting for requests ends when they have arrived`() async throws {
        let transport = ScriptedTransport([.response(ProviderResponse(200)), .response(ProviderResponse(200))])
        let request = try convor().request(for: .unassign(conversation), .act)
        async let seen = transport.requests(atLeast: 2)
        _ = try await transport.send(request, timeout: .seconds(1))
        _ = try await transport.send(request, timeout: .seconds(1))
        #expect(await seen.count == 2)
        #expect(transport.remaining == 0)
    }
}
