import HTTPTypes
import NIOCore

/// An answer before it is written.
struct Reply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var contentType: String?
    var body: ByteBuffer?

    static let emptyObject = Reply(200, json: ByteBuffer(string: "{}"))

    /// An answer without a body.
    init(_ status: Int) {
        self.status = status
    }

    init(_ status: Int, json: ByteBuffer) {
        self.status = status
        contentType = "application/json; charset=utf-8"
        body = json
    }

    init(_ status: Int = 200, object: (inout JSONWriter) -> Void) {
        self.init(status, json: JSONWriter.text(object))
    }

    var head: HTTPResponse {
        var fields = HTTPFields()
        fields[.contentLength] = String(body?.readableBytes ?? 0)
        if let contentType { fields[.contentType] = contentType }
        for header in headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        return HTTPResponse(status: HTTPResponse.Status(code: min(999, max(200, status))), headerFields: fields)
    }
}

/// The error bodies that the providers document or were seen to send.
enum Refusal: Sendable {
    case badRequest(String)
    case unauthorized
    case forbidden
    case notFound
    case throttled
    case queued
    case failed

    var status: Int {
        switch self {
        case .badRequest: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        case .throttled: 429
        case .queued: 449
        case .failed: 500
        }
    }

    func reply(of provider: SimulatedProvider, correlation: Int) -> Reply {
        switch provider {
        case .hatif: hatif
        case .aelyst:
            Reply(status) { writer in
                writer.key("code")
                writer.int(status)
                writer.key("message")
                writer.string(aelystMessage)
            }
        case .convor:
            Reply(status) { writer in
                writer.key("error")
                writer.object { writer in
                    writer.key("code")
                    writer.string(convorCode)
                    writer.key("message")
                    writer.string(aelystMessage)
                    writer.key("details")
                    writer.object { _ in }
                    writer.key("correlationId")
                    writer.string("sim-\(correlation)")
                }
            }
        }
    }

    /// Only 401, 403 and 404 are documented, without body; the form of the others is that of the framework (1.7).
    private var hatif: Reply {
        guard case .badRequest(let message) = self else { return Reply(status) }
        return Reply(status) { writer in
            writer.key("error")
            writer.object { writer in
                writer.key("code")
                writer.null()
                writer.key("message")
                writer.string(message)
                writer.key("details")
                writer.null()
                writer.key("data")
                writer.object { _ in }
                writer.key("validationErrors")
                writer.array { _ in }
            }
        }
    }

    private var aelystMessage: String {
        switch self {
        case .badRequest: "Validation error."
        case .unauthorized: "UN_AUTHORIZED"
        case .forbidden: "Forbidden"
        case .notFound: "Contact not found"
        case .throttled: "Too Many Requests"
        case .queued: "The request is queued. Please try again in a few minutes."
        case .failed: "Unexpected error occurred"
        }
    }

    private var convorCode: String {
        switch self {
        case .badRequest: "VALIDATION_ERROR"
        case .unauthorized: "UNAUTHORIZED"
        case .forbidden: "FORBIDDEN"
        case .notFound: "NOT_FOUND"
        case .throttled: "RATE_LIMITED"
        case .queued: "QUEUED"
        case .failed: "INTERNAL_ERROR"
        }
    }
}
