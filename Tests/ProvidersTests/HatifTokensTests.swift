import HTTPTypes
import ProviderKit
import Providers
import TestSupport
import Testing

@Suite struct HatifTokensTests {
    private func source(_ change: (inout HatifSettings) -> Void = { _ in }) throws -> any TokenSource {
        var settings = HatifSettings(
            credential: HatifCredential(clientID: "a b+c&d", clientSecret: Secret("s=ü&ß%-client"))
        )
        change(&settings)
        guard case .clientCredentials(let source) = Hatif(settings).authentication(for: .main) else {
            throw TokenFailure(refused: true, detail: ResponseDetail())
        }
        return source
    }

    @Test func `the token request is a form with every field encoded`() throws {
        let request = try source().tokenRequest()
        #expect(request.head.path == "/connect/token")
        #expect(request.head.method == .post)
        #expect(request.head.headerFields[.contentType] == "application/x-www-form-urlencoded")
        #expect(
            request.text
                == "client_id=a%20b%2Bc%26d&client_secret=s%3D%C3%BC%26%C3%9F%25-client&grant_type=client_credentials"
                + "&scope=VoxaAPI"
        )
        #expect(request.endpoint == "POST /connect/token")
    }

    @Test(
        arguments: [
            (#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#, 3_600, 60),
            (#"{"access_token":"t","expires_in":"3600"}"#, 3_600, 60),
            (#"{"access_token":"t","expires_in":3599.6}"#, 3_600, 60),
            (#"{"Access_Token":"t"}"#, 1_800, 60),
            (#"{"access_token":"t","expires_in":0}"#, 1_800, 60),
            (#"{"access_token":"t","expires_in":-5}"#, 1_800, 60),
            (#"{"access_token":"t","expires_in":null}"#, 1_800, 60),
            (#"{"access_token":"t","expires_in":100}"#, 100, 50),
            (#"{"access_token":"t","expires_in":1}"#, 1, 0),
            (#"{"access_token":"t","expires_in":9223372036854775807}"#, 31_622_400, 60),
        ] as [(String, Int, Int)]
    )
    func `a token lasts as long as it says, or as the settings say`(body: String, seconds: Int, early: Int) throws {
        let token = try source().token(from: ProviderResponse(200, body))
        #expect(token.secret.revealed == "t")
        #expect(token.lifetime == .seconds(seconds))
        #expect(token.renewBefore == (seconds == 1 ? .milliseconds(500) : .seconds(early)))
    }

    @Test func `a token is never renewed less than a minute early`() throws {
        let response = ProviderResponse(200, #"{"access_token":"t"}"#)
        #expect(try source { $0.renewBefore = .seconds(5) }.token(from: response).renewBefore == .seconds(60))
        #expect(try source { $0.renewBefore = .seconds(300) }.token(from: response).renewBefore == .seconds(300))
    }

    @Test(
        arguments: [
            (400, #"{"error":"invalid_client","error_description":"no such client"}"#, true, "invalid_client"),
            (401, "", true, nil), (403, "", true, nil), (404, "", false, nil), (302, "", false, "redirect"),
            (429, "", false, nil), (500, "<html><title>Oops</title></html>", false, nil),
            (200, "", false, AdapterCode.unreadable), (200, "{}", false, AdapterCode.unreadable),
            (200, #"{"access_token":""}"#, false, AdapterCode.unreadable),
            (200, #"{"access_token":"a\r\nb"}"#, false, AdapterCode.unreadable),
            (200, #"{"access_token":"t","token_type":"mac"}"#, false, AdapterCode.unreadable),
        ] as [(Int, String, Bool, String?)]
    )
    func `refused credentials are told from a token endpoint in trouble`(
        status: Int,
        body: String,
        refused: Bool,
        code: String?
    ) throws {
        let source = try source()
        let failure = #expect(throws: TokenFailure.self) { try source.token(from: ProviderResponse(status, body)) }
        #expect(failure?.refused == refused)
        #expect(failure?.detail.code == code)
        #expect(failure?.detail.status == status)
    }

    @Test func `a token shows in no description`() throws {
        let token = try source().token(from: ProviderResponse(200, #"{"access_token":"very-secret"}"#))
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token)\(String(reflecting: token))\(dumped)".contains("very-secret"))
    }
}
