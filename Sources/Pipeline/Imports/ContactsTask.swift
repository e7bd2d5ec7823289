internal import Messages
internal import ProviderKit

/// The cards of one lane record and what became of each: values in, values out.
///
/// The cards go out in one request. A request that one card may have spoiled is halved until that card stands alone; one
/// whose answer is lost is followed by a look for each of its contacts, and only what is missing is sent again
/// (`reference/providers.md` 1.5).
struct ContactsTask: Sendable {
    /// What became of a card.
    struct End: Hashable, Sendable {
        var disposition: Disposition
        var detail = ResponseDetail()
        var reason: String?
    }

    /// Cards that go in one request.
    private struct Group: Sendable {
        var members: [Int]
        var lookup: Lookup?
    }

    /// Looking for the contacts of a group, one after the other.
    private struct Lookup: Sendable {
        /// Position in the group's members.
        var position = 0
        var skip = 0
        var missing: [Int] = []
    }

    let batch: ContactBatch
    let importer: any ContactImporting
    private let uploads: [ContactUpload]
    /// By position in the batch; `nil` for cards that are not done.
    private(set) var ends: [End?]
    /// What is left to do, the last of it next.
    ///
    /// Never holds an empty group.
    private var groups: [Group]

    /// - Parameters:
    ///   - done: positions in the batch of cards that have an outcome from elsewhere and are left out.
    ///   - isInDoubt: a worker before us may have sent it.
    init(_ batch: ContactBatch, _ importer: any ContactImporting, without done: Set<Int> = [], isInDoubt: Bool) {
        self.batch = batch
        self.importer = importer
        uploads = batch.members.map { ContactUpload($0.contact, labels: batch.labels) }
        ends = Array(repeating: nil, count: batch.members.count)
        groups = [Group(members: batch.members.indices.filter { !done.contains($0) })]
        left = Set(groups[0].members)
        if isInDoubt { lookUp() } else { tidy() }
    }

    /// The cards that this task answers for.
    let left: Set<Int>

    var isOver: Bool { groups.isEmpty }
    var isSending: Bool { groups.last.map { $0.lookup == nil } ?? false }
    var hasEnds: Bool { ends.contains { $0 != nil } }
    /// Whether any card has come to be at the provider.
    var hasSuccess: Bool { ends.contains { $0?.disposition.topic == .results } }

    /// How long the contact that was just made is left alone; `nil` for none.
    var restAfterCreate: Duration? {
        guard importer.delayAfterCreate > .zero, ends.contains(where: { $0?.disposition == .applied }) else {
            return nil
        }
        return importer.delayAfterCreate
    }

    var question: Question {
        guard let group = groups.last else { return .contacts(importer, []) }
        guard let lookup = group.lookup else { return .contacts(importer, group.members.map { uploads[$0] }) }
        return .lookup(importer, uploads[group.members[lookup.position]], skip: lookup.skip)
    }

    /// Takes in a reply to the question.
    mutating func take(_ reply: Reply) -> LaneVerdict {
        switch reply {
        case .contacts(let imported): return take(imported)
        case .lookup(let found, let status): return take(found, status)
        case .step, .page: return .failed(isInDoubt: false)
        }
    }

    private mutating func take(_ imported: ImportAnswer) -> LaneVerdict {
        guard let group = groups.last else { return .end(.applied) }
        let answer = imported.answer
        switch answer.verdict {
        case .done: end(group.members, End(disposition: .applied, detail: answer.detail))
        case .refused, .notFound:
            if imported.splits, group.members.count > 1 {
                let middle = group.members.count / 2
                groups.removeLast()
                groups.append(Group(members: Array(group.members[middle...])))
                groups.append(Group(members: Array(group.members[..<middle])))
                return .proceed
            }
            let disposition: Disposition = answer.verdict == .refused ? .refused : .notFound
            end(group.members, End(disposition: disposition, detail: answer.detail))
        case .forbidden: return .end(.unauthorized)
        case .throttled: return .throttled
        case .queued: return .queued
        case .unauthorized: return .unauthorized
        // The provider may have taken some of the cards before it failed.
        case .failed, .found: return .failed(isInDoubt: true)
        }
        return isOver ? .end(.applied) : .proceed
    }

    private mutating func take(_ found: LookupAnswer, _ status: Int) -> LaneVerdict {
        guard var group = groups.last, var lookup = group.lookup else { return .failed(isInDoubt: false) }
        switch found {
        case .present:
            let member = group.members[lookup.position]
            ends[member] = End(disposition: .reconciled, detail: ResponseDetail(status: status))
            lookup.position += 1
            lookup.skip = 0
        case .absent:
            lookup.missing.append(group.members[lookup.position])
            lookup.position += 1
            lookup.skip = 0
        case .more(let skip):
            // A list that does not move on would be read for ever.
            guard skip > lookup.skip else { return .failed(isInDoubt: false) }
            lookup.skip = skip
        case .answer(let answer):
            switch answer.verdict {
            case .throttled: return .throttled
            case .queued: return .queued
            case .unauthorized: return .unauthorized
            case .forbidden: return .end(.unauthorized)
            case .done, .found, .failed, .notFound, .refused: return .failed(isInDoubt: false)
            }
        }
        group.lookup = lookup
        groups[groups.count - 1] = group
        tidy()
        return isOver ? .end(.reconciled) : .proceed
    }

    /// The answer to the last question is lost: what it did has to be looked up before anything is sent again.
    mutating func lookUp() {
        guard let group = groups.last, group.lookup == nil else { return tidy() }
        groups[groups.count - 1].lookup = Lookup()
        tidy()
    }

    /// Ends the cards of the last question; the others go on.
    mutating func give(up end: End) {
        guard let group = groups.last else { return }
        // What a look has shown already stays as it is.
        self.end(group.members.filter { ends[$0] == nil }, end)
    }

    private mutating func end(_ members: [Int], _ end: End) {
        for member in members { ends[member] = end }
        groups.removeLast()
        tidy()
    }

    /// Moves over cards that cannot be looked up, and drops what is done.
    private mutating func tidy() {
        while var group = groups.last {
            guard var lookup = group.lookup else {
                if !group.members.isEmpty { return }
                groups.removeLast()
                continue
            }
            while lookup.position < group.members.count {
                let member = group.members[lookup.position]
                do throws(EncodingFailure) {
                    if try importer.lookupRequest(for: uploads[member], skip: lookup.skip) != nil { break }
                    // Sending it again changes nothing there, so there is nothing to look for.
                    lookup.missing.append(member)
                } catch {
                    ends[member] = End(
                        disposition: .exhausted,
                        reason: "the answer was lost and the contact cannot be looked for: \(error.reason)"
                    )
                }
                lookup.position += 1
                lookup.skip = 0
            }
            if lookup.position < group.members.count {
                group.lookup = lookup
                groups[groups.count - 1] = group
                return
            }
            groups.removeLast()
            if !lookup.missing.isEmpty { groups.append(Group(members: lookup.missing)) }
        }
    }
}
