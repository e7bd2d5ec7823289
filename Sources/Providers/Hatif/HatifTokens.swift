import HTTPTypes
import Messages
package import ProviderKit

/// Tokens of Hatif by client credentials (`reference/providers.md` 1.1).
package struct HatifTokens: TokenSource {
    let settings: HatifSettings
    let credential: HatifCredential
    let reader: ResponseReader

    /// A longer text is no token, and no server would take it as a header field.
    private static let maximumTokenBytes = 16_384
    private static let longestLifetime: Duration = .seconds(366 * 86_400)

    package func tokenRequest() throws(EncodingFailure) -> ProviderRequest {
        var head = settings.baseURL.request(.post, "/connect/token")
        head.headerFields[.contentType] = "application/x-www-form-urlencoded"
        head.headerFields[.accept] = "application/json"
        let form = PercentEncoding.pairs([
            ("client_id", credential.clientID), ("client_secret", credential.clientSecret.revealed),
            ("grant_type", "client_credentials"), ("scope", settings.scope),
        ])
        return ProviderRequest(head: head, body: Array(form.utf8), endpoint: "POST /connect/token")
    }

    package func token(from response: ProviderResponse) throws(TokenFailure) -> AccessToken {
        let body: JSON
        switch reader.json(response) {
        case .success(let json):
            body = json
        case .failure(let answer):
            throw TokenFailure(refused: [400, 401, 403].contains(response.head.status.code), detail: answer.detail)
        }
        guard let text = body.member("access_token")?.text, (1...Self.maximumTokenBytes).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            body.member("token_type")?.text.map({ $0.lowercased() == "bearer" }) ?? true
        else {
            throw TokenFailure(refused: false, detail: reader.unreadable(response).detail)
        }
        let lifetime = lifetime(body.member("expires_in"))
        // A token of two minutes or less is used for its first half.
        let renewBefore = min(max(settings.renewBefore, .seconds(60)), lifetime / 2)
        return AccessToken(secret: Secret(text), lifetime: lifetime, renewBefore: renewBefore)
    }

    private func lifetime(_ expiresIn: JSON?) -> Duration {
        guard let seconds = expiresIn?.wholeNumber, seconds > 0 else { return settings.tokenLifetime }
        return min(.seconds(seconds), Self.longestLifetime)
    }
}
