package import Messages
internal import Pipeline
internal import Scheduling

extension FleetReport {
    /// Members that have been silent for longer are counted only.
    private static let longSilence: Duration = .seconds(3_600)
    /// Campaigns and imports that ended longer ago are counted only.
    private static let longAgo: Duration = .seconds(86_400)

    /// What a tired person has to know, and whether all is well.
    package var verdict: (text: String, isWell: Bool) {
        let alive = members.count { $0.isAlive(at: now) }
        let silent = members.count { !$0.isAlive(at: now) && $0.age(at: now) <= Self.longSilence }
        var troubles: [String] = []
        for state in ["no worker", "closed", "paused"] {
            let count = lanes.count { $0.state == state }
            guard count > 0 else { continue }
            troubles.append("\(count) " + (state == "no worker" ? "without a worker" : state))
        }
        let workers = "\(alive) \(alive == 1 ? "worker" : "workers")" + (silent > 0 ? " and \(silent) gone silent" : "")
        let all = "\(lanes.count) \(lanes.count == 1 ? "lane" : "lanes")"
        guard !members.isEmpty else { return ("No worker has reported: is one running?", false) }
        return (
            "\(workers), \(all): \(troubles.isEmpty ? "all work" : troubles.joined(separator: ", "))",
            // Lanes of a worker that vanished count as soon as nobody has them.
            troubles.isEmpty
        )
    }

    /// The whole report for a terminal or a file.
    package func lines(_ terminal: Terminal) -> [String] {
        let (text, isWell) = verdict
        var lines = [terminal.outputHasColors ? (isWell ? TextStyle.green : .red).applied(to: text) : text, ""]
        lines += terminal.lines(of: laneTable) + laneNotes
        lines += ["", "Intake has \(commands) commands and \(imports) imports left to read."]
        let (table, more) = jobTable
        if !table.rows.isEmpty { lines += [""] + terminal.lines(of: table) }
        lines += more
        if !members.isEmpty {
            let (table, more) = memberTable
            lines += [""] + terminal.lines(of: table) + more
        }
        return lines
    }

    package var laneTable: Table {
        var table = Table(["Lane", "State", "Live", "Bulk", "Calls", "Oldest", "Use", "Limit in force"])
        for lane in lanes {
            let told = lane.isHeld ? lane.holding?.lane : nil
            let style: TextStyle = lane.state == "open" ? .green : lane.state == "limited" ? .yellow : .red
            func left(_ count: Int64?) -> Table.Cell {
                Table.Cell(count.map { "\($0)\(lane.isShared && $0 > 0 ? "*" : "")" } ?? "-")
            }
            table.append([
                Table.Cell(lane.name), Table.Cell(lane.state, style), left(lane.live), left(lane.bulk),
                Table.Cell(told.map { String($0.inFlight) } ?? "-"),
                Table.Cell(told.map { Duration.milliseconds($0.oldestMilliseconds).ageText } ?? "-"),
                Table.Cell(told.map { "\(Int($0.utilization * 100)) %" } ?? "-"),
                Table.Cell(told.map { $0.limits.map(\.text).joined(separator: ", ") } ?? "-"),
            ])
        }
        return table
    }

    /// Why lanes are not open, and where their limits come from.
    package var laneNotes: [String] {
        var notes = members.isEmpty ? [] : lanes.compactMap { $0.note(now: now) }
        if lanes.contains(where: { $0.isShared && ($0.live ?? 0) + ($0.bulk ?? 0) > 0 }) {
            notes.append("* together with the accounts that share its partition")
        }
        return notes
    }

    private var jobTable: (Table, more: [String]) {
        var table = Table(["Job", "Lane", "State", "Done", "Rate", "Left", "Why"])
        var older = 0
        for job in jobs {
            let isOver = [.completed, .cancelled, .failed].contains(job.state)
            guard !isOver || Instant(job.at).duration(to: now) <= Self.longAgo else {
                older += 1
                continue
            }
            let failed = job.counts.filter { $0.key.topic == .failures }.values.reduce(0, +)
            let style: TextStyle = job.state == .failed ? .red : job.state == .paused ? .yellow : .green
            table.append([
                Table.Cell(job.key), Table.Cell("\(job.provider)/\(job.account)"),
                Table.Cell(job.state.rawValue + (job.dryRun ? ", dry run" : ""), style),
                Table.Cell(
                    "\(job.done) of \(job.total.map(String.init) ?? "?")" + (failed > 0 ? ", \(failed) failed" : "")
                ),
                Table.Cell(isOver ? "-" : "\((job.rate * 10).rounded() / 10)/s"),
                Table.Cell(
                    isOver ? "-" : job.remainingMilliseconds.map { Duration.milliseconds($0).ageText } ?? "?"
                ),
                Table.Cell([job.by, job.reason].compactMap { $0 }.joined(separator: ": ")),
            ])
        }
        return (table, older > 0 ? ["\(older) campaigns and imports ended more than a day ago"] : [])
    }

    private var memberTable: (Table, more: [String]) {
        var table = Table(["Worker", "Seen", "Runs for", "Version", "Roles", "Lanes", "Admin server"])
        var gone = 0
        for member in members {
            let age = member.age(at: now)
            guard age <= Self.longSilence else {
                gone += 1
                continue
            }
            let isAlive = member.isAlive(at: now)
            table.append([
                Table.Cell(member.member),
                Table.Cell(isAlive ? "now" : "\(age.ageText) ago", isAlive ? .green : .red),
                Table.Cell(Instant(member.startedAt).duration(to: Instant(member.at)).ageText),
                Table.Cell(member.version), Table.Cell(member.roles.joined(separator: ",")),
                Table.Cell(String(member.lanes.count)), Table.Cell(member.admin ?? "-"),
            ])
        }
        return (table, gone > 0 ? ["\(gone) workers have been silent for more than an hour"] : [])
    }

    package var json: JSON {
        let (text, isWell) = verdict
        return .object([
            .init("at", .string(Timestamp(now).description)), .init("well", .bool(isWell)),
            .init("verdict", .string(text)),
            .init(
                "members",
                .array(
                    members.map { member in
                        let told = (try? JSON(parsing: member.encoded()))?.members ?? []
                        return .object(
                            told.filter { $0.key != "kind" && $0.key != "lanes" } + [
                                .init("alive", .bool(member.isAlive(at: now))),
                                .init("lanes", .integer(Int64(member.lanes.count))),
                            ]
                        )
                    }
                )
            ),
            .init("lanes", .array(lanes.map(\.json))),
            .init("jobs", .array(jobs.compactMap { try? JSON(parsing: $0.encoded()) })),
            .init(
                "intake",
                .object([.init("commandsLeft", .integer(commands)), .init("importsLeft", .integer(imports))])
            ),
        ])
    }
}
