import KafkaClient
import Messages
import ProviderKit
import Scheduling
import Testing

@testable import Pipeline

@Suite struct LaneVerdictTests {
    private static let user = Assignee.user("7")
    private static let other = Assignee.user("8")

    @Test(arguments: [
        (Answer.Verdict.notFound, Disposition.notFound), (.refused, .refused), (.forbidden, .unauthorized),
        (.done, .applied),
    ])
    func `an answer that is final ends the command`(verdict: Answer.Verdict, disposition: Disposition) throws {
        #expect(try outcome(of: verdict, at: [.act]) == "end \(disposition)")
    }

    @Test(arguments: [
        (Answer.Verdict.throttled, "throttled"), (.queued, "queued"), (.unauthorized, "unauthorized"),
        (.failed, "failed(isInDoubt: false)"),
    ])
    func `an answer that is not final does not`(verdict: Answer.Verdict, name: String) throws {
        #expect(try outcome(of: verdict, at: [.act]) == name)
    }

    @Test func `a step done leads to the next, and the last one to the end`() throws {
        #expect(try outcome(of: .done, at: [.act, .verify]) == "proceed")
        #expect(try outcome(of: .found(Self.user), at: [.verify]) == "end applied")
        #expect(try outcome(of: .found(Self.other), at: [.verify]) == "failed(isInDoubt: false)")
        #expect(try outcome(of: .found(nil), at: [.verify]) == "failed(isInDoubt: false)")
    }

    @Test(arguments: [
        // Found, expected, in doubt: what it means.
        (Assignee?.some(user), Command.Expectation.absent, false, "end unchanged"),
        (user, .absent, true, "end reconciled"),
        (other, .absent, true, "proceed"),
        (nil, .absent, false, "proceed"),
        (nil, .nobody, false, "proceed"),
        (other, .nobody, false, "end preconditionFailed"),
        (other, .assignee(other), false, "proceed"),
        (nil, .assignee(other), false, "end preconditionFailed"),
        // The change was made by the call whose answer was lost: what was expected before it holds no more.
        (user, .assignee(other), true, "end reconciled"),
    ])
    func `a look before the change knows what is left to do`(
        found: Assignee?,
        expected: Command.Expectation,
        isInDoubt: Bool,
        verdict: String
    ) throws {
        #expect(try outcome(of: .found(found), at: [.check, .act], expected, isInDoubt: isInDoubt) == verdict)
    }

    @Test func `who had the conversation is kept, also when it was nobody`() throws {
        var seen = try command([.check, .act], .absent, isInDoubt: false)
        _ = LaneVerdict(.step(Answer(.found(nil), ResponseDetail(status: 200))), to: &seen)
        #expect(previous(seen) == .some(.some(nil)))
        #expect(seen.lastDetail.status == 200)
        var unseen = try command([.act], .absent, isInDoubt: false)
        _ = LaneVerdict(.step(Answer(.done, ResponseDetail(status: 204))), to: &unseen)
        #expect(previous(unseen) == .some(.none))
    }

    @Test func `an accepted call that changed nothing says so`() throws {
        var command = try command([.verify], .absent, isInDoubt: false)
        _ = LaneVerdict(.step(Answer(.found(Self.other), ResponseDetail(status: 200))), to: &command)
        #expect(command.lastDetail.code == "not_applied")
        #expect(command.lastReason != nil)
    }

    /// Innermost: who it was; in the middle: whether it was read.
    private func previous(_ work: LaneWork) -> Assignee??? {
        guard case .command(let task) = work.task else { return nil }
        return task.previous
    }

    private func outcome(
        of verdict: Answer.Verdict,
        at steps: [Step],
        _ expected: Command.Expectation = .absent,
        isInDoubt: Bool = false
    ) throws -> String {
        var command = try command(steps, expected, isInDoubt: isInDoubt)
        switch LaneVerdict(.step(Answer(verdict, ResponseDetail(status: 200))), to: &command) {
        case .end(let disposition): return "end \(disposition)"
        case let verdict: return "\(verdict)"
        }
    }

    private func command(_ steps: [Step], _ expected: Command.Expectation, isInDoubt: Bool) throws -> LaneWork {
        let record = KafkaRecord(topic: "t", partition: 0, offset: 0, timestamp: 0, key: nil, value: nil, headers: [])
        let command = Command(
            event: EventAttributes(id: "1", source: "/s", type: .assign, time: Timestamp(nanoseconds: 0)),
            provider: "p",
            action: .assign(.conversation(conversation(1)), Self.user),
            expect: expected
        )
        return LaneWork(
            .command(CommandTask(command, steps: steps)),
            headers: LaneHeaders(origin: record.place, key: nil, entity: "p/default/1"),
            record: record,
            source: RecordSource(class: .live, partition: 0, offset: 0),
            isInDoubt: isInDoubt,
            accepted: Instant(nanoseconds: 0)
        )
    }
}
