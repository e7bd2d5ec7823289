package import KafkaClient
internal import Messages

/// The topics that replays may write to.
package struct ReplayTargets: Hashable, Sendable {
    package let allowed: Set<String>
    /// Topics of the settings that are never written to, whatever the settings say.
    package let refused: [String]

    /// - Parameter allow: setting `replay.allow`; empty stands for the commands and imports topics.
    package init(_ topics: TopicNames, allow: [String] = []) {
        let wanted = allow.isEmpty ? [topics.commands, topics.imports] : allow
        refused = wanted.filter { Self.isForbidden($0, topics) }
        allowed = Set(wanted).subtracting(refused)
    }

    /// Dead letters, outcomes, lanes and what tools keep: a replay into one of them could feed itself or pass intake by.
    private static func isForbidden(_ topic: String, _ topics: TopicNames) -> Bool {
        if topic == topics.commands || topic == topics.imports { return false }
        return topic.hasPrefix("\(topics.prefix).")
            || [".dead-letters", ".dead-letters.parked", ".results", ".failures"].contains(where: topic.hasSuffix)
    }
}

package enum ParkReason: String, Hashable, Sendable, CaseIterable {
    /// Replayed as often as `replay.max` allows.
    case tooManyReplays = "too_many_replays"
    case byOrder = "by_order"
}

/// What a replay does with a letter.
package enum LetterFate: Hashable, Sendable {
    package enum Leaving: String, Hashable, Sendable, CaseIterable {
        /// No dead letter of ours: its headers do not say where it came from.
        case notALetter = "not_a_letter"
        case filtered
        /// A copy lies in the parking topic.
        case parked
        /// Written by this replay before, which ended before it could commit.
        case replayedAlready = "replayed_already"
        /// The topic it came from is not one that replays may write to.
        case targetNotAllowed = "target_not_allowed"
        /// The value was too large for the dead letters and stands in the original topic only.
        case valueOmitted = "value_omitted"
    }

    case replay
    case park(ParkReason)
    case leave(Leaving)
}

/// Decides what happens to a letter.
package struct ReplayRules: Hashable, Sendable {
    package enum Purpose: String, Hashable, Sendable {
        case replay, park
    }

    package var purpose: Purpose
    package var filter: DeadLetterFilter
    package var targets: ReplayTargets
    /// Replays of one command before it is parked; setting `replay.max`.
    package var maxReplays: Int

    package init(purpose: Purpose, filter: DeadLetterFilter, targets: ReplayTargets, maxReplays: Int) {
        self.purpose = purpose
        self.filter = filter
        self.targets = targets
        self.maxReplays = maxReplays
    }

    /// - Parameters:
    ///   - parked: letters of which a copy lies in the parking topic.
    ///   - replayed: letters that this replay has written already.
    package func fate(
        of record: KafkaRecord,
        parked: Set<LetterPlace> = [],
        replayed: Set<LetterPlace> = []
    ) -> LetterFate {
        guard let stored = StoredLetter(record) else { return .leave(.notALetter) }
        guard filter.matches(stored) else { return .leave(.filtered) }
        if parked.contains(stored.place) { return .leave(.parked) }
        if replayed.contains(stored.place) { return .leave(.replayedAlready) }
        if purpose == .park { return .park(.byOrder) }
        guard targets.allowed.contains(stored.letter.origin.topic) else { return .leave(.targetNotAllowed) }
        if stored.letter.replays >= maxReplays { return .park(.tooManyReplays) }
        return stored.isValueOmitted ? .leave(.valueOmitted) : .replay
    }

    /// Tells what this replay is about from what another is about: 16 hexadecimal digits.
    ///
    /// A replay that goes on under a name has to mean the same letters as the one that began.
    package var fingerprint: String {
        var hash = Hash128()
        hash.combine(purpose.rawValue)
        filter.combine(into: &hash)
        let digits = String(UInt64(truncatingIfNeeded: hash.value ^ hash.value >> 64), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
