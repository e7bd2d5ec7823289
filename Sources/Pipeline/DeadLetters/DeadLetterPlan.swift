package import Messages

/// Dead letters counted by what caused them, and what a replay would do with them.
///
/// Bounded: after 1,000 causes, new reasons are counted together.
package struct DeadLetterPlan: Hashable, Sendable {
    package struct Cause: Hashable, Sendable {
        /// `nil`: not known, as for a record that is no message.
        package var provider: String?
        package var disposition: Disposition
        package var status: Int?
        /// The reason with ids and numbers replaced by `…`, so that like counts as like.
        package var reason: String
    }

    package struct Row: Hashable, Sendable {
        package var cause: Cause
        package var count = 0
        package var first: Timestamp
        package var last: Timestamp
        /// The name of one of the letters, for `dlq show`.
        package var example: String
        package var advice: String
    }

    package private(set) var total = 0
    package private(set) var replays = 0
    package private(set) var parks: [ParkReason: Int] = [:]
    package private(set) var leaves: [LetterFate.Leaving: Int] = [:]
    private var byCause: [Cause: Row] = [:]

    package init() {}

    /// Counts a letter that the filter lets through.
    package mutating func add(_ stored: StoredLetter, _ fate: LetterFate, maxReplays: Int) {
        let letter = stored.letter
        total += 1
        switch fate {
        case .replay: replays += 1
        case .park(let reason): parks[reason, default: 0] += 1
        case .leave(let reason): leaves[reason, default: 0] += 1
        }
        var cause = Cause(
            provider: letter.provider,
            disposition: letter.disposition,
            status: letter.httpStatus,
            reason: Self.pattern(letter.reason)
        )
        if byCause.count >= 1_000, byCause[cause] == nil { cause.reason = "other reasons" }
        var row =
            byCause[cause]
            ?? Row(
                cause: cause,
                first: letter.lastFailure,
                last: letter.lastFailure,
                example: stored.name,
                advice: letter.advice(maxReplays: maxReplays)
            )
        row.count += 1
        row.first = min(row.first, letter.firstFailure ?? letter.lastFailure)
        row.last = max(row.last, letter.lastFailure)
        byCause[cause] = row
    }

    /// The most frequent cause first.
    package var rows: [Row] {
        byCause.values.sorted { left, right in
            if left.count != right.count { return left.count > right.count }
            if left.cause.provider != right.cause.provider {
                return (left.cause.provider ?? "") < (right.cause.provider ?? "")
            }
            if left.cause.status != right.cause.status { return (left.cause.status ?? 0) < (right.cause.status ?? 0) }
            return (left.cause.disposition.rawValue, left.cause.reason)
                < (right.cause.disposition.rawValue, right.cause.reason)
        }
    }

    /// The reason without what differs from one command to the next: words of four or more characters with a digit.
    static func pattern(_ reason: String) -> String {
        var result: [UInt8] = []
        var word: [UInt8] = []
        func end() {
            let hasDigit = word.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            result += word.count >= 4 && hasDigit ? Array("…".utf8) : word
            word = []
        }
        for byte in reason.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"),
                UInt8(ascii: "+"):
                word.append(byte)
            default:
                end()
                result.append(byte)
            }
        }
        end()
        return String(decoding: result, as: UTF8.self)
    }

    /// One JSON object on one line.
    package var json: JSON {
        .object([
            .init("letters", .integer(Int64(total))), .init("wouldReplay", .integer(Int64(replays))),
            .init("wouldPark", .counts(parks, ParkReason.allCases)),
            .init("wouldLeave", .counts(leaves, LetterFate.Leaving.allCases)),
            .init(
                "causes",
                .array(
                    rows.map { row in
                        .object([
                            .init("provider", .optional(row.cause.provider)),
                            .init("disposition", .string(row.cause.disposition.rawValue)),
                            .init("status", row.cause.status.map { .integer(Int64($0)) } ?? .null),
                            .init("reason", .string(row.cause.reason)), .init("count", .integer(Int64(row.count))),
                            .init("first", .string(row.first.description)),
                            .init("last", .string(row.last.description)),
                            .init("example", .string(row.example)), .init("advice", .string(row.advice)),
                        ])
                    }
                )
            ),
        ])
    }
}

extension JSON {
    /// An object with a member for each count that is not zero, in the order of `keys`.
    static func counts<Key: RawRepresentable<String> & Hashable>(_ counts: [Key: Int], _ keys: [Key]) -> JSON {
        .object(keys.compactMap { key in counts[key].map { .init(key.rawValue, .integer(Int64($0))) } })
    }

    static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
}
