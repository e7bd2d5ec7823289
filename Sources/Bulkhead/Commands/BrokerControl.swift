internal import EmbeddedKafka
internal import HTTPTypes
internal import Hummingbird
internal import KafkaClient
internal import Logging
internal import Messages
internal import NIOCore
internal import ServiceLifecycle

/// Faults of the embedded brokers on demand, below `/control`: JSON in, JSON out, no password, so loopback only.
///
/// | Call | Does |
/// |---|---|
/// | `POST /control/errors` | `{ "request", "errors", "times" }`: answers the next requests of a kind with errors, one each |
/// | `DELETE /control/errors[/{request}]` | takes back those that no request has met |
/// | `PUT /control/brokers[/{id}]` | `{ "up", "latencyMs" }` of one broker, or of all |
/// | `PUT /control/topics/{name}` | `{ "error" }` that metadata tells of the topic; `null` ends it |
/// | `PUT /control/leaders` | `{ "topic", "partition", "broker" }`; `null` leaves the partition without one |
/// | `PUT /control/coordinators` | `{ "group", "broker" }` |
struct BrokerControl: Service {
    let cluster: MockCluster
    let port: Int
    /// Called with the port once it listens.
    let onListening: @Sendable (Int) -> Void

    func run() async throws {
        let application = Application(
            responder: Responder(cluster: cluster),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { [self] channel in onListening(channel.localAddress?.port ?? port) },
            logger: LogSetup.logger(level: .error)
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw Failure(
                .failed,
                "Port \(port) cannot be served: \(error)",
                "Choose another one with --control, or 0 for a free one."
            )
        }
    }
}

private struct Responder: HTTPResponder {
    typealias Context = BasicRequestContext

    /// What is wrong with a call.
    struct Refusal: Error {
        var status = HTTPResponse.Status.badRequest
        var reason: String
    }

    let cluster: MockCluster

    func respond(to request: Request, context: BasicRequestContext) async -> Response {
        do {
            let body = try await request.body.collect(upTo: 1 << 20)
            let bytes = Array(body.readableBytesView)
            guard let json = bytes.isEmpty ? .object([]) : try? JSON(parsing: bytes) else {
                throw Refusal(reason: "body is not JSON")
            }
            try act(request.method, request.uri.path.split(separator: "/").map(String.init), json)
            return Self.reply(.ok, .object([]))
        } catch let refusal as Refusal {
            return Self.reply(refusal.status, .members(["error": .text(refusal.reason)]))
        } catch let error as KafkaError {
            return Self.reply(.badRequest, .members(["error": .text(error.reason)]))
        } catch {
            return Self.reply(.badRequest, .members(["error": .text("the body cannot be read")]))
        }
    }

    private func act(_ method: HTTPRequest.Method, _ path: [String], _ json: JSON) throws {
        let name = path.count > 2 ? path[2] : nil
        guard path.first == "control", (2...3).contains(path.count) else { throw Self.unknown }
        switch (method, path[1], name) {
        case (.post, "errors", nil): try pushErrors(json)
        case (.delete, "errors", _): try clearErrors(name)
        case (.put, "brokers", _): try changeBroker(name, json)
        case (.put, "topics", let topic?):
            try cluster.setTopicError(topic, json["error"] == .null ? .noError : Self.error(json["error"]))
        case (.put, "leaders", nil):
            let partition = TopicPartition(topic: try Self.text("topic", json), partition: try Self.partition(json))
            try cluster.setLeader(of: partition, broker: json["broker"] == .null ? nil : Self.broker(json))
        case (.put, "coordinators", nil):
            try cluster.setCoordinator(ofGroup: Self.text("group", json), broker: Self.broker(json))
        default: throw Self.unknown
        }
    }

    private static let unknown = Refusal(status: .notFound, reason: "no such call")

    private func pushErrors(_ json: JSON) throws {
        let request = try Self.request(json["request"]?.text)
        guard let list = json["errors"]?.elements, !list.isEmpty, list.count <= 1_000 else {
            throw Refusal(reason: "errors: a list of names or codes is expected")
        }
        let errors = try list.map(Self.error)
        let times = json["times"].map { $0.integerValue ?? 0 } ?? 1
        guard (1...1_000).contains(times) else { throw Refusal(reason: "times: 1 to 1000 is expected") }
        try cluster.pushRequestErrors(request, (0..<times).flatMap { _ in errors })
    }

    private func clearErrors(_ name: String?) throws {
        for request in try name.map({ [try Self.request($0)] }) ?? Array(MockCluster.Request.named.values) {
            try cluster.clearRequestErrors(request)
        }
    }

    private func changeBroker(_ name: String?, _ json: JSON) throws {
        let broker = try name.map { text throws -> Int in
            guard let broker = Int(text) else { throw Refusal(reason: "the number of a broker is expected") }
            return broker
        }
        if let latency = json["latencyMs"] {
            guard let milliseconds = latency.integerValue, (0...60_000).contains(milliseconds) else {
                throw Refusal(reason: "latencyMs: 0 to 60000 is expected")
            }
            try cluster.setLatency(.milliseconds(milliseconds), broker: broker)
        }
        if let isUp = json["up"] {
            guard let isUp = isUp.boolValue else { throw Refusal(reason: "up: true or false is expected") }
            if isUp { try cluster.setBrokerUp(broker) } else { try cluster.setBrokerDown(broker) }
        }
    }

    private static func request(_ name: String?) throws -> MockCluster.Request {
        guard let request = name.flatMap({ MockCluster.Request.named[$0] }) else {
            let names = MockCluster.Request.named.keys.sorted().joined(separator: ", ")
            throw Refusal(reason: "request: one of \(names) is expected")
        }
        return request
    }

    /// A name, as `NOT_COORDINATOR`, or a code; `_TRANSPORT` ends the connection.
    private static func error(_ json: JSON?) throws -> KafkaError.Code {
        let named = json?.text.flatMap { KafkaError.Code.named[$0] }
        let numbered = json?.integerValue.flatMap { Int32(exactly: $0) }.map(KafkaError.Code.init(rawValue:))
        guard let code = named ?? numbered, code == .transport || (0...1_000).contains(code.rawValue) else {
            throw Refusal(reason: "a broker's error by name or code, or _TRANSPORT, is expected")
        }
        return code
    }

    private static func text(_ key: String, _ json: JSON) throws -> String {
        guard let text = json[key]?.text, !text.isEmpty else { throw Refusal(reason: "\(key): a name is expected") }
        return text
    }

    private static func partition(_ json: JSON) throws -> Int32 {
        guard let number = json["partition"]?.integerValue.flatMap({ Int32(exactly: $0) }), number >= 0 else {
            throw Refusal(reason: "partition: a number is expected")
        }
        return number
    }

    private static func broker(_ json: JSON) throws -> Int {
        guard let number = json["broker"]?.integerValue.flatMap({ Int(exactly: $0) }) else {
            throw Refusal(reason: "broker: a number is expected")
        }
        return number
    }

    private static func reply(_ status: HTTPResponse.Status, _ json: JSONText) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.line + "\n"))
        )
    }
}
