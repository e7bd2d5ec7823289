import HTTPTypes
import Messages
import ProviderKit

/// Code, message and request id out of an error body, in whichever of the known shapes it comes.
///
/// - `{ "error": { "code", "message", "validationErrors": [ { "message" } ], "correlationId" } }` (Hatif as observed,
///   ABP, Convor)
/// - `{ "error": "…", "error_description": "…" }` (RFC 6749 section 5.2)
/// - `{ "code": 400, "message": "…" }` (Aelyst)
/// - `{ "title", "detail", "traceId" }` (RFC 9457), `{ "message" }`, `{ "errors": [ … ] }`
/// - a web page, of which the title is taken; plain text; nothing
struct ErrorText {
    private(set) var code: String?
    private(set) var message: String?
    private(set) var requestID: String?

    /// An error body larger than this is no message, and reading it would only cost time.
    private static let maximumBytes = 262_144

    init(_ response: ProviderResponse) {
        guard !response.body.isEmpty, response.body.count <= Self.maximumBytes else { return }
        if response.isWebPage {
            message = Self.title(ofPage: response.body)
        } else if let json = try? JSON(parsing: response.body) {
            read(json)
        } else if response.head.headerFields[.contentType]?.lowercased().hasPrefix("text/plain") == true {
            message = String(validating: response.body.prefix(4_096), as: UTF8.self)
        }
        code = code?.legible
        message = message?.legible.map(Self.withoutTokens)
        requestID = requestID?.legible
    }

    private mutating func read(_ json: JSON) {
        switch json {
        case .string(let text):
            message = text
        case .array(let elements):
            message = Self.list(elements)
        case .object:
            if let error = json.member("error"), case .object = error {
                take(error)
            } else if let name = json.member("error")?.identifier {
                // Without a description it is a sentence as often as a code.
                let description = json.member("error_description")?.text ?? json.member("message")?.text
                code = description == nil && name.contains(" ") ? nil : name
                message = description ?? name
            }
            take(json)
        default:
            break
        }
    }

    private mutating func take(_ object: JSON) {
        code = code ?? object.member("code")?.identifier
        requestID =
            requestID ?? object.member("correlationId")?.identifier ?? object.member("requestId")?.identifier
            ?? object.member("traceId")?.identifier
        guard message == nil else { return }
        let head =
            object.member("message")?.text ?? object.member("detail")?.text ?? object.member("title")?.text
            ?? object.member("error_description")?.text
        let parts = object.member("validationErrors")?.elements ?? object.member("errors")?.elements ?? []
        let texts = [head, Self.list(parts)].compactMap { $0 }.filter { !$0.isEmpty }
        message = texts.isEmpty ? nil : texts.joined(separator: " ")
    }

    /// The first few messages of a list of errors.
    private static func list(_ elements: [JSON]) -> String? {
        let texts = elements.prefix(5).compactMap { $0.text ?? $0.member("message")?.text }
        return texts.isEmpty ? nil : texts.joined(separator: "; ")
    }

    private static func title(ofPage body: [UInt8]) -> String? {
        let text = String(decoding: body.prefix(16_384), as: UTF8.self)
        let lowered = text.lowercased()
        // Lowercasing may change lengths outside ASCII; then positions of one text say nothing about the other.
        guard lowered.utf8.count == text.utf8.count,
            let open = lowered.firstRange(of: "<title"),
            let start = lowered[open.upperBound...].firstIndex(of: ">"),
            let end = lowered[start...].firstRange(of: "</title")
        else { return "(a web page)" }
        let bytes = Array(text.utf8)
        let from = lowered.utf8.distance(from: lowered.startIndex, to: start) + 1
        let to = lowered.utf8.distance(from: lowered.startIndex, to: end.lowerBound)
        let title = String(decoding: bytes[from..<to], as: UTF8.self)
        return title.legible == nil ? "(a web page)" : title
    }

    /// Takes out what looks like a token, whoever's it is: what follows `Bearer`, and JSON Web Tokens.
    private static func withoutTokens(_ message: String) -> String {
        guard message.contains("eyJ") || message.lowercased().contains("bearer ") else { return message }
        var follows = false
        let words = message.split(separator: " ", omittingEmptySubsequences: false).map { word -> Substring in
            defer { follows = word.lowercased().hasSuffix("bearer") }
            if follows { return "***" }
            guard let start = word.firstRange(of: "eyJ"), word[start.lowerBound...].utf8.count >= 20 else {
                return word
            }
            return word[..<start.lowerBound] + "***"
        }
        return words.joined(separator: " ")
    }
}
