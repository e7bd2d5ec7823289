package import KafkaClient
package import Messages

/// Compares commands with outcomes and dead letters: what is missing, what is there twice, what nobody asked for.
///
/// Works on hashes, about 100 bytes a command.
package struct Audit: Sendable {
    package struct Report: Hashable, Sendable {
        /// Different commands, a replay counting as one of its own.
        package var commands = 0
        /// Records that repeat a command.
        package var repeats = 0
        package var outcomes = 0
        package var deadLetters = 0
        package var byDisposition: [Disposition: Int] = [:]
        package var withoutOutcome: [String] = []
        package var withSeveralOutcomes: [String] = []
        package var withoutCommand: [String] = []
        /// Failures that should have a dead letter and have none.
        package var withoutDeadLetter: [String] = []

        package var isConsistent: Bool {
            withoutOutcome.isEmpty && withSeveralOutcomes.isEmpty && withoutCommand.isEmpty && withoutDeadLetter.isEmpty
        }
    }

    private struct Entry {
        var name: String
        /// The command, whichever run of it.
        var command: UInt128
        var isReplay: Bool
        var records = 0
        var outcomes = 0
        var needsLetter = false
        var letters = 0

        init(_ command: CommandReference, _ replay: Int) {
            name = command.id
            self.command = ReplayGuard.hash(command)
            isReplay = replay > 0
        }
    }

    private var entries: [UInt128: Entry] = [:]
    private var succeeded: Set<UInt128> = []
    private var report = Report()

    package init() {}

    /// Takes in a record of a command topic.
    package mutating func add(command record: KafkaRecord) {
        let replay = DeadLetter.replays(of: record.headers)
        let name = Self.name(of: record)
        // What a replayed import comes to is told by its cards.
        guard name.firstCard == nil || replay == 0 else { return }
        let reference = CommandReference(id: name.id, source: name.source)
        entries[Self.hash(reference, replay), default: Entry(reference, replay)].records += 1
    }

    /// Takes in a record of an outcome topic; what is no outcome of a command is passed over.
    package mutating func add(outcome record: KafkaRecord) {
        guard let value = record.value else { return }
        guard let outcome = try? Outcome(decoding: value) else {
            // The end of an import or a campaign is what its command comes to.
            let campaign = try? CampaignCompleted(decoding: value)
            guard let command = campaign?.command ?? (try? ImportCompleted(decoding: value))?.command else { return }
            // Nobody sends a start command for an undo: its members are the commands.
            if let campaign, CampaignUndo.isUndo(campaign.campaign), entries[Self.hash(command, 0)] == nil { return }
            entries[Self.hash(command, 0), default: Entry(command, 0)].outcomes += 1
            return
        }
        // Members of campaigns and imports have outcomes of their own and no record in the command topics.
        let isMember = outcome.importMember != nil || outcome.campaign != nil
        let hash = Self.hash(outcome.command, outcome.replay)
        let fresh = Entry(outcome.command, outcome.replay)
        if isMember, entries[hash] == nil { entries[hash, default: fresh].records = 1 }
        entries[hash, default: fresh].outcomes += 1
        if outcome.disposition.topic == .results { succeeded.insert(fresh.command) }
        if outcome.disposition.isDeadLettered { entries[hash]?.needsLetter = true }
        report.outcomes += 1
        report.byDisposition[outcome.disposition, default: 0] += 1
    }

    package mutating func add(deadLetter record: KafkaRecord) {
        report.deadLetters += 1
        guard let letter = DeadLetter(record.headers) else { return }
        let original = KafkaRecord(
            topic: letter.origin.topic,
            partition: letter.origin.partition,
            offset: letter.origin.offset,
            timestamp: letter.origin.timestamp,
            key: record.key,
            value: record.value,
            headers: record.headers
        )
        let name = Self.name(of: original)
        let whole = CommandReference(id: name.id, source: name.source)
        if let card = name.firstCard {
            let hash = Self.hash(CommandReference(id: "\(name.id)/\(card)", source: name.source), letter.replays)
            if entries[hash]?.needsLetter ?? false {
                entries[hash]?.letters += 1
                return
            }
        }
        entries[Self.hash(whole, letter.replays)]?.letters += 1
    }

    package func finished() -> Report {
        var report = report
        for entry in entries.values {
            if entry.isReplay, entry.outcomes == 0, succeeded.contains(entry.command) {
                // Another run of it has succeeded, so a replay is dropped without an outcome.
                report.repeats += entry.records
                continue
            }
            if entry.records > 0 { report.commands += 1 }
            report.repeats += max(0, entry.records - 1)
            switch (entry.records, entry.outcomes) {
            case (0, _): report.withoutCommand.append(entry.name)
            case (_, 0): report.withoutOutcome.append(entry.name)
            case (_, 1): break
            default: report.withSeveralOutcomes.append(entry.name)
            }
            if entry.needsLetter, entry.letters == 0 { report.withoutDeadLetter.append(entry.name) }
        }
        report.withoutOutcome.sort()
        report.withSeveralOutcomes.sort()
        report.withoutCommand.sort()
        report.withoutDeadLetter.sort()
        return report
    }

    private static func hash(_ command: CommandReference, _ replay: Int) -> UInt128 {
        Hash128(source: command.source ?? "", id: command.id, replay: replay).value
    }

    /// How the outcome of a record names its command; of an import also its first card.
    private static func name(of record: KafkaRecord) -> (source: String?, id: String, firstCard: Int?) {
        do throws(Rejection) {
            let message = try InboundMessage.decode(
                value: record.value,
                headers: record.headers,
                recordTimestamp: record.timestamp
            )
            guard case .contactsImport(let command) = message else {
                return (message.event.source, message.event.id, nil)
            }
            return (command.source, command.id, command.part.firstCard)
        } catch {
            return (error.salvaged.source, error.salvaged.id ?? record.place.name, nil)
        }
    }
}
