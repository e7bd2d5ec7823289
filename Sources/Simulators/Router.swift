import HTTPTypes

/// Finds the call that a request's address means.
struct Router: Sendable {
    private let convorAssign: [Substring]

    init(convorAssignPath: String) {
        convorAssign = convorAssignPath.split(separator: "/")
    }

    /// `nil` when the path belongs to no provider.
    func call(_ head: HTTPRequest) -> Call? {
        let target = (head.path ?? "/")[...]
        let full = target.prefix { $0 != "?" }
        var segments = full.split(separator: "/")
        guard let first = segments.first, let provider = SimulatedProvider(rawValue: String(first)) else { return nil }
        var base = first.endIndex
        segments.removeFirst()
        if provider == .aelyst, let version = segments.first, version == "v1" {
            base = version.endIndex
            segments.removeFirst()
        }
        let method = head.method.rawValue
        let (endpoint, id) =
            switch provider {
            case .hatif: Self.hatif(method, segments)
            case .aelyst: Self.aelyst(method, segments)
            case .convor: convor(method, segments)
            }
        let authorization = head.headerFields[.authorization]
        return Call(
            provider: provider,
            endpoint: endpoint,
            method: method,
            path: String(full[base...]),
            entity: PercentEncoding.decode(id),
            query: Query(target.dropFirst(full.count + 1)),
            token: authorization.flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil },
            traceparent: Self.header("traceparent", of: head),
            requestID: Self.header("x-request-id", of: head)
        )
    }

    private static func header(_ name: String, of head: HTTPRequest) -> String {
        head.headerFields.first { $0.name.canonicalName == name }?.value ?? ""
    }

    private static func hatif(_ method: String, _ path: [Substring]) -> (Endpoint, Substring) {
        if path.count >= 4, path[0] == "v2", path[1] == "conversations", path[2] == "service-account" {
            switch (method, path.count) {
            case ("POST", 5) where path[4] == "assign": return (.hatifAssign, path[3])
            case ("POST", 4) where path[3] == "create": return (.hatifCreateConversation, "")
            case ("GET", 4): return (.hatifConversation, path[3])
            case ("GET", 5) where path[3] == "channels": return (.hatifList, path[4])
            case ("GET", 5) where path[4] == "timeline": return (.hatifTimeline, path[3])
            default: return (.unknown, "")
            }
        }
        switch (method, path.count) {
        case ("POST", 2) where path == ["connect", "token"]: return (.hatifToken, "")
        case ("GET", 3) where path == ["v1", "channels", "service-account"]: return (.hatifChannels, "")
        case ("GET", 3) where path == ["v1", "workspaces", "users"]: return (.hatifUsers, "")
        case ("POST", 4) where path == ["v1", "contacts", "import", "vcards"]: return (.hatifImport, "")
        case ("POST", 3) where path == ["v1", "contacts", "search"]: return (.hatifSearchContacts, "")
        case ("GET", 2) where path == ["v1", "contacts"]: return (.hatifContacts, "")
        case ("POST", 2) where path == ["v1", "contacts"]: return (.hatifCreateContact, "")
        case (_, 3) where path.starts(with: ["v1", "contacts"]):
            switch method {
            case "GET": return (.hatifContact, path[2])
            case "PUT": return (.hatifUpdateContact, path[2])
            case "DELETE": return (.hatifDeleteContact, path[2])
            default: return (.unknown, "")
            }
        case ("GET", 4) where path.starts(with: ["v1", "contacts"]) && path[3] == "history":
            return (.hatifContactHistory, path[2])
        default: return (.unknown, "")
        }
    }

    private static func aelyst(_ method: String, _ path: [Substring]) -> (Endpoint, Substring) {
        guard let area = path.first, path.count >= 2, path.count <= 4 else { return (.unknown, "") }
        switch (area, method, path.count) {
        case ("contact", "POST", 4) where path[2] == "conversation" && path[3] == "assignee":
            return (.aelystAssign, path[1])
        case ("contact", "POST", 4) where path[2] == "conversation" && path[3] == "status":
            return (.aelystStatus, path[1])
        case ("contact", "POST", 4) where path[2] == "lifecycle" && path[3] == "update":
            return (.aelystLifecycle, path[1])
        case ("contact", "POST", 3) where path[1] == "create_or_update": return (.aelystUpsert, path[2])
        case ("contact", "POST", 2): return path[1] == "list" ? (.aelystList, "") : (.aelystCreate, path[1])
        case ("contact", "GET", 2): return (.aelystContact, path[1])
        case ("contact", "PUT", 2): return (.aelystUpdate, path[1])
        case ("space", "GET", 2) where path[1] == "user": return (.aelystUsers, "")
        case ("space", "GET", 3) where path[1] == "user": return (.aelystUser, path[2])
        case ("space", "GET", 2) where path[1] == "custom_field": return (.aelystFields, "")
        case ("space", "POST", 2) where path[1] == "custom_field": return (.aelystCreateField, "")
        default: return (.unknown, "")
        }
    }

    private func convor(_ method: String, _ path: [Substring]) -> (Endpoint, Substring) {
        guard method == "POST" else { return (.unknown, "") }
        if path.count == 4, path[0] == "api", path[1] == "conversations", path[3] == "unassign" {
            return (.convorUnassign, path[2])
        }
        guard path.count == convorAssign.count else { return (.unknown, "") }
        var id: Substring = ""
        for (segment, pattern) in zip(path, convorAssign) {
            if pattern == "{id}" {
                id = segment
            } else if segment != pattern {
                return (.unknown, "")
            }
        }
        return (.convorAssign, id)
    }
}
