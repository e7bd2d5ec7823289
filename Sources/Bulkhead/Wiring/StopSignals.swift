internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Stops a worker's services as signals ask for it: in order the first time, at once when SIGINT comes again.
struct StopSignals {
    let grace: Duration
    let logger: Logger

    /// Runs the services until they have ended.
    func run(_ group: ServiceGroup) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { await obey(signals, group) }
            // Only the services end by themselves.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func obey(_ signals: UnixSignalsSequence, _ group: ServiceGroup) async {
        var isStopping = false
        for await signal in signals {
            if !isStopping {
                isStopping = true
                logger.notice("Worker stops", metadata: ["grace": "\(grace.components.seconds) s"])
                if Terminal.current.errorIsTerminal {
                    Terminal.current.say("Calls in flight may end; press Ctrl-C again to end at once.")
                }
                LastResort.arm(after: grace + Self.patience, logger)
                await group.triggerGracefulShutdown()
            } else if signal == .sigint {
                Terminal.current.say(
                    "Ended at once. Nothing is lost: the next worker looks up the calls that were in flight."
                )
                ExitStatus.failed.exitAtOnce()
            }
        }
    }

    /// Beyond the grace time.
    static let patience: Duration = .seconds(10)
}
