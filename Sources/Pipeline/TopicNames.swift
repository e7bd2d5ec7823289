/// The topics of one installation, all below one prefix.
package struct TopicNames: Hashable, Sendable {
    package let prefix: String

    package init(prefix: String) {
        self.prefix = prefix
    }

    package var commands: String { "\(prefix).commands" }
    package var imports: String { "\(prefix).imports" }
    package var results: String { "\(prefix).results" }
    package var failures: String { "\(prefix).failures" }
    package var deadLetters: String { "\(prefix).dead-letters" }
    package var control: String { "\(prefix).control" }
    package var status: String { "\(prefix).status" }

    package func live(_ provider: String) -> String { "\(prefix).lane.\(provider).live" }
    package func bulk(_ provider: String) -> String { "\(prefix).lane.\(provider).bulk" }
    package func parked(_ provider: String) -> String { "\(prefix).lane.\(provider).parked" }

    package var intakeGroup: String { "\(prefix).intake" }
    package var importGroup: String { "\(prefix).intake.imports" }
    package var jobsGroup: String { "\(prefix).jobs" }
    package func laneGroup(_ provider: String) -> String { "\(prefix).lane.\(provider)" }
}
