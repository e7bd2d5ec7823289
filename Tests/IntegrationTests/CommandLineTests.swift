import Messages
import Testing

extension Scenarios {
    @Suite struct CommandLineTests {
        @Test(arguments: [["config", "check"], ["run"], ["send", "commands.jsonl"]])
        func `wrong settings are all told at once with line and key`(command: [String]) async throws {
            let workspace = try Workspace()
            defer { workspace.remove() }
            let file = try workspace.write(
                "wrong.yaml",
                """
                prefix: "a b"
                retry: { maxAttempts: many }
                lanes:
                  bulkShare: 1.5
                  bulkShares: 0.1
                providers:
                  hatif:
                    baseURL: ftp://example.com
                    concurrency: 0
                    limits: [{ per: 1s }]
                    accounts:
                      main: { clientID: abc }
                  nobody:
                    accounts: { main: { token: hush-1 } }
                  aelyst:
                    accounts: { main: { token: "${BULKHEAD_TEST_TOKEN_THAT_IS_NOT_SET}" } }
                """
            )
            _ = try workspace.write("commands.jsonl", "{}\n")
            let arguments = command + ["--config", file]
            let program = try workspace.start("wrong", Tools.bulkhead, arguments)

            #expect(try await program.exit() == .code(2))
            #expect(program.output.state.lines == [])
            let lines = program.errors.state.lines
            for (line, key) in [
                (1, "prefix"), (2, "retry.maxAttempts"), (4, "lanes.bulkShare"), (5, "lanes.bulkShares"),
                (8, "providers.hatif.baseURL"), (9, "providers.hatif.concurrency"),
                (10, "providers.hatif.limits[0].requests"), (12, "providers.hatif.accounts.main.clientSecret"),
                (13, "providers.nobody.kind"), (16, "providers.aelyst.accounts.main.token"),
            ] {
                #expect(
                    lines.contains { $0.contains("wrong.yaml:\(line):") && $0.contains(": \(key): ") },
                    "\(key) in line \(line) among \(lines)"
                )
            }
            #expect(lines.count == 10, "\(lines)")
            #expect(!lines.contains { $0.contains("hush-1") })
        }

        @Test(arguments: [
            ("log: { level: error }", "`providers`"),
            (
                "kafka: { no.such.property: 1 }\nproviders: { convor: { kind: convor, baseURL: \"http://[::1]:1\", accounts: { main: { token: t } } } }",
                "no.such.property"
            ),
        ])
        func `a worker that cannot begin says why`(settings: String, reason: String) async throws {
            let workspace = try Workspace()
            defer { workspace.remove() }
            let program = try workspace.bulkhead("run", "--config", try workspace.write("nothing.yaml", settings))

            guard case .code(let code) = try await program.exit() else {
                Issue.record("it was ended by a signal: \(program.errors.state.lines)")
                return
            }
            #expect(code == 1 || code == 2)
            #expect(program.errors.state.lines.contains { $0.contains(reason) }, "\(program.errors.state.lines)")
        }

        @Test(arguments: [
            ("page.html", "<html><body>502</body></html>", "not_a_vcard"), ("cards.zip", "PK\u{3}\u{4}", "not_a_vcard"),
            ("cards.json", "{}", "not_a_vcard"), ("empty.vcf", "", "no_cards"),
        ])
        func `a file without cards is a failure that says why`(name: String, text: String, code: String) async throws {
            let workspace = try Workspace()
            defer { workspace.remove() }
            let file = try workspace.write(name, text)
            let check = try workspace.bulkhead("vcard", "check", file)
            #expect(try await check.exit() == .code(1))
            #expect(check.output.state.lines.last?.contains("0 accepted") == true)
            #expect(check.output.state.lines.last?.hasSuffix("failed: \(code)") == true)
            let settings = try workspace.write("bulkhead.yaml", "kafka: { bootstrap.servers: localhost:1 }\n")
            let rehearsal = try workspace.bulkhead(
                "import",
                file,
                "--provider",
                "hatif",
                "--dry-run",
                "--config",
                settings
            )
            #expect(try await rehearsal.exit() == .code(1))
            #expect(rehearsal.output.state.lines.contains { $0.hasSuffix("failed: \(code)") })
        }

        @Test
        func `the demo answers every sample command and exceeds no limit`() async throws {
            let workspace = try Workspace()
            defer { workspace.remove() }
            let demo = try workspace.bulkhead("demo", "--json")

            #expect(try await demo.exit() == .code(0))
            let report = try JSON(parsing: Array(demo.output.state.lines.joined().utf8))
            #expect(report.number("commands") >= 300)
            #expect(report.number("throttled") == 0)
            #expect(report.number("violations") == 0)
            #expect(report.number("calls") > 0)
            let topics = report["outcomes"]?.members ?? []
            #expect(topics.map(\.key) == ["results", "failures"])
            let counts = topics.flatMap { $0.value.members ?? [] }.map { Int($0.value.integerValue ?? 0) }
            #expect(report.number("cards") >= 100)
            #expect(counts.reduce(0, +) == report.number("commands") + report.number("cards"))
            #expect(demo.errors.state.lines == [])
        }

        @Test
        func `the demo takes a file of commands`() async throws {
            let workspace = try Workspace()
            defer { workspace.remove() }
            let lane = SampleCommand.Lane(provider: "hatif", account: "main")
            let commands = SampleCommand.series(1...5, entities: 2, lanes: [lane])
            let file = try workspace.write("mine.jsonl", commands.lines + "\nthis is not JSON\n")
            let demo = try workspace.bulkhead("demo", "--commands", file, "--json")

            #expect(try await demo.exit() == .code(0))
            let report = try JSON(parsing: Array(demo.output.state.lines.joined().utf8))
            #expect(report.number("commands") == 6)
            #expect(report.number("cards") == 0)
            #expect(report["outcomes"]?["results"]?.number("applied") == 5)
            #expect(report["outcomes"]?["failures"]?.number("rejected") == 1)
        }

        @Test
        func `the demo takes a file of cards`() async throws {
            let workspace = try Workspace()
            defer { workspace.remove() }
            let cards = (1...3).map { "BEGIN:VCARD\nVERSION:3.0\nFN:C\($0)\nTEL:+96650000000\($0)\nEND:VCARD\n" }
            let file = try workspace.write("mine.vcf", cards.joined() + "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n")
            let demo = try workspace.bulkhead("demo", "--vcards", file, "--json")

            #expect(try await demo.exit() == .code(0))
            let report = try JSON(parsing: Array(demo.output.state.lines.joined().utf8))
            #expect(report.number("commands") == 0)
            // For Hatif and for Aelyst.
            #expect(report.number("cards") == 8)
            #expect(report["outcomes"]?["results"]?.number("applied") == 6)
            #expect(report["outcomes"]?["failures"]?.number("rejected") == 2)
        }

        @Test
        func `send waits for each outcome and says with its exit code that some failed`() async throws {
            let plan = Plan(Plan.Provider(name: "hatif", accounts: ["main"]))
            try await Installation.run(plan) { installation in
                _ = try installation.startWorker()
                let good = SampleCommand.series(1...3, entities: 3, lanes: plan.lanes)
                let sending = try installation.startSending(good.lines, "--wait", "--json")
                #expect(try await sending.exit() == .code(0))
                let printed = try sending.output.state.lines.map { try Outcome(decoding: Array($0.utf8)) }
                #expect(Set(printed.map(\.command.id)) == Set(good.map(\.id)))
                #expect(printed.count == 3)

                let mixed = try installation.startSending("this is not JSON\n", "--wait", "--json")
                #expect(try await mixed.exit() == .code(3))
                #expect(mixed.output.state.lines.count == 1)
            }
        }
    }
}
