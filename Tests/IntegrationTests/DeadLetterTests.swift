import KafkaClient
import Messages
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Scenarios {
    @Suite struct DeadLetterTests {
        /// What the provider has against some of the commands.
        struct Trouble: Sendable {
            var status: Int
            var disposition: Disposition
            var commands: [SampleCommand]

            /// A conversation each; all share a piece of the id, which the fault goes by.
            init(_ status: Int, _ disposition: Disposition, _ numbers: ClosedRange<Int>, _ lane: SampleCommand.Lane) {
                self.status = status
                self.disposition = disposition
                commands = SampleCommand.series(numbers, entities: numbers.count, lanes: [lane])
            }

            var fault: String {
                let piece = commands.first?.target.split(separator: "-")[3] ?? ""
                return #"{"provider":"hatif","action":"status","status":\#(status),"pathContains":"-\#(piece)-"}"#
            }
        }

        @Test
        func `after a provider is healed exactly the letters that were meant are replayed, at their rate, once`()
            async throws
        {
            let provider = Plan.Provider(
                name: "hatif",
                accounts: ["main"],
                concurrency: 32,
                extra: ["breaker: { minimumCalls: 10000 }"]
            )
            let plan = Plan(
                provider,
                extra: [
                    "retry: { maxAttempts: 2, base: 10ms, cap: 20ms }", "deadLetterBudget: { enabled: false }",
                ]
            )
            try await Installation.run(plan) { installation in
                let lane = plan.lanes[0]
                let refused = Trouble(400, .refused, 1...1_500, lane)
                let missing = Trouble(404, .notFound, 1_501...3_000, lane)
                let failed = Trouble(500, .exhausted, 3_001...5_000, lane)
                let troubles = [refused, missing, failed]
                for trouble in troubles { try await installation.simulation.fault(trouble.fault) }
                _ = try installation.startWorker()
                try await installation.send(troubles.flatMap(\.commands))
                try await installation.outcomes.wait { $0.deadLetters.count >= 5_000 }

                let causes = try await Self.dlq(installation, "plan")["causes"]?.elements ?? []
                #expect(causes.count == 3)
                for trouble in troubles {
                    let cause = causes.first { $0.number("status") == trouble.status }
                    #expect(cause?.number("count") == trouble.commands.count)
                    #expect(cause?["provider"] == .string("hatif"))
                    #expect(cause?["disposition"] == .string(trouble.disposition.rawValue))
                    #expect(cause?["reason"]?.text?.isEmpty == false)
                }

                try await installation.simulation.endFaults()
                // Newer work of one of the conversations, which its replay must not undo.
                let newer = SampleCommand(number: 9_001, lane: lane, target: failed.commands[0].target)
                try await installation.send([newer])
                try await installation.outcomes.wait { $0.outcomes[OutcomeLog.Key(newer)] != nil }

                let order = ["replay", "--status", "500", "--rate", "\(Self.rate)", "--name", "healed"]
                let killed = try Self.start(installation, order)
                try await installation.outcomes.wait {
                    Self.replayed(failed, in: $0).count >= failed.commands.count / 3
                }
                killed.signal(SIGKILL)
                #expect(try await killed.exit() == .signal(SIGKILL))
                let report = try await Self.dlq(installation, order)
                #expect(report["resumed"] == .bool(true))
                #expect(report["complete"] == .bool(true))
                #expect(report.number("replayed") < failed.commands.count)
                let again = try await Self.dlq(installation, order)
                #expect(again.number("replayed") == 0)

                try await installation.outcomes.wait { Self.replayed(failed, in: $0).count >= failed.commands.count }
                try await installation.stopWorkers()
                try await installation.bulkhead("audit")
                try await Self.expectEachOnce(installation, troubles, replayed: failed, newer)
            }
        }

        private static let rate = 400

        private static func start(_ installation: Installation, _ arguments: [String]) throws -> Program {
            try installation.workspace.start("dlq", Tools.bulkhead, ["dlq"] + arguments + ["--json"])
        }

        private static func dlq(_ installation: Installation, _ arguments: String...) async throws -> JSON {
            try await dlq(installation, arguments)
        }

        /// Runs a command that has to succeed.
        private static func dlq(_ installation: Installation, _ arguments: [String]) async throws -> JSON {
            let program = try start(installation, arguments)
            let exit = try await program.exit()
            #expect(exit == .code(0), "\(program.summary)")
            return try JSON(parsing: Array(program.output.state.lines.joined().utf8))
        }

        /// Outcomes of first replays.
        private static func replayed(_ trouble: Trouble, in state: OutcomeLog.State) -> [[Outcome]] {
            trouble.commands.compactMap { command in
                state.outcomes[OutcomeLog.Key(source: SampleCommand.source, id: command.id, replay: 1)]
            }
        }

        private static func expectEachOnce(
            _ installation: Installation,
            _ troubles: [Trouble],
            replayed failed: Trouble,
            _ newer: SampleCommand
        ) async throws {
            let state = installation.outcomes.state
            #expect(state.gaps.isEmpty)
            #expect(state.deadLetters.count == 5_000)
            for trouble in troubles {
                for command in trouble.commands {
                    let first = state.outcomes[OutcomeLog.Key(command)]?.map(\.disposition)
                    #expect(first == [trouble.disposition], "\(command.id)")
                }
            }
            #expect(state.outcomes.keys.count { $0.replay > 0 } == failed.commands.count)
            let ends = replayed(failed, in: state)
            #expect(ends.allSatisfy { $0.count == 1 })
            #expect(ends.first?.map(\.disposition) == [.stale])
            #expect(ends.dropFirst().allSatisfy { $0.map(\.disposition) == [.applied] })
            let changes = try await installation.simulation.changes().compactMap(\.command)
            #expect(changes.sorted() == failed.commands.dropFirst().map(\.number) + [newer.number])

            var times: [Int64] = []
            try await TopicScan.read(installation.kafka, logger: .silent, topics: ["bulkhead.commands"]) { records in
                for record in records where DeadLetter.replays(of: record.headers) > 0 {
                    times.append(record.timestamp)
                }
                return true
            }
            #expect(times.count == failed.commands.count)
            times.sort()
            // A late timer is made up for, so a second may hold a few more.
            let most = rate + rate / 10
            #expect(zip(times, times.dropFirst(most)).allSatisfy { $1 - $0 >= 1_000 })
        }

        @Test
        func `one card of an import is found by its number, replayed alone and applied`() async throws {
            let provider = Plan.Provider(
                name: "hatif",
                accounts: ["main"],
                extra: ["import: { reconcileDelay: 0s }"]
            )
            let plan = Plan(provider)
            try await Installation.run(plan) { installation in
                let fault = #"{"provider":"hatif","action":"status","status":400,"pathContains":"/import"}"#
                try await installation.simulation.fault(fault)
                _ = try installation.startWorker()
                let cards = (1...3).map { number in
                    #"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Card \#(number)\r\nTEL:+96650000000\#(number)\r\nEND:VCARD\r\n"#
                }
                let command = """
                    {"specversion":"1.0","type":"bulkhead.contacts.import.v1","source":"\(SampleCommand.source)",\
                    "id":"i-1","data":{"provider":"hatif","account":"main","vcards":"\(cards.joined())"}}
                    """
                #expect(try await installation.startSending(command + "\n").exit() == .code(0))
                try await installation.outcomes.wait { $0.deadLetters.count >= 3 }
                try await installation.simulation.endFaults()

                let story = try await Self.dlq(installation, "show", "i-1/2")
                #expect(story["command"]?["id"] == .string("i-1/2"))
                #expect(story.number("card") == 2)
                #expect(story["asked"]?.text?.hasPrefix("import card 2 of i-1, which begins in line 6,") == true)
                let report = try await Self.dlq(installation, "replay", "--id", "i-1/2")
                #expect(report.number("replayed") == 1)

                let key = OutcomeLog.Key(source: SampleCommand.source, id: "i-1/2", replay: 1)
                try await installation.outcomes.wait { $0.outcomes[key] != nil }
                try await installation.stopWorkers()
                try await installation.bulkhead("audit")
                let outcomes = installation.outcomes.state.outcomes
                #expect(outcomes[key]?.map(\.disposition) == [.applied])
                #expect(outcomes[key]?.first?.importMember?.card == 2)
                #expect(outcomes[key]?.first?.importMember?.line == 6)
                #expect(outcomes.keys.filter { $0.replay > 0 } == [key])
                for number in 1...3 {
                    let first = OutcomeLog.Key(source: SampleCommand.source, id: "i-1/\(number)")
                    #expect(outcomes[first]?.map(\.disposition) == [.refused])
                }
                #expect(installation.outcomes.state.deadLetters.count == 3)
            }
        }
    }
}
