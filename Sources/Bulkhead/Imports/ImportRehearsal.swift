internal import HTTPTypes
internal import Messages
internal import Pipeline
internal import ProviderKit
internal import Scheduling
internal import VCard

/// Counts the requests that an import would be, and how long the limits make them take: values in, values out.
struct ImportRehearsal {
    private let importer: any ContactImporting
    private let limits: [RateLimit]
    private var open: (cards: Int, bytes: Int) = (0, 0)
    private(set) var requests = 0
    private var paths: Set<String> = []

    /// `nil` where the provider takes no contacts.
    init?(_ account: AccountEntry) {
        guard let importer = account.adapter as? any ContactImporting else { return nil }
        self.init(importer, account.lane.limits)
    }

    init(_ importer: any ContactImporting, _ limits: [RateLimit]) {
        self.importer = importer
        self.limits = limits
    }

    mutating func take(_ contact: Contact) {
        let upload = ContactUpload(contact)
        let bytes = upload.card.utf8.count
        let most = importer.importLimits
        if open.cards == 0 || open.cards >= most.cards || bytes > most.bytes - open.bytes {
            requests += 1
            open = (0, 0)
            // Two are enough to know whether all go to one path.
            if paths.count < 2, let path = try? importer.request(importing: [upload]).head.path { paths.insert(path) }
        }
        open = (open.cards + 1, open.bytes + bytes)
    }

    /// The least time that the configured limits leave.
    var duration: Duration {
        limits.map { limit in
            // A limit of one path counts little where each contact has its own.
            guard limit.scope != .path || paths.count < 2 else { return .zero }
            let first = min(limit.burst ?? limit.requests, limit.requests)
            guard limit.burst == nil else {
                return limit.per / limit.requests * max(0, requests - first)
            }
            return limit.per * (max(0, requests - 1) / limit.requests)
        }.max() ?? .zero
    }
}
