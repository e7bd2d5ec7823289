internal import Messages
internal import Pipeline
internal import Scheduling

/// A campaign as people and tools read it.
struct CampaignReport {
    private let status: JobStatus
    private let plan: CampaignPlan?

    init(_ campaign: FleetSnapshot.Campaign) {
        status = campaign.status
        plan = campaign.plan
    }

    func show(json: Bool) {
        let terminal = Terminal.current
        if json {
            terminal.print(String(decoding: self.json.encoded, as: UTF8.self))
        } else {
            for line in lines(terminal) { terminal.print(line) }
        }
    }

    private var elapsed: Duration { Instant(status.startedAt).duration(to: Instant(status.at)) }

    private func lines(_ terminal: Terminal) -> [String] {
        var lines = [status.sentence.printable]
        if status.state.isFinal {
            let seconds = Double(elapsed.nanoseconds) / 1e9
            let rate = seconds > 0 ? Double(status.done) / seconds : 0
            lines[0] += ", in \(elapsed.ageText) (\((rate * 10).rounded() / 10)/s)"
        }
        if let plan {
            var text = "\(plan.calls) calls for \(plan.total) members"
            if plan.listCalls > 0 { text += ", and \(plan.listCalls) to list them" }
            if let estimate = plan.estimateMilliseconds {
                text += "; at the limits in force \(Duration.milliseconds(estimate).ageText)"
            }
            lines.append(plan.options.dryRun ? "Dry run, nothing was sent: \(text)" : "Planned: \(text)")
        }
        guard !status.counts.isEmpty else { return lines }
        var table = Table(["Disposition", "Members"])
        for disposition in Disposition.allCases {
            guard let count = status.counts[disposition] else { continue }
            let style: TextStyle = disposition.topic == .failures ? .red : .green
            table.append([Table.Cell(disposition.rawValue, style), Table.Cell(String(count))])
        }
        return lines + terminal.lines(of: table)
    }

    /// The status as it stands in the topic, and what the expansion came to.
    private var json: JSON {
        var members = (try? JSON(parsing: status.encoded()))?.members ?? []
        if let plan {
            members += [
                .init("calls", .integer(Int64(plan.calls))), .init("listCalls", .integer(Int64(plan.listCalls))),
                .init("estimateMs", plan.estimateMilliseconds.map { .integer($0) } ?? .null),
            ]
        }
        return .object(members)
    }

    static func table(_ campaigns: [FleetSnapshot.Campaign]) -> Table {
        var table = Table(["Campaign", "Lane", "State", "Done", "Failed", "Rate", "Left", "Started", "Why"])
        for status in campaigns.map(\.status) {
            let isOver = status.state.isFinal
            let style: TextStyle =
                switch status.state {
                case .failed: .red
                case .paused, .cancelled: .yellow
                case .expanding, .canary, .running, .completed: .green
                }
            table.append([
                Table.Cell(status.id), Table.Cell("\(status.provider)/\(status.account)"),
                Table.Cell(status.state.rawValue + (status.dryRun ? ", dry run" : ""), style),
                Table.Cell("\(status.done) of \(status.total.map(String.init) ?? "?")"),
                Table.Cell(String(status.failed)),
                Table.Cell(isOver ? "-" : "\((status.rate * 10).rounded() / 10)/s"),
                Table.Cell(
                    isOver ? "-" : status.remainingMilliseconds.map { Duration.milliseconds($0).ageText } ?? "?"
                ),
                Table.Cell(status.startedAt.description),
                Table.Cell([status.by, status.reason].compactMap(\.self).joined(separator: ": ")),
            ])
        }
        return table
    }
}

extension JobStatus {
    /// How many members ended in failures.
    var failed: Int { counts.reduce(0) { $0 + ($1.key.topic == .failures ? $1.value : 0) } }
}
