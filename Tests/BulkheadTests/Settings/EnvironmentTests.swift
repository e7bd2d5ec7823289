import Bulkhead
import ProviderKit
import Scheduling
import Testing

struct EnvironmentTests {
    @Test(arguments: [
        ("kafka.bootstrap.servers", "BULKHEAD_KAFKA_BOOTSTRAP_SERVERS"),
        ("providers.hatif.baseURL", "BULKHEAD_PROVIDERS_HATIF_BASE_URL"),
        ("providers.hatif.userIDField", "BULKHEAD_PROVIDERS_HATIF_USER_ID_FIELD"),
        (
            "providers.my-crm.accounts.main.contactsClientID",
            "BULKHEAD_PROVIDERS_MY_CRM_ACCOUNTS_MAIN_CONTACTS_CLIENT_ID"
        ),
        ("lanes.bulkShare", "BULKHEAD_LANES_BULK_SHARE"),
        ("providers.x.limits[0].per", "BULKHEAD_PROVIDERS_X_LIMITS_0_PER"),
    ])
    func `a key's variable is its path in capitals`(path: String, variable: String) {
        #expect(EnvironmentName.variable(of: path) == variable)
    }

    @Test func `every effective key of the example can be set by its variable alone`() throws {
        let world = SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets)
        let entries = world.load().entries
        #expect(entries.count > 100)
        for entry in entries where entry.json != .null {
            var other = world
            let value = entry.text == SettingsEntry.mask ? "new" : entry.text
            other.environment[EnvironmentName.variable(of: entry.path)] = value
            let loaded = other.load()
            #expect(loaded.problems == [], "\(entry.path)")
            #expect(loaded.entries.first { $0.path == entry.path }?.text == entry.text)
            let origin = loaded.entries.first { $0.path == entry.path }?.origin
            #expect(origin == .environment(EnvironmentName.variable(of: entry.path)))
        }
    }

    @Test func `the environment stands above the file, and the file above the defaults`() throws {
        let world = SettingsWorld(
            "lanes: { bulkShare: 0.2, drain: 5s }",
            environment: ["BULKHEAD_LANES_BULK_SHARE": "0.3"]
        )
        let settings = try world.settings()

        #expect(settings.lanes.bulkShare == 0.3)
        #expect(settings.lanes.drain == .seconds(5))
        #expect(settings.lanes.watchdog == .seconds(60))
    }

    @Test func `a provider may come from variables alone`() throws {
        let settings = try SettingsWorld(
            nil,
            environment: [
                "BULKHEAD_PROVIDERS_CRM_KIND": "aelyst",
                "BULKHEAD_PROVIDERS_CRM_ACCOUNTS_EU_WEST_TOKEN": "$$not${expanded}",
                "BULKHEAD_PROVIDERS_CRM_LIMITS_0_REQUESTS": "7",
                "BULKHEAD_PROVIDERS_CRM_LIMITS_0_PER": "2s",
                "BULKHEAD_REPLAY_ALLOW": "orders,returns",
            ]
        ).settings()

        let crm = try #require(settings.providers["crm"])
        #expect(crm.accounts["eu_west"]?.token == Secret("$$not${expanded}"))
        #expect(crm.limits(of: "eu_west")?.map(\.requests) == [7])
        #expect(settings.replay.allow == ["orders", "returns"])
    }

    @Test func `a variable finds the name in the file that it means`() throws {
        let settings = try SettingsWorld(
            "providers: { my-crm: { kind: aelyst, accounts: { Main: { token: t } } } }\nkafka: { ssl_ca: a }",
            environment: [
                "BULKHEAD_PROVIDERS_MY_CRM_ACCOUNTS_MAIN_TOKEN": "new", "BULKHEAD_KAFKA_SSL_CA": "b",
                "BULKHEAD_KAFKA_SESSION_TIMEOUT_MS": "6000",
            ]
        ).settings()

        #expect(settings.providers.keys.sorted() == ["my-crm"])
        #expect(settings.providers["my-crm"]?.accounts["Main"]?.token == Secret("new"))
        #expect(settings.kafka["ssl_ca"] == "b")
        #expect(settings.kafka["session.timeout.ms"] == "6000")
    }

    @Test func `variables that Kubernetes sets for services are not ours`() throws {
        let kubernetes = [
            "BULKHEAD_SERVICE_HOST": "10.0.0.1", "BULKHEAD_SERVICE_PORT": "8087", "BULKHEAD_SERVICE_PORT_HTTP": "8087",
            "BULKHEAD_PORT": "tcp://10.0.0.1:8087", "BULKHEAD_PORT_8087_TCP": "tcp://10.0.0.1:8087",
            "BULKHEAD_PORT_8087_TCP_PROTO": "tcp", "BULKHEAD_PORT_8087_TCP_PORT": "8087",
            "BULKHEAD_PORT_8087_TCP_ADDR": "10.0.0.1", "BULKHEAD_KAFKA_PORT": "tcp://10.0.0.2:9092",
            "BULKHEAD_KAFKA_SERVICE_HOST": "10.0.0.2", "BULKHEAD_CONFIG": "bulkhead.yaml", "BULKHEAD_BENCHMARKS": "1",
        ]
        let settings = try SettingsWorld("", environment: kubernetes).settings()
        #expect(settings.kafka == Settings().kafka)
    }

    @Test(arguments: [
        "BULKHEAD_PORT", "BULKHEAD_LANES", "BULKHEAD_", "BULKHEAD_KAFKA", "BULKHEAD_PROVIDERS_HATIF_LIMITS_7_PER",
    ])
    func `a variable that names no key is a problem`(name: String) {
        let problems = SettingsWorld(nil, environment: [name: "1"]).problems()
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("\(name): no key of the settings has this name") == true)
    }
}
