import KafkaClient
import Messages
import Testing

extension Scenarios {
    @Suite struct BadInputTests {
        @Test
        func `bad input of every kind is rejected by field and kept as it came, and stops nothing`() async throws {
            let plan = Plan(
                Plan.Provider(name: "hatif", accounts: ["main"]),
                Plan.Provider(name: "aelyst", accounts: ["main"])
            )
            try await Installation.run(plan) { installation in
                _ = try installation.startWorker()
                let good = SampleCommand.series(1...BadInput.all.count, entities: 10, lanes: plan.lanes)
                let producer = try KafkaProducer(
                    settings: installation.kafka.merging(["message.max.bytes": "16777216"]),
                    logger: .silent
                )
                var deliveries: [Delivery] = []
                for (bad, command) in zip(BadInput.all, good) {
                    // One partition, so that bad input really stands between the good.
                    _ = try await producer.send(
                        ProducerRecord(topic: "bulkhead.commands", partition: 0, value: Array(command.json.utf8))
                    )
                    deliveries.append(try await producer.send(bad.record))
                }
                await producer.close()
                try await installation.outcomes.wait(for: good.count + BadInput.all.count)
                try await installation.waitUntilCommitted()
                try await installation.stopWorkers()

                let state = installation.outcomes.state
                for command in good {
                    let outcomes = state.outcomes[OutcomeLog.Key(command)] ?? []
                    #expect(outcomes.map(\.disposition) == [.applied], "\(command.id)")
                }
                for (bad, delivery) in zip(BadInput.all, deliveries) {
                    let place = "\(delivery.partition)-\(delivery.offset)"
                    let key = OutcomeLog.Key(source: bad.source, id: bad.id ?? place)
                    let outcomes = state.outcomes[key] ?? []
                    #expect(outcomes.map(\.disposition) == [.rejected], "\(bad.name)")
                    #expect(outcomes.first?.rejection?.field == bad.field, "\(bad.name)")
                    #expect(outcomes.first?.attempts == 0, "\(bad.name)")
                    let letters = state.deadLetters.filter { letter in
                        let origin = DeadLetter(letter.headers)?.origin
                        return origin?.partition == delivery.partition.partition && origin?.offset == delivery.offset
                    }
                    #expect(letters.count == 1, "\(bad.name)")
                    #expect(letters.first?.value == bad.record.value, "\(bad.name)")
                    #expect(letters.first?.key == bad.record.key, "\(bad.name)")
                    let headers = letters.first.map { DeadLetter.stripped(from: $0.headers) }
                    #expect(headers == bad.record.headers.map(MessageHeader.init), "\(bad.name)")
                }
                #expect(state.deadLetters.count == BadInput.all.count)
                #expect(try await installation.simulation.stats().violations == 0)
            }
        }
    }
}
