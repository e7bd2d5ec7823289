internal import ArgumentParser
internal import Messages
internal import Pipeline
internal import Scheduling

/// Which dead letters a command is about.
struct DlqFilterOptions: ParsableArguments {
    @Option(help: "rejected, refused, not_found, unauthorized or exhausted; may be given again, as all filters.")
    var disposition: [String] = []
    @Option(help: "Provider.") var provider: [String] = []
    @Option(help: "Account.") var account: [String] = []
    @Option(help: "Campaign.") var campaign: [String] = []
    @Option(help: "Status of the provider's last response: 500, 5xx, or none where it never answered.")
    var status: [String] = []
    @Option(help: "Last failed at this time or later: 2026-11-21T09:00:00Z, or 2h for two hours ago.") var since:
        String?
    @Option(help: "Last failed before this time.") var until: String?
    @Option(help: "A command's id, IMPORT/CARD for a card, or a record's name as TOPIC-PARTITION-OFFSET.") var id:
        [String] = []

    /// - Parameter isRelative: whether `2h` is a time; not where the filter has to mean the same letters tomorrow.
    func filter(isRelative: Bool = true) throws -> DeadLetterFilter {
        var filter = DeadLetterFilter()
        filter.dispositions = Set(
            try disposition.map { text in
                guard let disposition = Disposition(rawValue: text), disposition.isDeadLettered else {
                    let allowed = Disposition.allCases.filter(\.isDeadLettered).map(\.rawValue).joined(separator: ", ")
                    throw Failure(.usage, "--disposition: found \"\(text)\", allowed: \(allowed)")
                }
                return disposition
            }
        )
        filter.statuses = Set(
            try status.map { text in
                guard let status = DeadLetterFilter.Status(text) else {
                    throw Failure(.usage, "--status: found \"\(text)\", allowed: 100 to 599, 1xx to 5xx, or none")
                }
                return status
            }
        )
        filter.providers = Set(provider)
        filter.accounts = Set(account)
        filter.campaigns = Set(campaign)
        filter.ids = Set(id)
        filter.since = try since.map { try Self.time($0, "--since", isRelative) }
        filter.until = try until.map { try Self.time($0, "--until", isRelative) }
        return filter
    }

    private static func time(_ text: String, _ option: String, _ isRelative: Bool) throws -> Timestamp {
        if let time = Timestamp(text) { return time }
        if isRelative, let age = Duration(messageText: text) {
            return Timestamp(WallClock().now.advanced(by: .zero - age))
        }
        let allowed = isRelative ? "a time as 2026-11-21T09:00:00Z, or an age as 2h" : "a time as 2026-11-21T09:00:00Z"
        throw Failure(
            .usage,
            "\(option): found \"\(text)\", allowed: \(allowed)",
            lines: isRelative ? [] : ["A replay that is started again has to mean the same letters."]
        )
    }
}

extension Failure {
    fileprivate init(_ status: ExitStatus, _ line: String, lines: [String]) {
        self.init(status, lines: [line] + lines)
    }
}
