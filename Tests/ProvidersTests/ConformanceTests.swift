import HTTPTypes
import Messages
import ProviderKit
import Providers
import Scheduling
import TestSupport
import Testing

@Suite struct ConformanceTests {
    @Test func `Hatif takes every response that a server, proxy or network can send`() {
        let other = HatifCredential(clientID: "def", clientSecret: Secret("other-secret-1a2b3c"))
        let conformance = ProviderConformance(
            hatif(contacts: other),
            operations: [
                .assign(conversation, .user("3a1a")), .assign(conversation, .aiAgent("00ae")), .unassign(conversation),
            ],
            secrets: [Secret("client-secret-9f8e7d"), other.clientSecret]
        )
        #expect(conformance.problems() == [])
    }

    @Test func `Aelyst takes every response that a server, proxy or network can send`() {
        let provider = aelyst {
            $0.openBeforeAssign = true
            $0.readBack = true
        }
        let conformance = ProviderConformance(
            provider,
            operations: [.assign(contact, .user("1")), .assign(contact, .email("a@b.c")), .unassign(contact)],
            secrets: [Secret("aelyst-token-0123456789")]
        )
        #expect(conformance.problems() == [])
    }

    @Test func `Convor takes every response that a server, proxy or network can send`() {
        let provider = convor {
            $0.assign = convorAssign
            $0.readPath = "/api/conversations/{id}"
        }
        let conformance = ProviderConformance(
            provider,
            operations: [.assign(conversation, .user("op-1")), .unassign(conversation)],
            secrets: [Secret("convor-key-0123456789")]
        )
        #expect(conformance.problems() == [])
    }

    @Test func `conformance finds an adapter that trusts whatever it gets`() {
        let problems = ProviderConformance(
            Gullible(),
            operations: [.unassign(conversation)],
            secrets: [Secret("a-secret-that-is-echoed")]
        ).problems()
        #expect(problems.contains { $0.contains("throttled") })
        #expect(problems.contains { $0.contains("this body says nothing") })
        #expect(problems.contains { $0.contains("carries credentials") })
        #expect(problems.contains { $0.contains("a secret shows") })
    }
}

/// Takes every response for a success and passes on what it holds.
private struct Gullible: Provider {
    static let kind = "gullible"
    static let defaultLimits: [RateLimit] = []
    var canRead: Bool { true }

    func refusal(of operation: Operation) -> Refusal? { nil }
    func steps(for operation: Operation, check: Bool) -> [Step] { check ? [.check, .act] : [.act] }

    func request(for operation: Operation, _ step: Step) throws(EncodingFailure) -> ProviderRequest {
        var head = BaseURL(scheme: "https", authority: "a.example").request(step == .act ? .post : .get, "/")
        head.headerFields[.authorization] = "Bearer a-secret-that-is-echoed"
        return ProviderRequest(head: head, endpoint: "\(head.method.rawValue) /")
    }

    func answer(to operation: Operation, _ step: Step, _ response: ProviderResponse) -> Answer {
        Answer(.done, ResponseDetail(message: String(decoding: response.body, as: UTF8.self)))
    }

    func authentication(for credential: CredentialName) -> Authentication { .bearer(Secret("")) }
}
