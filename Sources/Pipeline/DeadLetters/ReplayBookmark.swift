internal import Messages

/// What a replay commits beside the offset of a partition of the dead letters, so that it can be started again.
struct ReplayBookmark: Hashable {
    /// ``ReplayRules/fingerprint``.
    var rules: String
    /// Where the round ends: the letters that stood in the partition when it began.
    var end: Int64
    /// For every topic that replays go to the offset, by partition, after which letters beyond the committed one may stand.
    ///
    /// A topic that is missing is to be read from its beginning.
    var targets: [String: [Int64]]

    /// The text for a commit; topics that do not fit are left out, the largest first.
    /// - Parameter limit: bytes that brokers take (`offset.metadata.max.bytes`).
    func encoded(limit: Int = 4_096) -> String {
        var targets = targets
        while true {
            let text = String(decoding: json(targets).encoded, as: UTF8.self)
            guard text.utf8.count > limit, let largest = targets.max(by: { $0.value.count < $1.value.count }) else {
                return text
            }
            targets[largest.key] = nil
        }
    }

    private func json(_ targets: [String: [Int64]]) -> JSON {
        .object([
            JSON.Member("replay", .integer(1)), JSON.Member("rules", .string(rules)), JSON.Member("end", .integer(end)),
            JSON.Member(
                "targets",
                .object(
                    targets.sorted { $0.key < $1.key }.map { topic, offsets in
                        JSON.Member(topic, .array(offsets.map { .integer($0) }))
                    }
                )
            ),
        ])
    }

    init(rules: String, end: Int64, targets: [String: [Int64]]) {
        self.rules = rules
        self.end = end
        self.targets = targets
    }

    /// `nil` for text that is not ours.
    init?(_ text: String?) {
        guard let text, let json = try? JSON(parsing: Array(text.utf8)), json["replay"]?.integerValue == 1,
            let rules = json["rules"]?.text, let end = json["end"]?.integerValue, end >= 0
        else { return nil }
        self.init(rules: rules, end: end, targets: [:])
        for member in json["targets"]?.members ?? [] {
            let offsets = (member.value.elements ?? []).compactMap(\.integerValue)
            targets[member.key] = offsets.map { max(0, $0) }
        }
    }
}
