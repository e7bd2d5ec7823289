internal import Logging
internal import Operations
internal import Synchronization

/// Sets the process's log handler once, as the settings say.
enum LogSetup {
    private static let isDone = Mutex(false)

    static func logger(_ settings: LogSettings = LogSettings(), level: Logger.Level? = nil) -> Logger {
        let isText = settings.format == .text || (settings.format == .auto && Terminal.current.errorIsTerminal)
        isDone.withLock { done in
            guard !done else { return }
            done = true
            LoggingSystem.bootstrap { label -> any LogHandler in
                guard isText else { return JSONLogHandler(label: label) }
                return TextLogHandler(label: label, colors: Terminal.current.errorHasColors)
            }
        }
        var logger = Logger(label: "bulkhead")
        logger.logLevel = level ?? Logger.Level(rawValue: settings.level.rawValue) ?? .info
        return logger
    }
}
