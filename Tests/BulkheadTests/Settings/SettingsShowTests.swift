import Bulkhead
import Testing

struct SettingsShowTests {
    private let world = SettingsWorld(
        SettingsWorld.example,
        environment: SettingsWorld.secrets.merging([
            "BULKHEAD_LANES_DRAIN": "7s", "BULKHEAD_KAFKA_SASL_PASSWORD": "s3cret-k",
        ]) {
            $1
        }
    )

    @Test func `each line has key, value and where the value comes from`() throws {
        let lines = world.load().show(format: .table)

        func words(_ key: String) -> [Substring] {
            lines.first { $0.hasPrefix("\(key) ") }.map { line in
                let words = line.split(separator: " ")
                return words.prefix(2) + [words.dropFirst(2).joined(separator: " ")[...]]
            } ?? []
        }
        #expect(words("lanes.bulkShare") == ["lanes.bulkShare", "0.1", "bulkhead.yaml:23"])
        #expect(words("lanes.drain") == ["lanes.drain", "7s", "env BULKHEAD_LANES_DRAIN"])
        #expect(words("lanes.watchdog") == ["lanes.watchdog", "1m", "default"])
        #expect(
            words("providers.hatif.limits[0].requests") == [
                "providers.hatif.limits[0].requests", "100", "bulkhead.yaml:10",
            ]
        )
        #expect(
            words("providers.aelyst.baseURL") == ["providers.aelyst.baseURL", "https://api.aelyst.ai/v1", "default"]
        )
        // Keys of other kinds are not a provider's.
        #expect(words("providers.aelyst.tokenLifetime").isEmpty)
        #expect(words("providers.aelyst.accounts.main.clientID").isEmpty)
        #expect(!words("providers.hatif.tokenLifetime").isEmpty)
    }

    @Test(arguments: [LoadedSettings.Format.table, .json])
    func `secrets are masked`(format: LoadedSettings.Format) {
        let text = world.load().show(format: format).joined(separator: "\n")

        #expect(!text.contains("s3cret"))
        #expect(text.contains("kafka.sasl.password"))
        #expect(text.contains("***"))
    }

    @Test func `as JSON values keep their types`() throws {
        let lines = world.load().show(format: .json)

        let line = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(line.hasPrefix(#"{"file":"bulkhead.yaml","settings":[{"key":"prefix","value":"bulkhead","#))
        #expect(
            line.contains(
                #"{"key":"lanes.bulkShare","value":0.1,"origin":"bulkhead.yaml:23","variable":"BULKHEAD_LANES_BULK_SHARE"}"#
            )
        )
        #expect(line.contains(#""key":"redact","value":false,"#))
        #expect(line.contains(#""key":"deadLetterBudget.dispositions","value":["exhausted","unauthorized"],"#))
        #expect(line.contains(#""key":"providers.hatif.partitions","value":null,"#))
    }

    @Test(arguments: [
        ("sasl.password", true), ("ssl.key.password", true), ("ssl.key.pem", true), ("ssl.keystore.password", true),
        ("sasl.oauthbearer.client.secret", true), ("sasl.oauthbearer.config", true), ("sasl.username", false),
        ("sasl.oauthbearer.token.endpoint.url", false), ("ssl.ca.pem", false), ("bootstrap.servers", false),
    ])
    func `kafka's secrets are known by their names`(name: String, isSecret: Bool) {
        #expect(KafkaProperties.isSecret(name) == isSecret)
    }

    @Test func `the table for the README has a row for each key`() {
        let rows = SettingsTable.markdown().split(separator: "\n")

        #expect(rows.prefix(2) == ["| Key | Allowed | Default | Meaning |", "|---|---|---|---|"])
        #expect(rows.contains { $0.hasPrefix("| `lanes.bulkShare` | 0 to 0.9 | `0.1` |") })
        #expect(
            rows.contains {
                $0.hasPrefix("| `providers.<provider>.accounts.<account>.clientSecret` |")
                    && $0.hasSuffix("Secret. (hatif) |")
            }
        )
        #expect(
            rows.contains { $0.hasPrefix("| `providers.<provider>.limits[].requests` | 1 to 1000000 | required |") }
        )
        #expect(rows.contains { $0.hasPrefix("| `kafka.*` | text | `bootstrap.servers: localhost:9092` |") })
        let keys = rows.dropFirst(2).map { $0.split(separator: "|")[0] }
        #expect(Set(keys).count == keys.count)
        for row in rows { #expect(row.split(separator: "|").count == 4) }
    }
}
