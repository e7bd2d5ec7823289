internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling

/// A command in a lane, from reading it to the acknowledgement of its outcome.
struct LaneCommand: Sendable {
    let command: Command
    let operation: Operation
    let headers: LaneHeaders
    /// The record as intake wrote it: value and headers go to the dead letters as they came.
    let value: [UInt8]?
    let recordHeaders: [KafkaHeader]
    let source: RecordSource
    let weight: Int
    let accepted: Instant

    /// Where the command is among its steps.
    var steps: [Step]
    var stepIndex = 0
    /// An earlier call's answer was lost, or a worker before us may have sent it.
    var isInDoubt: Bool
    /// The number of the token that was refused, if one was: a second refusal of another token is final.
    var refusedGeneration: Int?
    var firstCall: Instant?
    var firstFailure: Instant?
    /// Time spent in calls.
    var busy = Duration.zero
    var lastDetail = ResponseDetail()
    var lastReason: String?
    /// Who had the conversation when it was read; outer `nil` when it never was.
    var previous: Assignee??

    var step: Step { steps[stepIndex] }

    init(
        command: Command,
        operation: Operation,
        headers: LaneHeaders,
        record: KafkaRecord,
        source: RecordSource,
        steps: [Step],
        isInDoubt: Bool,
        accepted: Instant
    ) {
        self.command = command
        self.operation = operation
        self.headers = headers
        value = record.value
        recordHeaders = record.headers
        self.source = source
        weight = record.weight
        self.accepted = accepted
        self.steps = steps
        self.isInDoubt = isInDoubt
    }

    /// What most of its waiting was for, as far as the command knows.
    func waitReason(_ deferrals: Int) -> String {
        if lastDetail.status == 449 { return "queued" }
        if deferrals > 0 { return "deferral" }
        return firstFailure == nil ? "turn" : "retry"
    }

    var expected: Assignee?? {
        switch command.expect {
        case .absent: .none
        case .nobody: .some(nil)
        case .assignee(let assignee): .some(assignee)
        }
    }
}

/// Which topic a record of a lane came from, and where it stood there.
struct RecordSource: Hashable, Sendable {
    var `class`: Work.Class
    var partition: Int32
    var offset: Int64
}

extension Operation {
    init(_ command: Command) {
        switch command.action {
        case .assign(let target, let assignee): self = .assign(target, assignee)
        case .unassign(let target): self = .unassign(target)
        }
    }
}

extension ProviderWord {
    init(_ signals: RateSignals) {
        self.init(
            retryAt: signals.retryAt,
            limit: signals.limit,
            remaining: signals.remaining,
            resetAt: signals.resetAt
        )
    }
}
