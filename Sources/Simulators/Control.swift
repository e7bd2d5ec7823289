import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// The control API, below `/control`: JSON in, JSON out, no password, so loopback only.
///
/// | Call | Does |
/// |---|---|
/// | `GET /control/stats?scopes=50` | counts by provider, account and status; audited limits with violations, peaks, utilization |
/// | `GET /control/calls?provider=&account=&entity=&status=&since=&limit=` | the journal as NDJSON, oldest first, from place `since` |
/// | `GET /control/changes?provider=&account=&entity=&since=&limit=` | assignments in the order they took effect, as NDJSON |
/// | `GET /control/conversations/{id}` | one conversation (Aelyst: `id:…`, `email:…`, `phone:…`) with its history |
/// | `GET /control/contacts?provider=&account=&limit=` | contacts and imported cards, as NDJSON |
/// | `GET`, `POST`, `DELETE /control/faults[/{id}]` | lists, adds, removes rules, see ``Fault/init(json:)`` |
/// | `GET`, `PUT /control/limits` | shows, changes one provider's limits without notice, see ``LimitPolicy/apply(_:)`` |
/// | `PUT /control/latency` | `{ "provider", "minMs", "maxMs" }` |
/// | `POST /control/seed` | `{ "provider", "account", "count", "channels", "assignee", "closed" }`, answers the ids |
/// | `POST /control/tokens/expire` | `{ "account" }` or nothing: ends Hatif's tokens |
/// | `POST /control/reset` | forgets everything |
extension Simulator {
    @concurrent func control(_ request: Request, _ writer: consuming ResponseWriter) async throws {
        let target = (request.head.path ?? "/")[...]
        let path = target.prefix { $0 != "?" }
        let segments = path.split(separator: "/")
        let query = Query(target.dropFirst(path.count + 1))
        let method = request.head.method.rawValue
        guard segments.first == "control", segments.count >= 2 else {
            return try await write(Self.wrong(404, "no such path"), writer)
        }
        if method == "GET", segments.count == 2, let dump = Dump(String(segments[1]), query) {
            return try await stream(dump, writer)
        }
        let body = try? await request.body.collect(upTo: configuration.maxBodyBytes)
        guard let body else { return try await write(Self.wrong(413, "body too large"), writer) }
        let json = body.readableBytes == 0 ? JSON.object([]) : JSON(body)
        let id = segments.count > 2 ? PercentEncoding.decode(segments[2]) : ""
        let reply =
            switch (method, segments[1], json) {
            case (_, _, nil): Self.wrong(400, "body is not JSON")
            case ("GET", "stats", _): report(scopes: query.int("scopes") ?? 50)
            case ("GET", "conversations", _): show(conversation: id)
            case ("GET", "faults", _): listFaults()
            case ("POST", "faults", let json?): addFault(json)
            case ("DELETE", "faults", _): dropFaults(id)
            case ("GET", "limits", _): report(scopes: 0)
            case ("PUT", "limits", let json?): changeLimits(json)
            case ("PUT", "latency", let json?): changeLatency(json)
            case ("POST", "seed", let json?): plant(json)
            case ("POST", "tokens", let json?) where id == "expire": endTokens(json)
            case ("POST", "reset", _): forget()
            default: Self.wrong(404, "no such call")
            }
        try await write(reply, writer)
    }

    private static func wrong(_ status: Int, _ reason: String) -> Reply {
        Reply(status) { writer in
            writer.key("error")
            writer.string(reason)
        }
    }

    private func show(conversation id: String) -> Reply {
        let views = conversations(id)
        guard !views.isEmpty else { return Self.wrong(404, "no such conversation") }
        return Reply { writer in
            writer.key("conversations")
            writer.array { writer in for view in views { writer.value(view) } }
        }
    }

    private func listFaults() -> Reply {
        let entries = world.withLock { $0.faults.entries }
        return Reply { writer in
            writer.key("faults")
            writer.array { writer in
                for entry in entries {
                    writer.object { writer in
                        writer.key("id")
                        writer.int(entry.id)
                        writer.key("struck")
                        writer.int(entry.struck)
                        writer.key("fault")
                        writer.string("\(entry.fault.action)")
                    }
                }
            }
        }
    }

    private func addFault(_ json: JSON) -> Reply {
        do throws(ControlError) {
            let id = add(try Fault(json: json))
            return Reply { writer in
                writer.key("id")
                writer.int(id)
            }
        } catch {
            return Self.wrong(400, error.reason)
        }
    }

    private func dropFaults(_ id: String) -> Reply {
        guard id.isEmpty || Int(id) != nil else { return Self.wrong(400, "the number of a fault is expected") }
        removeFaults(id: Int(id))
        return .emptyObject
    }

    private func changeLimits(_ json: JSON) -> Reply {
        guard let provider = json["provider"]?.string.flatMap(SimulatedProvider.init) else {
            return Self.wrong(400, "provider: hatif, aelyst or convor is expected")
        }
        var policy = world.withLock { $0.desks[provider]?.policy } ?? .standard(of: provider)
        do throws(ControlError) {
            try policy.apply(json)
        } catch {
            return Self.wrong(400, error.reason)
        }
        setLimits(policy, of: provider)
        return .emptyObject
    }

    private func changeLatency(_ json: JSON) -> Reply {
        guard let provider = json["provider"]?.string.flatMap(SimulatedProvider.init),
            let lowest = json["minMs"]?.double, let highest = json["maxMs"]?.double ?? json["minMs"]?.double,
            lowest >= 0, highest >= lowest, highest <= 3_600_000
        else { return Self.wrong(400, "provider, minMs and maxMs, 0 to 3600000, are expected") }
        setLatency(.microseconds(Int64(lowest * 1_000))...(.microseconds(Int64(highest * 1_000))), of: provider)
        return .emptyObject
    }

    private func plant(_ json: JSON) -> Reply {
        guard let provider = json["provider"]?.string.flatMap(SimulatedProvider.init),
            let account = json["account"]?.string, let count = json["count"]?.int, (0...1_000_000).contains(count)
        else { return Self.wrong(400, "provider, account and count, 0 to 1000000, are expected") }
        let ids = seed(
            ConversationSeed(
                provider,
                account: account,
                count: count,
                channels: json["channels"]?.int ?? 1,
                assignee: json["assignee"]?.string,
                closed: json["closed"]?.bool ?? false
            )
        )
        return Reply { writer in
            writer.key("ids")
            writer.array { writer in for id in ids { writer.string(id) } }
        }
    }

    private func endTokens(_ json: JSON) -> Reply {
        expireTokens(account: json["account"]?.string)
        return .emptyObject
    }

    private func forget() -> Reply {
        reset()
        return .emptyObject
    }
}
