import HTTPTypes
import Messages
import ProviderKit

/// Reads responses into answers, with the account's own secrets taken out of all that is passed on.
struct ResponseReader: Sendable {
    var secrets: [Secret]

    /// The answer to a response with nothing in its body that matters beyond its status.
    func answer(_ response: ProviderResponse) -> Answer {
        let verdict = StatusTable.verdict(response.head.status.code)
        guard verdict == .done else { return Answer(verdict, detail(response)) }
        // No API call answers with a web page: a proxy or a sign-in page stands in between, and nothing was done.
        guard !response.isWebPage else { return unreadable(response) }
        return Answer(.done, success(response))
    }

    /// The body of a 2xx as JSON, or the answer to anything else.
    func json(_ response: ProviderResponse) -> Reading {
        let answer = answer(response)
        guard answer.verdict == .done else { return .failure(answer) }
        guard let json = try? JSON(parsing: response.body) else { return .failure(unreadable(response)) }
        return .success(json)
    }

    /// What is passed on of a 2xx: its status and request id.
    func success(_ response: ProviderResponse) -> ResponseDetail {
        clean(ResponseDetail(status: response.head.status.code, requestID: response.requestID))
    }

    func unreadable(_ response: ProviderResponse) -> Answer {
        var detail = success(response)
        detail.code = AdapterCode.unreadable
        return Answer(.failed, detail)
    }

    func notApplied(_ response: ProviderResponse) -> Answer {
        var detail = success(response)
        detail.code = AdapterCode.notApplied
        return Answer(.failed, detail)
    }

    /// What is passed on of a response that is not a success.
    func detail(_ response: ProviderResponse) -> ResponseDetail {
        let status = response.head.status.code
        let text = ErrorText(response)
        return clean(
            ResponseDetail(
                status: status,
                code: text.code ?? ((300..<400).contains(status) ? AdapterCode.redirect : nil),
                message: text.message,
                requestID: text.requestID ?? response.requestID
            )
        )
    }

    private func clean(_ detail: ResponseDetail) -> ResponseDetail {
        secrets.reduce(detail) { $0.redacting($1) }
    }
}

/// A response that was read: into its JSON if it is a success, else into the answer that it means.
enum Reading {
    case success(JSON)
    case failure(Answer)
}

extension ProviderResponse {
    /// Whether the body is HTML or XML: it begins like such, or is called HTML and does not begin like JSON.
    var isWebPage: Bool {
        switch body.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
        case nil, UInt8(ascii: "{")?, UInt8(ascii: "[")?: false
        case UInt8(ascii: "<")?: true
        default: head.headerFields[.contentType]?.lowercased().contains("html") == true
        }
    }

    /// The id that the provider gave the request, from whichever of the usual header fields it came in.
    var requestID: String? {
        guard !head.headerFields.isEmpty else { return nil }
        for name in Self.requestIDFields {
            if let value = head.headerFields[name], !value.isEmpty { return value.legible }
        }
        return nil
    }

    private static let requestIDFields = ["X-Request-Id", "Request-Id", "X-Correlation-Id", "Correlation-Id"]
        .compactMap { HTTPField.Name($0) }
}

extension String {
    /// The text on one line, without control characters and the white space around it; `nil` if nothing is left.
    var legible: String? {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.properties.generalCategory == .control || scalar.properties.isWhitespace {
                if !result.isEmpty, result.last != " " { result.append(" ") }
            } else {
                result.append(scalar)
            }
        }
        if result.last == " " { result.removeLast() }
        return result.isEmpty ? nil : String(result)
    }
}
