import HTTPTypes
import Messages
import ProviderKit

extension BaseURL {
    /// A call that expects JSON.
    ///
    /// - Parameters:
    ///   - path: percent-encoded, with its query.
    ///   - template: the path as the provider documents it, for limits by endpoint.
    ///   - body: JSON; `nil` sends no body and no content type.
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        template: String,
        body: [UInt8]? = nil,
        credential: CredentialName = .main
    ) -> ProviderRequest {
        var head = request(method, path)
        head.headerFields[.accept] = "application/json"
        if body != nil { head.headerFields[.contentType] = "application/json" }
        return ProviderRequest(
            head: head,
            body: body ?? [],
            endpoint: "\(method.rawValue) \(template)",
            credential: credential
        )
    }
}

/// A JSON object written member by member; `nil` is written as `null`.
func jsonObject(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(capacity: 160)
    writer.beginObject()
    write(&writer)
    writer.endObject()
    return writer.bytes
}
