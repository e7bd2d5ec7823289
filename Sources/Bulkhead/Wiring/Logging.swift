internal import Logging
internal import Synchronization

/// Sets the process's log handler once, as the settings say.
enum LogSetup {
    private static let isDone = Mutex(false)

    static func logger(_ settings: LogSettings = LogSettings(), level: Logger.Level? = nil) -> Logger {
        isDone.withLock { done in
            guard !done else { return }
            done = true
            LoggingSystem.bootstrap { label in StreamLogHandler.standardError(label: label) }
        }
        var logger = Logger(label: "bulkhead")
        logger.logLevel = level ?? Logger.Level(rawValue: settings.level.rawValue) ?? .info
        return logger
    }
}
