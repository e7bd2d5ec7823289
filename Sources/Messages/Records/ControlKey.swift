/// What a control record is about: the key of the compacted `control` topic.
package enum ControlKey: Hashable, Sendable, CustomStringConvertible {
    /// A whole lane, or one account of it.
    case lane(provider: String, account: String?)
    case campaign(String)

    /// Reads `lane/<provider>`, `lane/<provider>/<account>` or `campaign/<id>`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.dropFirst().allSatisfy({ !$0.isEmpty }) else { return nil }
        switch (parts.first, parts.count) {
        case ("lane", 2): self = .lane(provider: parts[1], account: nil)
        case ("lane", 3): self = .lane(provider: parts[1], account: parts[2])
        case ("campaign", 2): self = .campaign(parts[1])
        default: return nil
        }
    }

    package init?(_ bytes: [UInt8]?) {
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(text)
    }

    package var description: String {
        switch self {
        case .lane(let provider, nil): "lane/\(provider)"
        case .lane(let provider, let account?): "lane/\(provider)/\(account)"
        case .campaign(let id): "campaign/\(id)"
        }
    }
}
