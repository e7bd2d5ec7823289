package import Messages

/// What a replay did, or would do.
package struct ReplayReport: Hashable, Sendable {
    package var name: String
    /// Letters looked at.
    package var read = 0
    /// Letters written back to the topics they came from.
    package var replayed = 0
    package var parks: [ParkReason: Int] = [:]
    package var leaves: [LetterFate.Leaving: Int] = [:]
    /// It went on where an earlier run of this name had stopped.
    package var isResumed = false
    /// Nothing is left of what stood in the dead letters when the round began.
    package var isComplete = false

    package init(name: String) {
        self.name = name
    }

    package var parked: Int { parks.values.reduce(0, +) }

    /// Letters that the filter means and that could not be replayed.
    package var refused: Int { (leaves[.targetNotAllowed] ?? 0) + (leaves[.valueOmitted] ?? 0) }

    package var json: JSON {
        .object([
            .init("name", .string(name)), .init("read", .integer(Int64(read))),
            .init("replayed", .integer(Int64(replayed))), .init("parked", .counts(parks, ParkReason.allCases)),
            .init("left", .counts(leaves, LetterFate.Leaving.allCases)), .init("resumed", .bool(isResumed)),
            .init("complete", .bool(isComplete)),
        ])
    }
}

/// Why a replay did not start, or ended before its end; it can be started again under the same name.
package enum ReplayFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name belongs to a replay with other filters or of the other kind.
    case nameTaken(String)
    case missingTopic(String)
    /// Targets of the settings that are never written to.
    case forbiddenTargets([String])
    /// The brokers did not take a letter; what was written and not committed is recognised by the next run.
    case notWritten(reason: String)
    /// Letters were written, but how far the replay came could not be stored; the next run recognises them.
    case notCommitted(reason: String)
    case kafka(reason: String)

    package var description: String {
        switch self {
        case .nameTaken(let name):
            "the name \"\(name)\" belongs to a replay with other filters; give this one another --name"
        case .missingTopic(let topic): "there is no topic \(topic); make it with `bulkhead topics create`"
        case .forbiddenTargets(let topics):
            "replays are never written to \(topics.joined(separator: ", ")); correct replay.allow"
        case .notWritten(let reason): "a letter could not be written (\(reason)); start again with the same --name"
        case .notCommitted(let reason):
            "the progress could not be stored (\(reason)); start again with the same --name, no letter is replayed twice"
        case .kafka(let reason): "the brokers do not answer: \(reason)"
        }
    }
}
