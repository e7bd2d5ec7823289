internal import Messages
internal import ProviderKit
internal import Scheduling

/// What a call's answer means for a piece of work: values in, values out.
enum LaneVerdict {
    /// The work is over.
    case end(Disposition)
    /// Its next step.
    case proceed
    /// An attempt failed.
    case failed(isInDoubt: Bool)
    case throttled
    case queued
    case unauthorized

    /// Reads the reply to the work's present question.
    init(_ reply: Reply, to work: inout LaneWork) {
        work.lastDetail = reply.detail
        switch work.task {
        case .command(var task):
            guard case .step(let answer) = reply else {
                self = .failed(isInDoubt: false)
                return
            }
            self = Self.read(answer, &task, &work)
            work.task = .command(task)
        case .contacts(var task):
            self = task.take(reply)
            work.task = .contacts(task)
        case .campaign(var task):
            // Its rows are too many to be copied with every page.
            work.task = .campaign(task.withoutRows)
            self = task.take(reply)
            work.task = .campaign(task)
        }
    }

    private static func read(_ answer: Answer, _ task: inout CommandTask, _ work: inout LaneWork) -> LaneVerdict {
        switch answer.verdict {
        case .done: return done(&task)
        case .found:
            return task.step == .check ? checked(answer, &task, &work) : verified(answer, &task, &work)
        case .throttled: return .throttled
        case .queued: return .queued
        case .unauthorized: return .unauthorized
        case .forbidden: return .end(.unauthorized)
        case .failed: return .failed(isInDoubt: false)
        case .notFound: return .end(.notFound)
        case .refused: return .end(.refused)
        }
    }

    private static func done(_ task: inout CommandTask) -> LaneVerdict {
        task.isAtLastStep ? .end(.applied) : .proceed
    }

    /// Who has the conversation before the change: what an earlier call did, what the command expects.
    private static func checked(
        _ answer: Answer,
        _ task: inout CommandTask,
        _ work: inout LaneWork
    ) -> LaneVerdict {
        guard case .found(let assignee) = answer.verdict else { return .failed(isInDoubt: false) }
        let isDone = answer.shows(task.operation.assignee) ?? false
        if work.isInDoubt, isDone { return .end(.reconciled) }
        task.previous = .some(assignee)
        if let expected = task.expected, answer.shows(expected) == false {
            work.lastReason = "the conversation has another assignee than expected"
            return .end(.preconditionFailed)
        }
        return isDone ? .end(.unchanged) : .proceed
    }

    /// Who has it afterwards: some providers accept an assignment and do nothing.
    private static func verified(
        _ answer: Answer,
        _ task: inout CommandTask,
        _ work: inout LaneWork
    ) -> LaneVerdict {
        if answer.shows(task.operation.assignee) ?? false { return done(&task) }
        work.lastDetail.code = work.lastDetail.code ?? AdapterCode.notApplied
        work.lastReason = "the provider accepted the call, but the assignee is another one"
        return .failed(isInDoubt: false)
    }
}
