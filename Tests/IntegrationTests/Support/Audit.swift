import Messages
import Testing

/// Holds what happened against what was promised.
struct Audit {
    let installation: Installation
    let commands: [SampleCommand]

    init(_ installation: Installation, _ commands: [SampleCommand]) {
        self.installation = installation
        self.commands = commands
    }

    /// Exactly one outcome each, none lost, none foreign, all of them successes.
    ///
    /// - Parameter repeats: how many commands may have their outcome twice.
    func expectOneOutcomeEach(repeats: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) {
        let state = installation.outcomes.state
        let wanted = Set(commands.map(OutcomeLog.Key.init))
        let lost = wanted.subtracting(state.outcomes.keys)
        let foreign = Set(state.outcomes.keys).subtracting(wanted)
        let doubled = state.outcomes.filter { $0.value.count > 1 }.map { key, outcomes in
            "\(key.id): " + outcomes.map { "\($0.disposition) at \($0.times.finished)" }.joined(separator: ", ")
        }
        let failed = state.outcomes.values.joined().filter { $0.disposition.topic == .failures }
        #expect(lost.isEmpty, "lost: \(sample(lost.map(\.id)))", sourceLocation: sourceLocation)
        #expect(foreign.isEmpty, "foreign: \(sample(foreign.map(\.id)))", sourceLocation: sourceLocation)
        #expect(doubled.count <= repeats, "doubled: \(sample(doubled))", sourceLocation: sourceLocation)
        #expect(
            failed.isEmpty,
            "failed: \(sample(failed.map { "\($0.command.id) \($0.disposition)" }))",
            sourceLocation: sourceLocation
        )
        #expect(state.gaps.isEmpty, sourceLocation: sourceLocation)
        #expect(state.unreadable == 0, sourceLocation: sourceLocation)
    }

    /// Each conversation was changed by its commands in their order; a command may come again before the next one.
    ///
    /// - Parameter late: how many changes may come again after later ones.
    /// - Returns: how many changes were repeats.
    func expectOrder(late: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int {
        var wanted: [String: [Int]] = [:]
        for command in commands {
            let entity = "\(command.lane.provider)/\(Plan.credential(command.lane))/\(command.targetName)"
            wanted[entity, default: []].append(command.number)
        }
        var found: [String: [Int]] = [:]
        var repeats = 0
        var latecomers: [String] = []
        for change in try await installation.simulation.changes() {
            let number = change.command ?? 0
            if found[change.entity]?.last == number {
                repeats += 1
            } else if found[change.entity]?.contains(number) == true {
                latecomers.append("\(change.entity): \(number) after \(found[change.entity] ?? [])")
            } else {
                found[change.entity, default: []].append(number)
            }
        }
        let wrong = wanted.filter { found[$0.key] != $0.value }.map { entity, numbers in
            "\(entity): sent \(numbers), arrived \(found[entity] ?? [])"
        }
        let foreign = Set(found.keys).subtracting(wanted.keys)
        #expect(wrong.isEmpty, "out of order: \(sample(wrong))", sourceLocation: sourceLocation)
        #expect(latecomers.count <= late, "too late: \(sample(latecomers))", sourceLocation: sourceLocation)
        #expect(foreign.isEmpty, "foreign: \(sample(foreign))", sourceLocation: sourceLocation)
        return repeats + latecomers.count
    }

    /// The longest time in which no command was finished, from the first outcome to the last.
    func longestSilence() -> Duration {
        let ends = installation.outcomes.state.outcomes.values.joined().map(\.times.finished.nanoseconds).sorted()
        return .nanoseconds(zip(ends.dropFirst(), ends).map { $0 - $1 }.max() ?? 0)
    }

    /// No limit was exceeded, and none was run into.
    ///
    /// - Parameter late: how many calls may have come too late for their windows.
    func expectLimitsKept(late: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let stats = try await installation.simulation.stats()
        #expect(stats.violations <= late, sourceLocation: sourceLocation)
        #expect(stats.throttled <= late, sourceLocation: sourceLocation)
    }

    /// Every account of a provider that has one limit used at least a share of it, from the second window on.
    ///
    /// The short form shares the machine with other scenarios and stands still with it for seconds now and then: it only sees
    /// that nothing stands idle, and what the limit is worth is for the long form to say, on a machine that is quiet.
    ///
    /// - Parameter windows: how many windows there was work enough for; the last of them is not looked at.
    func expectUse(
        of provider: Plan.Provider,
        atLeast share: Double = Tools.isLong ? 0.99 : 0.4,
        windows: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let uses = try await installation.simulation.uses(of: provider.name)
        #expect(uses.count == provider.accounts.count, sourceLocation: sourceLocation)
        for use in uses {
            let whole = use.windows.prefix(windows - 1).dropFirst()
            let used = Double(whole.reduce(0, +)) / Double(max(1, whole.count) * provider.requests)
            Tools.tell("\(provider.name)/\(use.account): use \(used), peak \(use.peak), windows \(use.windows)")
            #expect(used >= share, "\(provider.name)/\(use.account): \(use.windows)", sourceLocation: sourceLocation)
            #expect(use.peak <= provider.requests, "\(provider.name)/\(use.account)", sourceLocation: sourceLocation)
        }
    }

    private func sample(_ items: some Collection<String>) -> String {
        "\(items.count), as \(items.sorted().prefix(5).joined(separator: "; "))"
    }
}

extension Installation {
    /// Waits until every command has its outcome and every offset is committed, and stops the workers.
    func finish(_ commands: [SampleCommand]) async throws -> Audit {
        try await outcomes.wait(for: commands.count)
        try await waitUntilCommitted()
        try await stopWorkers()
        return Audit(self, commands)
    }
}
