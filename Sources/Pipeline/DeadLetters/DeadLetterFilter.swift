package import Messages

/// Which dead letters are meant; an empty filter means all.
///
/// Values of one field are alternatives, fields hold together.
package struct DeadLetterFilter: Hashable, Sendable {
    /// The status of the provider's last response.
    package enum Status: Hashable, Sendable {
        case exactly(Int)
        /// All of a class, as 5 for 500 to 599.
        case hundreds(Int)
        /// There was no response.
        case none

        /// Reads `500`, `5xx` or `none`; `nil` for anything else.
        package init?(_ text: String) {
            if text == "none" {
                self = .none
            } else if text.count == 3, text.hasSuffix("xx"), let hundreds = text.first?.wholeNumberValue,
                (1...5).contains(hundreds)
            {
                self = .hundreds(hundreds)
            } else if let status = Int(text), (100...599).contains(status) {
                self = .exactly(status)
            } else {
                return nil
            }
        }

        func matches(_ status: Int?) -> Bool {
            switch self {
            case .exactly(let wanted): status == wanted
            case .hundreds(let hundreds): status.map { $0 / 100 == hundreds } ?? false
            case .none: status == nil
            }
        }
    }

    package var dispositions: Set<Disposition> = []
    package var providers: Set<String> = []
    package var accounts: Set<String> = []
    package var campaigns: Set<String> = []
    package var statuses: Set<Status> = []
    /// Last failed at this time or later.
    package var since: Timestamp?
    /// Last failed before this time.
    package var until: Timestamp?
    /// Ids of commands, of cards as `<import id>/<card>` or of imports for all of their cards, or the names of records as
    /// `<topic>-<partition>-<offset>`: the letter's own or the original's.
    package var ids: Set<String> = []

    package init() {}

    package func matches(_ stored: StoredLetter) -> Bool {
        let letter = stored.letter
        func fits(_ wanted: Set<String>, _ value: String?) -> Bool {
            wanted.isEmpty || value.map(wanted.contains) ?? false
        }
        guard dispositions.isEmpty || dispositions.contains(letter.disposition),
            fits(providers, letter.provider), fits(accounts, letter.account), fits(campaigns, letter.campaign),
            statuses.isEmpty || statuses.contains(where: { $0.matches(letter.httpStatus) }),
            since.map({ letter.lastFailure >= $0 }) ?? true, until.map({ letter.lastFailure < $0 }) ?? true
        else { return false }
        // Last, since it reads the whole command.
        return ids.isEmpty || ids.contains(stored.name) || ids.contains(letter.origin.name)
            || ids.contains(stored.command.id) || stored.importID.map(ids.contains) ?? false
    }

    /// Adds everything that tells this filter from another, in an order of its own.
    func combine(into hash: inout Hash128) {
        let fields: [(name: String, values: [String])] = [
            ("disposition", dispositions.map(\.rawValue)), ("provider", Array(providers)), ("account", Array(accounts)),
            ("campaign", Array(campaigns)), ("status", statuses.map { String(describing: $0) }), ("id", Array(ids)),
            ("since", [since].compactMap { $0?.description }), ("until", [until].compactMap { $0?.description }),
        ]
        for (field, values) in fields {
            hash.combine(field)
            hash.combine(String(values.count))
            for value in values.sorted() { hash.combine(value) }
        }
    }
}
