internal import CRdKafka
internal import Logging

/// Passes librdkafka's own log lines on to the application's log.
struct ClientLog: Sendable {
    let logger: Logger

    func write(event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var severity: Int32 = 6
        guard rd_kafka_event_log(event, &facility, &text, &severity) == 0, let facility, let text else { return }
        let name = String(cString: facility)
        let level = Self.level(severity: severity, facility: name)
        // The library's text is a value, not the message: messages are constant so that they can be counted.
        logger.log(
            level: level,
            "Kafka client log",
            metadata: ["facility": .string(name), "text": .string(String(cString: text))]
        )
    }

    /// Syslog severities, 0 (emergency) to 7 (debug).
    ///
    /// One set of properties serves consumers and producers, so "this property is for the other kind" is no warning.
    static func level(severity: Int32, facility: String) -> Logger.Level {
        if facility == "CONFWARN" { return .debug }
        return switch severity {
        case ...2: .critical
        case 3: .error
        case 4: .warning
        case 5: .notice
        case 6: .info
        default: .debug
        }
    }
}
