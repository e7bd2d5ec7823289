import NIOCore

/// Who may call: Hatif's clients and their tokens, the bearer tokens of the others.
struct Credentials: Sendable {
    private struct Token: Sendable {
        var account: String
        var ends: Int64
        /// Whether the scope `VoxaAPI` was asked for.
        var scoped: Bool
    }

    private let clients: [String: SimulatedAccount]
    private let bearers: [SimulatedProvider: [String: String]]
    private let open: Set<SimulatedProvider>
    private let lifetime: Int64
    private var tokens: [String: Token] = [:]
    private(set) var issued = 0

    init(_ accounts: [SimulatedAccount], lifetime: Int64) {
        var clients: [String: SimulatedAccount] = [:]
        var bearers: [SimulatedProvider: [String: String]] = [:]
        for account in accounts {
            if account.provider == .hatif {
                clients[account.credential] = account
            } else {
                bearers[account.provider, default: [:]][account.credential] = account.name
            }
        }
        self.clients = clients
        self.bearers = bearers
        open = Set(SimulatedProvider.allCases).subtracting(accounts.map(\.provider))
        self.lifetime = lifetime
    }

    /// The account that a call's token belongs to; `nil` when the token is missing, wrong or over.
    func account(of call: Call, at time: Int64) -> String? {
        guard let token = call.token, !token.isEmpty else { return nil }
        if call.provider == .hatif {
            return tokens[token].flatMap { $0.ends > time ? $0.account : nil }
        }
        return open.contains(call.provider) ? token : bearers[call.provider]?[token]
    }

    /// Whether Hatif answers 403 without a body: no scope, or a contact call with a service account's token.
    func isForbidden(_ call: Call) -> Bool {
        guard let token = call.token.flatMap({ tokens[$0] }) else { return false }
        guard token.scoped else { return true }
        return call.endpoint.isHatifContacts && clients.values.contains { $0.name == token.account && !$0.contacts }
    }

    /// Ends tokens of one account, or all.
    mutating func expire(account: String?) {
        tokens = tokens.filter { $0.value.account != account && account != nil }
    }

    /// Answers `POST /connect/token` (`reference/providers.md` 1.1; the error form is that of RFC 6749 section 5.2).
    mutating func issue(form: ByteBuffer, contentType: String?, at time: Int64) -> Reply {
        guard contentType.map({ $0.hasPrefix("application/x-www-form-urlencoded") }) ?? false else {
            return Self.error("invalid_request", "The content type must be application/x-www-form-urlencoded.")
        }
        let fields = Query(String(buffer: form)[...])
        guard fields["grant_type"] == "client_credentials" else {
            return Self.error("unsupported_grant_type", "The grant type is not supported.")
        }
        guard let id = fields["client_id"], !id.isEmpty, let secret = fields["client_secret"] else {
            return Self.error("invalid_request", "The client credentials are missing.")
        }
        let client = clients[id]
        guard open.contains(.hatif) || client.map({ $0.secret == nil || $0.secret == secret }) ?? false else {
            return Self.error("invalid_client", "The client credentials are invalid.")
        }
        issued += 1
        let token = "simulated-\(issued)-\(id)"
        let (sum, overflow) = time.addingReportingOverflow(lifetime)
        tokens[token] = Token(
            account: client?.name ?? id,
            ends: overflow ? .max : sum,
            scoped: fields["scope"].map { $0.split(separator: " ").contains("VoxaAPI") } ?? false
        )
        return Reply { writer in
            writer.key("access_token")
            writer.string(token)
            writer.key("token_type")
            writer.string("Bearer")
            writer.key("expires_in")
            writer.int(lifetime / 1_000_000_000)
        }
    }

    private static func error(_ code: String, _ description: String) -> Reply {
        Reply(400) { writer in
            writer.key("error")
            writer.string(code)
            writer.key("error_description")
            writer.string(description)
        }
    }
}
