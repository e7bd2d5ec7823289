import Foundation
import Messages

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The control API of a running `bulkhead simulate`.
struct Simulation: Sendable {
    struct Stats: Sendable {
        var arrived: Int
        /// Calls answered 429 because of a limit.
        var throttled: Int
        /// Calls that a limit would have refused, whether or not it was enforced.
        var violations: Int
        var tokensIssued: Int
        var faulted: Int
        /// The most calls in one window, over all limits and scopes.
        var peak: Int
    }

    /// What an account's calls were, as the limit of its provider counts them.
    struct Use: Sendable {
        /// The account's credential.
        var account: String
        /// Calls of consecutive windows since the first call.
        var windows: [Int]
        /// The most calls in any one window, refused ones included.
        var peak: Int
        var violations: Int
    }

    /// A call as it arrived.
    struct Call: Sendable {
        var provider: String
        var account: String
        var entity: String
        /// Method and path template.
        var endpoint: String
        var status: Int
        /// When it arrived; nanoseconds since 1970.
        var time: Int64
    }

    /// An assignment as it took effect.
    struct Change: Sendable {
        /// As a journal of calls and outcomes can name it: provider, the account's credential, conversation or contact.
        var entity: String
        /// The command that asked for it, by its trace; `nil` without a trace.
        var command: Int?
    }

    let url: String

    func stats() async throws -> Stats {
        let json = try JSON(parsing: try await call("GET", "stats"))
        let peaks = (json["limits"]?.elements ?? []).map { $0.number("peak") }
        return Stats(
            arrived: json.number("arrived"),
            throttled: json.number("throttled"),
            violations: json.number("violations"),
            tokensIssued: json.number("tokensIssued"),
            faulted: json.number("faulted"),
            peak: peaks.max() ?? 0
        )
    }

    /// - Parameter place: where in the journal to begin.
    func calls(since place: Int = 0) async throws -> [Call] {
        try await lines("calls?since=\(place)").map { json in
            Call(
                provider: json["provider"]?.text ?? "",
                account: json["account"]?.text ?? "",
                entity: json["entity"]?.text ?? "",
                endpoint: json["endpoint"]?.text ?? "",
                status: json.number("status"),
                time: Int64(json.number("timeNs"))
            )
        }
    }

    /// The accounts of a provider that has one limit, the busiest first.
    func uses(of provider: String) async throws -> [Use] {
        let json = try JSON(parsing: try await call("GET", "stats?scopes=1000"))
        let limit = (json["limits"]?.elements ?? []).first { $0["provider"]?.text == provider }
        return (limit?["busiest"]?.elements ?? []).map { use in
            Use(
                account: use["account"]?.text ?? "",
                windows: (use["windows"]?.elements ?? []).map { $0.integerValue.flatMap { Int(exactly: $0) } ?? 0 },
                peak: use.number("peak"),
                violations: use.number("violations")
            )
        }
    }

    /// Changes what a provider grants, without a word to the worker.
    func limit(_ provider: Plan.Provider, to requests: Int) async throws {
        let limit =
            #"{"requests":\#(requests),"perMs":\#(provider.perMilliseconds),"scope":"\#(provider.scope)"}"#
        _ = try await call("PUT", "limits", #"{"provider":"\#(provider.name)","limits":[\#(limit)]}"#)
    }

    /// Makes conversations that nobody has, a thousand in each channel: every page of a list costs what its channel holds.
    func seed(_ lane: SampleCommand.Lane, count: Int) async throws {
        let account = Plan.credential(lane)
        let channels = max(1, count / 1_000)
        _ = try await call(
            "POST",
            "seed",
            #"{"provider":"\#(lane.provider)","account":"\#(account)","count":\#(count),"channels":\#(channels)}"#
        )
    }

    func changes() async throws -> [Change] {
        try await lines("changes").map { json in
            Change(
                entity: ["provider", "account", "entity"].map { json[$0]?.text ?? "" }.joined(separator: "/"),
                command: json["traceparent"]?.text.flatMap(SampleCommand.number(ofTrace:))
            )
        }
    }

    /// Adds a rule, as `{"action":"status","status":500,"entity":"…","times":1}`.
    func fault(_ json: String) async throws {
        _ = try await call("POST", "faults", json)
    }

    /// Takes all rules back.
    func endFaults() async throws {
        _ = try await call("DELETE", "faults")
    }

    func expireTokens() async throws {
        _ = try await call("POST", "tokens/expire", "{}")
    }

    func latency(_ provider: String, milliseconds: Int) async throws {
        _ = try await call("PUT", "latency", #"{"provider":"\#(provider)","minMs":\#(milliseconds)}"#)
    }

    private func lines(_ path: String) async throws -> [JSON] {
        try await call("GET", path).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
    }

    private func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> [UInt8] {
        try await ControlCall.send(method, "\(url)/control/\(path)", body)
    }
}

/// A call of a control API, which has to succeed.
enum ControlCall {
    struct Failure: Error {
        var status: Int
        var body: String
    }

    static func send(_ method: String, _ url: String, _ body: String? = nil) async throws -> [UInt8] {
        guard let address = URL(string: url) else { throw Failure(status: 0, body: url) }
        var request = URLRequest(url: address)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard status == 200 else { throw Failure(status: status, body: String(decoding: data, as: UTF8.self)) }
        return Array(data)
    }
}

extension JSON {
    func number(_ key: String) -> Int { self[key]?.integerValue.flatMap { Int(exactly: $0) } ?? 0 }
}
