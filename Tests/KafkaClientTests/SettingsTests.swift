import KafkaClient
import Testing

@Suite struct SettingsTests {
    @Test(arguments: [
        [:],
        ["bootstrap.servers": ""],
        ["bootstrap.servers": "h:1", "no.such.property": "1"],
        ["bootstrap.servers": "h:1", "session.timeout.ms": "soon"],
        ["bootstrap.servers": "h:1", "enable.auto.commit": "true"],
        ["bootstrap.servers": "h:1", "enable.auto.offset.store": "true"],
        ["bootstrap.servers": "h:1", "partition.assignment.strategy": "range,roundrobin"],
        ["bootstrap.servers": "h:1", "partition.assignment.strategy": "sticky"],
    ])
    func `unusable settings are refused as values`(properties: [String: String]) {
        let error = #expect(throws: KafkaError.self) {
            try KafkaConsumer(settings: KafkaSettings(properties), groupID: "g", logger: quiet)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.reason.isEmpty == false)
    }

    @Test func `a producer's settings that contradict each other are refused`() {
        #expect(throws: KafkaError.self) {
            try KafkaProducer(
                settings: KafkaSettings(["bootstrap.servers": "h:1", "request.required.acks": "1"]),
                logger: quiet
            )
        }
    }

    @Test func `secrets appear in no description and no error`() {
        let names = ["sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"]
        let settings = KafkaSettings(Dictionary(uniqueKeysWithValues: names.map { ($0, "hunter2") }))
            .merging(["bootstrap.servers": "h:1", "ssl.ca.location": "/ca"])
        #expect(!settings.description.contains("hunter2"))
        #expect(settings.description.contains("bootstrap.servers=h:1 "))
        #expect(settings.description.contains("ssl.ca.location=/ca"))
        let error = #expect(throws: KafkaError.self) {
            try KafkaProducer(settings: settings.merging(["security.protocol": "ssl"]), logger: quiet)
        }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `an error names its code and says whether to try again`() {
        let error = KafkaError(.timedOut)
        #expect(error.description.hasPrefix("_TIMED_OUT (-185)"))
        #expect(error.isRetriable && !error.isFatal)
        #expect(!KafkaError(.messageTooLarge).isRetriable)
        #expect(KafkaError(.illegalGeneration).name == "ILLEGAL_GENERATION")
        #expect(KafkaError(.assignmentLost).name == "_ASSIGNMENT_LOST")
    }
}
