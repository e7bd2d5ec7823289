/// The control API of a running `bulkhead broker`.
struct BrokerFaults: Sendable {
    let url: String

    /// The next requests of a kind meet these errors, one each.
    func push(_ request: String, _ errors: [String]) async throws {
        let list = errors.map { "\"\($0)\"" }.joined(separator: ",")
        _ = try await call("POST", "errors", #"{"request":"\#(request)","errors":[\#(list)]}"#)
    }

    /// Takes back what no request has met.
    func clear() async throws {
        _ = try await call("DELETE", "errors")
    }

    func setUp(_ isUp: Bool) async throws {
        _ = try await call("PUT", "brokers", #"{"up":\#(isUp)}"#)
    }

    func latency(milliseconds: Int) async throws {
        _ = try await call("PUT", "brokers", #"{"latencyMs":\#(milliseconds)}"#)
    }

    /// What metadata says of a topic; `nil` ends it.
    func topic(_ name: String, error: String?) async throws {
        _ = try await call("PUT", "topics/\(name)", #"{"error":\#(error.map { "\"\($0)\"" } ?? "null")}"#)
    }

    /// Takes the partitions of a topic their leaders, or gives them back.
    func leaders(of topic: String, partitions: Int, exist: Bool) async throws {
        for partition in 0..<partitions {
            let broker = exist ? "1" : "null"
            _ = try await call(
                "PUT",
                "leaders",
                #"{"topic":"\#(topic)","partition":\#(partition),"broker":\#(broker)}"#
            )
        }
    }

    private func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> [UInt8] {
        try await ControlCall.send(method, "\(url)/control/\(path)", body)
    }
}
