internal import CRdKafka

/// What librdkafka or a broker refused, as a value.
///
/// `reason` never holds a property's secret or a record's content.
package struct KafkaError: Error, Hashable, Sendable {
    /// A broker's error code (0 and above, Kafka protocol guide, "Error Codes") or one of librdkafka's own (negative).
    package struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
        package let rawValue: Int32

        package init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        package init(integerLiteral value: Int32) {
            rawValue = value
        }

        /// Every code that librdkafka knows, by its name, as `NOT_COORDINATOR`.
        package static let named: [String: Code] = {
            var list: UnsafePointer<rd_kafka_err_desc>?
            var count = 0
            rd_kafka_get_err_descs(&list, &count)
            var codes: [String: Code] = [:]
            for item in UnsafeBufferPointer(start: list, count: count) {
                if let name = item.name { codes[String(cString: name)] = Code(rawValue: item.code.rawValue) }
            }
            return codes
        }()
    }

    package let code: Code
    /// The code's name; librdkafka's own begin with an underscore, as in `_TIMED_OUT`.
    package let name: String
    package let reason: String
    /// The client that reported it is unusable from now on and has to be replaced.
    package let isFatal: Bool
    /// The same request may succeed later.
    package let isRetriable: Bool

    package init(_ code: Code, reason: String? = nil, isFatal: Bool = false, isRetriable: Bool? = nil) {
        let raw = rd_kafka_resp_err_t(rawValue: code.rawValue)
        self.code = code
        name = String(cString: rd_kafka_err2name(raw))
        self.reason = reason ?? String(cString: rd_kafka_err2str(raw))
        self.isFatal = isFatal
        self.isRetriable = isRetriable ?? (!isFatal && Self.retriable.contains(code))
    }
}

extension KafkaError.Code {
    package static let badMessage: Self = -199
    package static let destroyed: Self = -197
    package static let transport: Self = -195
    package static let messageTimedOut: Self = -192
    package static let endOfPartition: Self = -191
    package static let unknownPartition: Self = -190
    package static let unknownTopic: Self = -188
    package static let allBrokersDown: Self = -187
    package static let invalidArgument: Self = -186
    package static let timedOut: Self = -185
    package static let queueFull: Self = -184
    package static let waitForCoordinator: Self = -180
    package static let conflict: Self = -173
    package static let erroneousState: Self = -172
    package static let noOffset: Self = -168
    package static let purgedFromQueue: Self = -152
    package static let purgedInFlight: Self = -151
    package static let fatal: Self = -150
    package static let maxPollExceeded: Self = -147
    package static let assignmentLost: Self = -142
    package static let noError: Self = 0
    package static let offsetOutOfRange: Self = 1
    package static let unknownTopicOrPartition: Self = 3
    package static let leaderNotAvailable: Self = 5
    package static let notLeader: Self = 6
    package static let messageTooLarge: Self = 10
    package static let offsetMetadataTooLarge: Self = 12
    package static let coordinatorLoading: Self = 14
    package static let coordinatorNotAvailable: Self = 15
    package static let notCoordinator: Self = 16
    package static let illegalGeneration: Self = 22
    package static let unknownMember: Self = 25
    package static let rebalanceInProgress: Self = 27
    package static let topicAuthorizationFailed: Self = 29
    package static let groupAuthorizationFailed: Self = 30
    package static let topicAlreadyExists: Self = 36
    package static let fencedInstance: Self = 82

    /// The client's own, not a broker's: what became of the request is not known.
    package var isLocal: Bool { rawValue < 0 }
}

extension KafkaError {
    /// Codes that the protocol guide marks retriable, and librdkafka's own that mean "not now".
    private static let retriable: Set<Code> = [
        2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 27, 41, 56, 70, 71, 72, 74, 75, 78, 88, 89,
        .transport, .messageTimedOut, .allBrokersDown, .timedOut, .queueFull, .waitForCoordinator, -178, -177, -166,
        -163,
    ]

    static let closed = KafkaError(.destroyed, reason: "the client has been closed")

    /// Takes over an error object; it is destroyed.
    init(consuming error: OpaquePointer) {
        self.init(
            Code(rawValue: rd_kafka_error_code(error).rawValue),
            reason: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0,
            isRetriable: rd_kafka_error_is_retriable(error) != 0 ? true : nil
        )
        rd_kafka_error_destroy(error)
    }

    /// Copies the error that an event carries; a fatal one names its cause instead of `_FATAL`.
    init(event: OpaquePointer) {
        let reason = rd_kafka_event_error_string(event).map { String(cString: $0) }
        self.init(
            Code(rawValue: rd_kafka_event_error(event).rawValue),
            reason: reason,
            isFatal: rd_kafka_event_error_is_fatal(event) != 0
        )
    }

    init(_ error: rd_kafka_resp_err_t) {
        self.init(Code(rawValue: error.rawValue))
    }

    /// Throws unless `error` is NO_ERROR.
    static func check(_ error: rd_kafka_resp_err_t) throws(KafkaError) {
        guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw KafkaError(error)
    }

    /// Throws unless `error` is nil, and takes the object over.
    static func check(consuming error: OpaquePointer?) throws(KafkaError) {
        guard let error else { return }
        throw KafkaError(consuming: error)
    }
}

extension KafkaError: CustomStringConvertible {
    package var description: String {
        "\(name) (\(code.rawValue)): \(reason)\(isFatal ? " [fatal]" : "")"
    }
}
