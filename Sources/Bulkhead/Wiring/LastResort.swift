internal import Dispatch
internal import Logging

/// Ends the process when its services do not end in time after it was told to stop.
///
/// In an outage of the brokers writes wait for them as long as it takes. A stop cut off like this is a crash to the next
/// worker, and so loses nothing.
enum LastResort {
    /// On a thread of its own: what holds the services up may hold Swift's pool, too.
    static func arm(after limit: Duration, _ logger: Logger) {
        DispatchQueue(label: "last.resort").asyncAfter(deadline: .now() + limit / .seconds(1)) {
            logger.critical(
                "Worker ended before its services: the brokers did not take what was left. Nothing is lost",
                metadata: ["after": .string("\(limit)")]
            )
            ExitStatus.failed.exitAtOnce()
        }
    }
}
