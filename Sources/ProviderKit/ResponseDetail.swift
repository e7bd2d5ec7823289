/// What an outcome passes on of a provider's response.
///
/// Texts are the provider's own and are cut where they are taken in, so that no response makes an outcome large.
package struct ResponseDetail: Hashable, Sendable {
    /// The HTTP status; `nil` when no response arrived.
    package var status: Int?
    /// The provider's own code, as Hatif's `Voxa:…`; at most 100 characters.
    package var code: String?
    /// The provider's message, cut to 500 characters (Unicode scalars, as JSON Schema counts `maxLength`).
    package var message: String?
    /// The provider's id of the request (`X-Request-Id`, Convor's `correlationId`); at most 100 characters.
    package var requestID: String?

    package init(status: Int? = nil, code: String? = nil, message: String? = nil, requestID: String? = nil) {
        self.status = status
        self.code = code.map { Self.cut($0, to: Self.codeLength) }
        self.message = message.map { Self.cut($0, to: Self.messageLength) }
        self.requestID = requestID.map { Self.cut($0, to: Self.codeLength) }
    }

    package static let messageLength = 500
    package static let codeLength = 100

    private static func cut(_ text: String, to length: Int) -> String {
        // No text of so few bytes has more scalars, which spares counting them.
        guard text.utf8.count > length else { return text }
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: text.unicodeScalars.prefix(length))
        return String(kept)
    }

    /// The detail without a token that the provider may have echoed.
    ///
    /// Adapters remove what they know; the lane calls this with a token that it asked for itself. A token cut off at the
    /// end of the message is removed as well.
    package func redacting(_ secret: Secret) -> ResponseDetail {
        var detail = self
        detail.code = code.map { secret.redacted(from: $0) }
        detail.message = message.map { secret.redacted(from: $0) }
        detail.requestID = requestID.map { secret.redacted(from: $0) }
        return detail
    }
}

extension Secret {
    /// The text with asterisks in the secret's place.
    ///
    /// A beginning of the secret at the end of the text is replaced, too, from 6 bytes on: the text may have been cut.
    package func redacted(from text: String) -> String {
        let secret = Array(revealed.utf8)
        guard !secret.isEmpty else { return text }
        var rest = Array(text.utf8)[...]
        var result: [UInt8] = []
        var found = false
        while let first = rest.first {
            let isWhole = rest.starts(with: secret)
            if isWhole || (first == secret[0] && rest.count >= 6 && secret.starts(with: rest)) {
                found = true
                result.append(contentsOf: "***".utf8)
                rest = isWhole ? rest.dropFirst(secret.count) : []
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return found ? String(decoding: result, as: UTF8.self) : text
    }
}
