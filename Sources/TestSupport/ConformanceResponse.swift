import ProviderKit

/// A response that some server, proxy or broken network could send in place of the one that is documented.
struct ConformanceResponse: Sendable {
    var name: String
    var response: ProviderResponse
    /// Whether the body is complete JSON of an object, so that an adapter may find what it needs in it.
    var isDocument = false
    var isWebPage = false
    /// Whether the body holds the account's secrets.
    var echoesSecrets = false

    private struct Body {
        var name: String
        var bytes: [UInt8]
        var fields: [String: String] = [:]
        var isDocument = false
        var isWebPage = false
        var echoesSecrets = false
    }

    /// Every registered status, those that proxies make up, and the ends of each class.
    private static let statuses: [Int] =
        [100, 101, 103, 199] + Array(200...208) + [226, 299] + Array(300...308) + [399] + Array(400...431)
        + [440, 444, 449, 450, 451, 460, 494, 498, 499] + Array(500...511) + Array(520...530) + [598, 599]

    static func all(secrets: [Secret]) -> [ConformanceResponse] {
        let bodies = Self.bodies(secrets: secrets)
        var all: [ConformanceResponse] = []
        for status in Self.statuses {
            for body in bodies { all.append(Self.make(status, body)) }
        }
        for status in [0, 99, 600, 999] { all.append(Self.make(status, bodies[0])) }
        // The largest bodies, at a few statuses only.
        for status in [200, 302, 400, 403, 500] {
            for body in Self.largeBodies { all.append(Self.make(status, body)) }
        }
        all.append(Self.make(429, Body(name: "a delay", bytes: [], fields: ["Retry-After": "30"])))
        all.append(Self.make(429, Body(name: "a broken delay", bytes: [], fields: ["Retry-After": "soon"])))
        return all
    }

    private static func make(_ status: Int, _ body: Body) -> ConformanceResponse {
        ConformanceResponse(
            name: body.name,
            response: ProviderResponse(status, bytes: body.bytes, body.fields),
            isDocument: body.isDocument,
            isWebPage: body.isWebPage,
            echoesSecrets: body.echoesSecrets
        )
    }

    private static func bodies(secrets: [Secret]) -> [Body] {
        let page = "<!DOCTYPE html><html><head><title>Bad\nGateway</title></head><body>…</body></html>"
        let json = ["Content-Type": "application/json"]
        let echo = secrets.map(\.revealed).joined(separator: " ")
        let error = #"{"error":{"code":"X:1 \#(echo)","message":"token \#(echo) is bad","correlationId":"\#(echo)"}}"#
        return [
            Body(name: "no body", bytes: []),
            Body(name: "an empty object", bytes: Array("{}".utf8), fields: json, isDocument: true),
            Body(name: "a truncated object", bytes: Array(#"{"id": 1, "assignee": {"id": 2"#.utf8), fields: json),
            Body(name: "bytes that are no text", bytes: [0xFF, 0x00, 0xC3, 0x28, 0x7B], fields: json),
            Body(name: "null", bytes: Array("null".utf8), fields: json),
            Body(name: "a list", bytes: Array("[1, [], {}]".utf8), fields: json),
            Body(name: "a web page", bytes: Array(page.utf8), fields: ["Content-Type": "text/html"], isWebPage: true),
            Body(name: "a web page without a type", bytes: Array(page.utf8), isWebPage: true),
            Body(
                name: "an echoed secret",
                bytes: Array(error.utf8),
                fields: ["Content-Type": "application/json", "X-Request-Id": "r-\(echo)"],
                isDocument: true,
                echoesSecrets: true
            ),
            Body(name: "wrong types", bytes: Array(#"{"error":7,"code":[],"message":{"a":1}}"#.utf8), isDocument: true),
            Body(
                name: "plain text",
                bytes: Array("upstream \u{7} failed \(echo)".utf8),
                fields: ["Content-Type": "text/plain"],
                echoesSecrets: true
            ),
        ]
    }

    private static let largeBodies = [
        Body(name: "a huge text", bytes: Array(repeating: UInt8(ascii: "a"), count: 2_000_000)),
        Body(name: "deep nesting", bytes: Array(repeating: UInt8(ascii: "["), count: 200_000)),
        Body(
            name: "a long message",
            bytes: Array("{\"message\":\"\(String(repeating: "e\u{301}", count: 20_000))\"}".utf8),
            isDocument: true
        ),
    ]
}
