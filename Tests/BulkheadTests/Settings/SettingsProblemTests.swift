import Bulkhead
import Testing

struct SettingsProblemTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var yaml: String
        var problems: [String]
        var testDescription: String { yaml }

        init(_ yaml: String, _ problems: String...) {
            self.yaml = yaml
            self.problems = problems
        }
    }

    @Test(arguments: [
        Case("lanes: { bulkShare: 1.5 }", #"bulkhead.yaml:1:21: lanes.bulkShare: found "1.5", allowed 0 to 0.9"#),
        Case("lanes:\n  bulkShare: nan", #"bulkhead.yaml:2:14: lanes.bulkShare: found "nan", allowed 0 to 0.9"#),
        Case("redact: yes", #"bulkhead.yaml:1:9: redact: found "yes", allowed true or false"#),
        Case("redact:", #"bulkhead.yaml:1:1: redact: found nothing, allowed true or false"#),
        Case("redact: [true]", #"bulkhead.yaml:1:1: redact: found a list, allowed true or false"#),
        Case("retry: { maxAttempts: 3O }", #"bulkhead.yaml:1:23: retry.maxAttempts: found "3O", allowed 1 to 100"#),
        Case("retry: 8", #"bulkhead.yaml:1:8: retry: found text, allowed keys"#),
        Case("log: { level: loud }", #"found "loud", allowed trace, debug, info, notice, warning, error or critical"#),
        Case("retry: { base: 10 }", #"found "10", allowed 10ms to 1h (as 500ms, 30s, 5m, 2h, 7d)"#),
        Case("lanes: { maxBytes: 4 GB }", #"found "4 GB", allowed 1MiB to 1TiB (as 4096, 1MB, 256MiB)"#),
        Case("admin: { listen: 8087 }", #"found "8087", allowed a host and port, as 127.0.0.1:8087 or [::]:8087"#),
        Case("prefix: a/b", #"prefix: found "a/b", allowed 1 to 100 of"#),
        Case("lane: {}", #"bulkhead.yaml:1:1: lane: unknown key, did you mean "lanes"?"#),
        Case("lanes:\n  bulkshare: 0", #"bulkhead.yaml:2:3: lanes.bulkshare: unknown key, did you mean "bulkShare"?"#),
        Case("lanes: { zebra: 1 }", "lanes.zebra: unknown key"),
        Case("providers: { a/b: {} }", "bulkhead.yaml:1:14: providers.a/b: name not allowed, allowed 1 to 64 of"),
        Case("- a\n- b", "bulkhead.yaml:1:1: found a list, allowed keys"),
        Case("retry: { base: 2s, cap: 1s }", "bulkhead.yaml:1:25: retry.cap: 1s is less than retry.base, 2s"),
        Case("retry: { base: 6m }", "bulkhead.yaml:1:16: retry.base: 6m is more than retry.cap, 5m"),
        Case("lanes: { drain: 300s }", "lanes.drain: must be less than kafka's max.poll.interval.ms, 5m"),
        Case("kafka: { group.id: mine }", "kafka.group.id: is Bulkhead's own and cannot be set"),
        Case("kafka: { acks: 1 }", #"kafka.acks: must be "all""#),
        Case("kafka: { partition.assignment.strategy: cooperative-sticky }", #"must stay "range""#),
        Case("kafka: { bootstrap: { servers: a } }", "bulkhead.yaml:1:10: kafka.bootstrap: found keys, allowed text"),
        Case("replay: { allow: [orders, bulkhead.results] }", "replays are never written to bulkhead.results"),
        Case("phone: { countries: { SA: {} } }", "SA.callingCode: missing", "SA.nationalLengths: missing"),
        Case("prefix: ${NOWHERE}", "bulkhead.yaml:1:9: prefix: the environment variable NOWHERE is not set"),
        Case("prefix: ${file:/none}", "prefix: the file /none does not exist"),
        Case("prefix: ${A", #"prefix: "${" without "}""#),
        Case("prefix: ${A-b}", "prefix: a reference is ${NAME}, ${NAME:-default} or ${file:/path}"),
    ])
    func `each mistake is told with its place, what was found and what is allowed`(example: Case) throws {
        let problems = SettingsWorld(example.yaml).problems()

        #expect(problems.count == example.problems.count)
        for (problem, expected) in zip(problems, example.problems) { #expect(problem.contains(expected)) }
    }

    @Test(arguments: [
        Case("kind: hatif", "accounts: at least one"),
        Case("accounts: { a: { token: t } }", "providers.x.kind: missing, allowed hatif, aelyst or convor"),
        Case("{ kind: hatef, accounts: { a: { token: t } } }", #"kind: found "hatef""#),
        Case("{ kind: hatif, accounts: { a: { clientID: i } } }", "a.clientSecret: missing"),
        Case("{ kind: aelyst, accounts: { a: {} } }", "a.token: missing"),
        Case("{ kind: convor, accounts: { a: { token: t } } }", "bulkhead.yaml:2:3: providers.x.baseURL: missing"),
        Case(
            "{ kind: aelyst, assign: { path: '/{id}', field: f }, accounts: { a: { token: t } } }",
            "of the kind convor"
        ),
        Case("{ kind: aelyst, accounts: { a: { token: t, clientID: i } } }", "accounts.a.clientID: only for providers"),
        Case("{ kind: aelyst, baseURL: 'http://x.test', accounts: { a: { token: t } } }", "needs allowInsecure: true"),
        Case("{ kind: aelyst, baseURL: 'ftp://x.test', accounts: { a: { token: t } } }", #"found "ftp://x.test""#),
        Case("{ kind: aelyst, limits: [], accounts: { a: { token: t } } }", "limits: found an empty list"),
        Case("{ kind: aelyst, limits: [ { requests: 5 } ], accounts: { a: { token: t } } }", "limits[0].per: missing"),
        Case(
            "{ kind: aelyst, limits: [ { requests: 5, per: 1s, burst: 6 } ], accounts: { a: { token: t } } }",
            "limits[0].burst: found 6, but not more than requests, 5, may go at once"
        ),
        Case("{ kind: aelyst, accounts: { a: { token: t, partition: 6 } } }", "has partitions 0 to 5"),
        Case("{ kind: aelyst, pageSize: 100, accounts: { a: { token: t } } }", "found 100, aelyst takes 1 to 99"),
        Case(
            "{ kind: convor, baseURL: 'https://c.test', assign: { field: f }, accounts: { a: { token: t } } }",
            "assign.path: missing"
        ),
        Case(
            "{ kind: hatif, tokenLifetime: 2m, renewBefore: 2m, accounts: { a: { clientID: i, clientSecret: s } } }",
            "renewBefore: must be less than tokenLifetime"
        ),
        Case(
            "{ kind: hatif, accounts: { a: { clientID: i, clientSecret: s, contactsClientID: j } } }",
            "contactsClientSecret: missing"
        ),
        Case(
            "{ kind: aelyst, breaker: { pause: 2m }, accounts: { a: { token: t } } }",
            "breaker.pause: 2m is more than"
        ),
        Case("{ kind: aelyst, queued: { cap: 1m }, accounts: { a: { token: t } } }", "queued.cap: 1m is less than"),
    ])
    func `a provider needs what its kind needs`(example: Case) {
        let problems = SettingsWorld("providers:\n  x:\n    \(example.yaml)\n").problems()

        #expect(problems.count == 1)
        for (problem, expected) in zip(problems, example.problems) { #expect(problem.contains(expected)) }
    }

    @Test(arguments: ["http://localhost:8080", "http://127.0.0.1:9", "http://[::1]:9/v1", "https://a.test/v1/"])
    func `http is for this host, https for every other`(url: String) throws {
        let yaml = "providers: { aelyst: { baseURL: '\(url)', accounts: { a: { token: t } } } }"
        #expect(SettingsWorld(yaml).problems() == [])
    }

    @Test func `every problem of a file is found at once, in the order of the file`() {
        let problems = SettingsWorld(
            """
            prefix: ""
            lanes:
              bulkShare: 2
              drian: 1s
            prefix: ok
            providers:
              hatif:
                timeout: soon
                accounts: { main: { clientID: a } }
            """,
            environment: ["BULKHEAD_REDACT": "no", "BULKHEAD_LANES_DRIAN": "1s"]
        ).problems()

        #expect(
            problems == [
                #"bulkhead.yaml:3:14: lanes.bulkShare: found "2", allowed 0 to 0.9"#,
                #"bulkhead.yaml:4:3: lanes.drian: unknown key, did you mean "drain"?"#,
                "bulkhead.yaml:5:1: prefix: duplicate key, first set in line 1",
                #"bulkhead.yaml:8:14: providers.hatif.timeout: found "soon", allowed 100ms to 10m (as 500ms, 30s, 5m, 2h, 7d)"#,
                "bulkhead.yaml:9:17: providers.hatif.accounts.main.clientSecret: missing, allowed text",
                #"BULKHEAD_LANES_DRIAN: no key of the settings has this name, did you mean "BULKHEAD_LANES_DRAIN"?"#,
                #"BULKHEAD_REDACT: redact: found "no", allowed true or false"#,
            ]
        )
    }

    @Test func `keys set more than once are all told, also below other keys`() {
        let problems = SettingsWorld(
            "retry: { base: 1s, base: 2s }\n\"log\": {}\nlog: {}\nlanes:\n  drain: 1s\n  drain: 2s\n  drain: 3s\n"
        ).problems()

        #expect(
            problems == [
                "bulkhead.yaml:1:20: retry.base: duplicate key, first set in line 1",
                "bulkhead.yaml:3:1: log: duplicate key, first set in line 2",
                "bulkhead.yaml:7:3: lanes.drain: duplicate key, first set in line 5",
            ]
        )
    }

    @Test(arguments: [
        ("a: [1", 1...2), ("a: 1\n b: 2\n", 2...2), ("\tb: 1", 1...1), ("a: *none", 1...1), ("a: b: c", 1...1),
        ("a: 1\n---\nb: 2", 2...2), ("prefix: a\nkafka: \"\u{1}\"", 2...2), ("k: 'open", 1...1),
    ])
    func `text that is not YAML is one problem with its line`(yaml: String, lines: ClosedRange<Int>) throws {
        let loaded = SettingsWorld(yaml).load()

        let problem = try #require(loaded.problems.first)
        #expect(loaded.problems.count == 1)
        guard case .syntax = problem.cause, case .file(_, let line, _) = problem.origin else {
            Issue.record("not a syntax problem: \(problem)")
            return
        }
        #expect(lines.contains(line))
    }

    @Test func `a settings file cut off at any byte is told or read, never a trap`() {
        let text = SettingsWorld.example
        for end in text.indices {
            let loaded = SettingsWorld(String(text[..<end]), environment: SettingsWorld.secrets).load()
            #expect((loaded.settings == nil) == !loaded.problems.isEmpty)
        }
    }

    @Test func `a settings file with letters changed, put in or taken out is told or read, never a trap`() {
        var random = SplitMix(state: 42)
        let source = Array(SettingsWorld.example.unicodeScalars)
        let odd = Array("{}[]:,&*!|>'\"%@`#-?~$\t\n\r \u{0}\u{85}\u{E000}\u{FEFF}é日".unicodeScalars)
        for _ in 0..<500 {
            var scalars = source
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: 0..<scalars.count, using: &random)
                let scalar = odd[Int.random(in: 0..<odd.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: scalars[place] = scalar
                case 1: scalars.insert(scalar, at: place)
                case 2: scalars.remove(at: place)
                default: scalars.insert(contentsOf: scalars[place..<min(place + 40, scalars.count)], at: place)
                }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            let loaded = SettingsWorld(String(text), environment: SettingsWorld.secrets).load()
            #expect((loaded.settings == nil) == !loaded.problems.isEmpty)
        }
    }

    @Test func `no problem repeats a secret`() {
        let world = SettingsWorld(
            """
            providers:
              aelyst:
                baseURL: https://user:s3cret@a.test
                accounts:
                  main: s3cret-one
                  other: { token: "s3cret two" }
                  third: { token: "${TOKEN}", partition: "${TOKEN}" }
            kafka:
              sasl.password: [s3cret]
            """,
            environment: ["TOKEN": "s3cret-three", "BULKHEAD_PROVIDERS_AELYST_ACCOUNTS_MAIN_TOKEN": "s3cret four"]
        )

        let problems = world.problems()
        #expect(problems.count >= 4)
        for problem in problems { #expect(!problem.contains("s3cret")) }
    }

    @Test func `accounts that share a partition are a note, not a problem`() {
        let loaded = SettingsWorld(
            """
            providers:
              aelyst:
                accounts: { a: { token: t, partition: 1 }, b: { token: t, partition: 1 } }
            """
        ).load()

        #expect(loaded.problems.isEmpty)
        #expect(
            loaded.notes.map(\.description) == [
                "bulkhead.yaml:3:74: providers.aelyst.accounts.b.partition: shares partition 1, and so its look-ahead, with "
                    + "account a; to give each its own: a: 0, b: 1"
            ]
        )
    }

    @Test func `accounts that share a partition by their names' hashes are told, too, with what parts them`() {
        let accounts = (0..<20).map { "a\($0): { token: t }" }.joined(separator: ", ")
        let notes = SettingsWorld("providers: { aelyst: { accounts: { \(accounts) } } }").load().notes

        // Six partitions, none of which is empty.
        #expect(notes.count == 14)
        #expect(
            notes.allSatisfy {
                $0.description.contains("partition: shares partition")
                    && $0.description.hasSuffix("own: providers.aelyst.partitions: 20 and one partition each")
            }
        )
    }
}
