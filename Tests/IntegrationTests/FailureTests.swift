import KafkaClient
import Messages
import Testing

extension TakeoverScenarios {
    @Suite struct FailureTests {
        /// What a provider does to one command, and what has to become of it.
        struct Failure: Sendable {
            var name: String
            var provider: String
            /// The rule's members besides provider and entity.
            var rule: String
            var disposition: Disposition
            var attempts: Int
            var deferrals: ClosedRange<Int>
            /// How often the change took effect.
            var changes: Int

            init(
                _ name: String,
                _ rule: String,
                _ disposition: Disposition,
                provider: String = "hatif",
                attempts: Int = 1,
                deferrals: ClosedRange<Int> = 0...0,
                changes: Int? = nil
            ) {
                self.name = name
                self.provider = provider
                self.rule = rule
                self.disposition = disposition
                self.attempts = attempts
                self.deferrals = deferrals
                self.changes = changes ?? (disposition.topic == .results ? 1 : 0)
            }

            static let all = [
                Failure("nothing", #""action":"delay","ms":1"#, .applied),
                Failure("400", status(400, #"{"error":{"code":"Voxa:1","message":"no such agent"}}"#), .refused),
                Failure("403 by a rule", status(403, #"{"error":{"code":"Voxa:2","message":"not open"}}"#), .refused),
                Failure("403 without a word", status(403, ""), .unauthorized),
                Failure("404", status(404, ""), .notFound),
                Failure("409", status(409, ""), .refused),
                Failure("422", status(422, ""), .refused),
                Failure(
                    "429 with a delay",
                    #""action":"throttle429","retryAfter":1,"times":1"#,
                    .applied,
                    deferrals: 1...2
                ),
                Failure("429 without a delay", #""action":"throttle429","times":1"#, .applied, deferrals: 1...2),
                Failure("500 once", #""action":"status","status":500,"times":1"#, .applied, attempts: 2),
                Failure("503 twice", #""action":"status","status":503,"times":2"#, .applied, attempts: 3),
                Failure("500 for ever", #""action":"status","status":500"#, .exhausted, attempts: 3),
                Failure("reset before", #""action":"reset","times":1"#, .applied, attempts: 2),
                Failure("reset for ever", #""action":"reset","method":"POST""#, .exhausted, attempts: 3),
                Failure("answer lost", #""action":"lostAnswer","times":1"#, .reconciled, attempts: 2),
                Failure("answer too late", #""action":"delay","ms":30000,"times":1"#, .reconciled, attempts: 2),
                Failure("no answer", #""action":"hang","times":1"#, .applied, attempts: 2),
                Failure(
                    "449 twice",
                    #""action":"queued449","times":2"#,
                    .applied,
                    provider: "aelyst",
                    deferrals: 2...2
                ),
                Failure("aelyst: 404", status(404, #"{"message":"Contact not found"}"#), .notFound, provider: "aelyst"),
                Failure("aelyst: 400", status(400, #"{"message":"bad"}"#), .refused, provider: "aelyst"),
                Failure(
                    "aelyst: answer lost",
                    #""action":"lostAnswer","times":1"#,
                    .reconciled,
                    provider: "aelyst",
                    attempts: 2
                ),
                Failure("convor: 404", status(404, ""), .notFound, provider: "convor"),
                Failure("convor: reset", #""action":"reset","times":1"#, .applied, provider: "convor", attempts: 2),
                Failure(
                    "convor: answer lost",
                    #""action":"lostAnswer","times":1"#,
                    .applied,
                    provider: "convor",
                    attempts: 2,
                    changes: 2
                ),
            ]

            private static func status(_ status: Int, _ body: String) -> String {
                let body = body.replacing("\"", with: "\\\"")
                return #""action":"status","status":\#(status),"body":"\#(body)""#
            }
        }

        static let plan = Plan(
            provider("hatif"),
            provider("aelyst"),
            provider("convor"),
            extra: ["retry: { maxAttempts: 3, base: 20ms, cap: 50ms }", "queued: { base: 1s, cap: 1s }"]
        )

        private static func provider(_ name: String) -> Plan.Provider {
            // What one command meets must not close the account for the others.
            Plan.Provider(
                name: name,
                accounts: ["main"],
                timeout: "1500ms",
                extra: ["breaker: { minimumCalls: 10000 }"]
            )
        }

        @Test
        func `what providers answer decides what becomes of a command`() async throws {
            try await Installation.run(Self.plan) { installation in
                var commands: [SampleCommand] = []
                for (index, failure) in Failure.all.enumerated() {
                    let lane = SampleCommand.Lane(provider: failure.provider, account: "main")
                    let command = SampleCommand.series(index + 1...index + 1, entities: 1, lanes: [lane])[0]
                    commands.append(SampleCommand(number: command.number, lane: lane, target: command.target))
                    try await installation.simulation.fault(
                        #"{"provider":"\#(failure.provider)","entity":"\#(command.targetName)",\#(failure.rule)}"#
                    )
                }
                _ = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: commands.count)
                try await installation.stopWorkers()

                let state = installation.outcomes.state
                let changes = try await installation.simulation.changes()
                for (failure, command) in zip(Failure.all, commands) {
                    let outcomes = state.outcomes[OutcomeLog.Key(command)] ?? []
                    #expect(outcomes.map(\.disposition) == [failure.disposition], "\(failure.name)")
                    #expect(outcomes.first?.attempts == failure.attempts, "\(failure.name)")
                    #expect(outcomes.first.map { failure.deferrals.contains($0.deferrals) } ?? false, "\(failure.name)")
                    #expect(changes.count { $0.command == command.number } == failure.changes, "\(failure.name)")
                    let letters = state.deadLetters.filter { $0.value == Array(command.json.utf8) }
                    #expect(letters.count == (failure.disposition.isDeadLettered ? 1 : 0), "\(failure.name)")
                    let letter = letters.first.flatMap { DeadLetter($0.headers) }
                    #expect(letter.map(\.disposition) ?? failure.disposition == failure.disposition, "\(failure.name)")
                }
                #expect(state.outcomes.count == commands.count)
                try await Self.expectNoSecrets(installation)
            }
        }

        @Test
        func `tokens that end cost one refresh and no command`() async throws {
            let plan = Plan(Plan.Provider(name: "hatif", accounts: ["main"], requests: 100, latencyMilliseconds: 30))
            try await Installation.run(plan) { installation in
                let commands = SampleCommand.series(1...400, entities: 100, lanes: plan.lanes)
                _ = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: 100)
                #expect(try await installation.simulation.stats().tokensIssued == 1)
                try await installation.simulation.expireTokens()
                try await installation.outcomes.wait(for: commands.count)
                try await installation.stopWorkers()

                let audit = Audit(installation, commands)
                audit.expectOneOutcomeEach()
                #expect(try await audit.expectOrder() == 0)
                try await audit.expectLimitsKept()
                #expect(try await installation.simulation.stats().tokensIssued == 2)
                let refused = try await installation.simulation.calls().count { $0.status == 401 }
                #expect((1...8).contains(refused))
                try await Self.expectNoSecrets(installation)
            }
        }

        @Test
        func `credentials that are refused hold their account's work and no other`() async throws {
            let plan = Plan(
                Plan.Provider(
                    name: "aelyst",
                    accounts: ["locked", "open"],
                    extra: ["breaker: { pause: 200ms, longestPause: 400ms }"]
                )
            )
            try await Installation.run(plan) { installation in
                let locked = plan.lanes[0]
                try await installation.simulation.fault(
                    #"{"provider":"aelyst","account":"\#(Plan.credential(locked))","action":"status","status":401,"times":4}"#
                )
                let commands = SampleCommand.series(1...40, entities: 20, lanes: plan.lanes)
                _ = try installation.startWorker()
                try await installation.send(commands)
                try await installation.outcomes.wait(for: commands.count)
                try await installation.stopWorkers()

                let audit = Audit(installation, commands)
                audit.expectOneOutcomeEach()
                #expect(try await audit.expectOrder() == 0)
                #expect(try await installation.simulation.calls().count { $0.status == 401 } == 4)
                try await Self.expectNoSecrets(installation)
            }
        }

        /// Secrets and tokens stand in no log line and in no record but the workers' own memory.
        private static func expectNoSecrets(_ installation: Installation) async throws {
            let secrets = installation.plan.secrets
            let leaks = installation.workerLogs.filter { line in secrets.contains { line.contains($0) } }
            #expect(leaks == [])
            #expect(installation.workerLogs.count > 1)
            var records = 0
            try await TopicScan.read(installation.kafka, logger: .silent, topics: installation.plan.topics) { batch in
                for record in batch {
                    records += 1
                    let bytes = (record.key ?? []) + (record.value ?? []) + record.headers.flatMap { $0.value ?? [] }
                    let text = String(decoding: bytes, as: UTF8.self)
                    #expect(!secrets.contains { text.contains($0) }, "\(record.topic)")
                }
                return true
            }
            #expect(records > 0)
        }
    }
}
