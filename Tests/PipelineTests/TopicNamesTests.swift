import Pipeline
import Testing

@Suite struct TopicNamesTests {
    @Test func `all names stand below the prefix`() {
        let topics = TopicNames(prefix: "crm")
        #expect(topics.commands == "crm.commands")
        #expect(topics.imports == "crm.imports")
        #expect(topics.results == "crm.results")
        #expect(topics.failures == "crm.failures")
        #expect(topics.deadLetters == "crm.dead-letters")
        #expect(topics.control == "crm.control")
        #expect(topics.status == "crm.status")
        #expect(topics.live("hatif") == "crm.lane.hatif.live")
        #expect(topics.bulk("hatif") == "crm.lane.hatif.bulk")
        #expect(topics.parked("hatif") == "crm.lane.hatif.parked")
        #expect(topics.laneGroup("hatif") == "crm.lane.hatif")
    }
}
