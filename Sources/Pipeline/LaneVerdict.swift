internal import Messages
internal import ProviderKit
internal import Scheduling

/// What a call's answer means for a command: values in, values out.
enum LaneVerdict {
    /// The command is over.
    case end(Disposition)
    /// Its next step.
    case proceed
    /// An attempt failed.
    case failed(isInDoubt: Bool)
    case throttled
    case queued
    case unauthorized

    /// Reads the answer to the command's present step.
    init(_ answer: Answer, to command: inout LaneCommand) {
        command.lastDetail = answer.detail
        switch answer.verdict {
        case .done:
            self = command.step == command.steps.last ? .end(.applied) : .proceed
        case .found:
            self = command.step == .check ? Self.checked(answer, &command) : Self.verified(answer, &command)
        case .throttled: self = .throttled
        case .queued: self = .queued
        case .unauthorized: self = .unauthorized
        case .forbidden: self = .end(.unauthorized)
        case .failed: self = .failed(isInDoubt: false)
        case .notFound: self = .end(.notFound)
        case .refused: self = .end(.refused)
        }
    }

    /// Who has the conversation before the change: what an earlier call did, what the command expects.
    private static func checked(_ answer: Answer, _ command: inout LaneCommand) -> LaneVerdict {
        guard case .found(let assignee) = answer.verdict else { return .failed(isInDoubt: false) }
        let isDone = answer.shows(command.operation.assignee) ?? false
        if command.isInDoubt, isDone { return .end(.reconciled) }
        command.previous = .some(assignee)
        if let expected = command.expected, answer.shows(expected) == false {
            command.lastReason = "the conversation has another assignee than expected"
            return .end(.preconditionFailed)
        }
        return isDone ? .end(.unchanged) : .proceed
    }

    /// Who has it afterwards: some providers accept an assignment and do nothing.
    private static func verified(_ answer: Answer, _ command: inout LaneCommand) -> LaneVerdict {
        if answer.shows(command.operation.assignee) ?? false {
            return command.step == command.steps.last ? .end(.applied) : .proceed
        }
        command.lastDetail.code = command.lastDetail.code ?? "not_applied"
        command.lastReason = "the provider accepted the call, but the assignee is another one"
        return .failed(isInDoubt: false)
    }
}
