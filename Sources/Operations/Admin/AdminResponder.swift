internal import HTTPTypes
internal import Hummingbird

/// Answers one request of the admin server.
///
/// Nothing of a request comes back in an answer but what a closure of ``AdminRoutes`` puts there.
struct AdminResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    /// Bytes of an id in a query, decoded.
    static let maxIDBytes = 4_096

    let routes: AdminRoutes

    func respond(to request: Request, context: BasicRequestContext) async -> Response {
        guard let endpoint = Endpoint(rawValue: request.uri.path) else {
            return Self.failure(.notFound, code: "not_found", "There is nothing at this path; / lists what there is.")
        }
        guard request.method == .get || request.method == .head else {
            var response = Self.failure(.methodNotAllowed, code: "method_not_allowed", "This path can only be read.")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        let response = await answer(endpoint, request)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private enum Endpoint: String {
        case index = "/"
        case live = "/livez"
        case ready = "/readyz"
        case metrics = "/metrics"
        case status = "/api/status"
        case lanes = "/api/lanes"
        case explain = "/api/explain"
    }

    private func answer(_ endpoint: Endpoint, _ request: Request) async -> Response {
        switch endpoint {
        case .index: return Self.reply(.ok, "text/plain; charset=utf-8", Array(Self.index.utf8))
        case .live: return Self.probe(await routes.live())
        case .ready: return Self.probe(await routes.ready())
        case .metrics:
            // The version is part of the media type that scrapers negotiate.
            return Self.reply(.ok, "text/plain; version=0.0.4; charset=utf-8", Array(await routes.metrics().utf8))
        case .status: return Self.json(.ok, await routes.status())
        case .lanes: return Self.json(.ok, await routes.lanes())
        case .explain: return await explain(request)
        }
    }

    private func explain(_ request: Request) async -> Response {
        guard let id = request.uri.queryParameters["id"].map(String.init), !id.isEmpty else {
            return Self.failure(.badRequest, code: "id_missing", "Say which command: /api/explain?id=ID.")
        }
        guard id.utf8.count <= Self.maxIDBytes else {
            return Self.failure(.badRequest, code: "id_too_long", "An id has at most \(Self.maxIDBytes) bytes.")
        }
        let source = request.uri.queryParameters["source"].map(String.init)
        guard source?.utf8.count ?? 0 <= Self.maxIDBytes else {
            return Self.failure(.badRequest, code: "source_too_long", "A source has at most \(Self.maxIDBytes) bytes.")
        }
        guard let body = await routes.explain(id, source) else {
            return Self.failure(.notFound, code: "unknown_command", "This worker has no command with this id.")
        }
        return Self.json(.ok, body)
    }

    private static func probe(_ problems: [ProbeProblem]) -> Response {
        json(problems.isEmpty ? .ok : .serviceUnavailable, ProbeProblem.report(problems))
    }

    private static func failure(_ status: HTTPResponse.Status, code: String, _ message: String) -> Response {
        var body = Array("{\"error\":{\"code\":".utf8)
        JSONQuoting.append(code, to: &body)
        body.append(contentsOf: ",\"message\":".utf8)
        JSONQuoting.append(message, to: &body)
        body.append(contentsOf: "}}\n".utf8)
        return json(status, body)
    }

    private static func json(_ status: HTTPResponse.Status, _ body: [UInt8]) -> Response {
        reply(status, "application/json", body)
    }

    private static func reply(_ status: HTTPResponse.Status, _ type: String, _ body: [UInt8]) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static let index = """
        Bulkhead

        /livez             200 while the poll loops turn
        /readyz            200 when partitions are assigned and the control topic is read
        /metrics           Prometheus text
        /api/status        this process and its lanes
        /api/lanes         the lanes of this process
        /api/explain?id=   what a command waits for that this process has; &source= tells several apart

        """
}
