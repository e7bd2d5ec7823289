internal import Messages
internal import ProviderKit

/// An assign or unassign command and where it is among its steps.
struct CommandTask: Sendable {
    let command: Command
    private(set) var steps: [Step]
    private var stepIndex = 0
    /// Who had the conversation when it was read; outer `nil` when it never was.
    var previous: Assignee??

    init(_ command: Command, _ adapter: any Provider, check: Bool, previous: Assignee?? = nil) {
        self.command = command
        self.previous = previous
        steps = adapter.steps(for: Operation(command), check: check || command.expect != .absent)
    }

    init(_ command: Command, steps: [Step]) {
        self.command = command
        self.steps = steps
    }

    var operation: Operation { Operation(command) }
    var step: Step { steps[stepIndex] }
    var isAtLastStep: Bool { stepIndex == steps.count - 1 }

    mutating func advance() {
        stepIndex = min(stepIndex + 1, steps.count - 1)
    }

    /// Begins the steps anew.
    mutating func restart(_ adapter: any Provider, check: Bool) {
        steps = adapter.steps(for: operation, check: check || command.expect != .absent)
        stepIndex = 0
    }

    var expected: Assignee?? {
        switch command.expect {
        case .absent: .none
        case .nobody: .some(nil)
        case .assignee(let assignee): .some(assignee)
        }
    }
}

extension Operation {
    init(_ command: Command) { self.init(command.action) }

    init(_ action: Command.Action) {
        switch action {
        case .assign(let target, let assignee): self = .assign(target, assignee)
        case .unassign(let target): self = .unassign(target)
        }
    }
}
