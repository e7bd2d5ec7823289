import Bulkhead
import ProviderKit
import Scheduling
import Testing

struct SettingsLoadingTests {
    @Test func `the example of the design loads without a problem`() throws {
        let settings = try SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets).settings()

        let hatif = try #require(settings.providers["hatif"])
        #expect(hatif.kind == .hatif)
        #expect(hatif.baseURL?.text == "https://api.voxa.sa")
        #expect(hatif.accounts["main"]?.clientSecret == Secret("s3cret-h"))
        #expect(hatif.limits(of: "main") == [RateLimit(requests: 100, per: .seconds(60), scope: .account)])
        let aelyst = try #require(settings.providers["aelyst"])
        #expect(aelyst.baseURL?.text == "https://api.aelyst.ai/v1")
        #expect(aelyst.limits(of: "main") == [RateLimit(requests: 5, per: .seconds(1), scope: .path)])
        let convor = try #require(settings.providers["convor"])
        #expect(convor.convor.assign.path == "/api/conversations/{id}/assign")
        #expect(convor.convor.assign.field == "operatorId")
        #expect(convor.limits(of: "main") == nil)
        #expect(settings.lanes.maxBytes == 268_435_456)
        #expect(settings.admin.listen == ListenAddress(host: "127.0.0.1", port: 8_087))
    }

    @Test(arguments: [nil, "", "# nothing but a comment\n", "---\n", "kafka:\nproviders:\nlanes: ~\n"])
    func `a file that says nothing leaves the defaults`(yaml: String?) throws {
        let settings = try SettingsWorld(yaml).settings()

        #expect(settings.prefix == "bulkhead")
        #expect(settings.kafka == ["bootstrap.servers": "localhost:9092"])
        #expect(settings.retry == RetryPolicy())
        #expect(settings.lanes == LaneSettings())
        #expect(settings.providers.isEmpty)
    }

    @Test func `the file is the one given, else the one of BULKHEAD_CONFIG, else the one in the directory`() {
        var world = SettingsWorld("prefix: here", files: ["/a.yaml": "prefix: given", "/b.yaml": "prefix: named"])
        #expect(world.load().settings?.prefix == "here")

        world.environment["BULKHEAD_CONFIG"] = "/b.yaml"
        #expect(world.load().settings?.prefix == "named")
        #expect(world.load(path: "/a.yaml").settings?.prefix == "given")
        #expect(world.load(path: "/a.yaml").file == "/a.yaml")
    }

    @Test func `a file that was asked for has to be there`() {
        let loaded = SettingsWorld(nil).load(path: "/none.yaml")

        #expect(loaded.settings == nil)
        #expect(loaded.problems.map(\.description) == ["/none.yaml does not exist"])
    }

    @Test func `kafka's properties pass through as text, over the defaults`() throws {
        let settings = try SettingsWorld(
            """
            kafka:
              session.timeout.ms: 6000
              enable.ssl.certificate.verification: true
              sasl.username: "ci"
            """
        ).settings()

        #expect(
            settings.kafka == [
                "bootstrap.servers": "localhost:9092", "session.timeout.ms": "6000",
                "enable.ssl.certificate.verification": "true", "sasl.username": "ci",
            ]
        )
    }

    @Test func `the default broker makes way for librdkafka's other name of the setting`() throws {
        let settings = try SettingsWorld("kafka: { metadata.broker.list: 'a:1' }").settings()
        #expect(settings.kafka == ["metadata.broker.list": "a:1"])
    }

    @Test func `anchors and merge keys share what providers have in common`() throws {
        let settings = try SettingsWorld(
            """
            providers:
              one: &common
                kind: aelyst
                timeout: 5s
                concurrency: 2
                accounts: { a: { token: t } }
              two:
                <<: *common
                timeout: 9s
            """
        ).settings()

        #expect(settings.providers["two"]?.concurrency == 2)
        #expect(settings.providers["two"]?.timeout == .seconds(9))
        #expect(settings.providers["one"]?.timeout == .seconds(5))
    }

    @Test func `an account's own limits stand instead of its provider's`() throws {
        let settings = try SettingsWorld(
            """
            providers:
              aelyst:
                limits: [ { requests: 5, per: 1s, scope: path } ]
                accounts:
                  small: { token: a }
                  large: { token: b, limits: [ { requests: 20, per: 1s, burst: 4 } ] }
            """
        ).settings()

        let aelyst = try #require(settings.providers["aelyst"])
        #expect(aelyst.limits(of: "small") == [RateLimit(requests: 5, per: .seconds(1), scope: .path)])
        #expect(aelyst.limits(of: "large") == [RateLimit(requests: 20, per: .seconds(1), burst: 4)])
    }

    @Test func `references are replaced after the file is read, so that no value can add keys`() throws {
        let world = SettingsWorld(
            """
            prefix: "${PREFIX:-fallback}"
            kafka:
              ssl.key.pem: ${file:/key.pem}
              sasl.password: "a$$b$c${PASSWORD}"
            """,
            environment: ["PREFIX": "", "PASSWORD": "x\nredact: true"],
            files: ["/key.pem": "-----BEGIN\nKEY-----\n\n"]
        )
        let settings = try world.settings()

        #expect(settings.prefix == "fallback")
        #expect(settings.kafka["ssl.key.pem"] == "-----BEGIN\nKEY-----")
        #expect(settings.kafka["sasl.password"] == "a$b$cx\nredact: true")
        #expect(!settings.redact)
    }

    @Test func `lists of plain values may be written as YAML lists or with commas`() throws {
        let settings = try SettingsWorld(
            """
            phone:
              countries:
                SA: { callingCode: 966, trunkPrefix: "0", nationalLengths: [9] }
                DE: { callingCode: 49, trunkPrefix: "0", nationalLengths: "10, 11" }
            deadLetterBudget: { enabled: false, dispositions: [exhausted, not_found] }
            """
        ).settings()

        #expect(settings.phone.countries["SA"]?.nationalLengths == [9])
        #expect(settings.phone.countries["SA"]?.callingCode == "966")
        #expect(settings.phone.countries["DE"]?.nationalLengths == [10, 11])
        #expect(settings.deadLetterBudget.dispositions == [.exhausted, .notFound])
        #expect(!settings.deadLetterBudget.budget.isEnabled)
    }
}
