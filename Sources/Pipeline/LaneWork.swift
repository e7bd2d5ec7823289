internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling

/// A record of a lane's topics, from reading it to the acknowledgement of its outcomes.
struct LaneWork: Sendable {
    /// What it asks for, and how far that is.
    var task: LaneTask
    let headers: LaneHeaders
    /// The record's value, which goes to the dead letters as it came.
    let value: [UInt8]?
    /// The producer's headers, for the dead letters; of a campaign's member all, since it may be parked as it is.
    ///
    /// A lane's own headers are what waiting commands would cost most memory for.
    let recordHeaders: [KafkaHeader]
    let source: RecordSource
    let weight: Int
    let accepted: Instant

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

    init(
        _ task: LaneTask,
        headers: LaneHeaders,
        record: KafkaRecord,
        source: RecordSource,
        isInDoubt: Bool,
        accepted: Instant
    ) {
        self.task = task
        self.headers = headers
        value = record.value
        recordHeaders = task.campaign == nil ? LaneHeaders.stripped(from: record.headers) : record.headers
        self.source = source
        weight = record.weight
        self.accepted = accepted
        self.isInDoubt = isInDoubt
    }

    /// What most of its waiting was for, as far as the work knows.
    func waitReason(_ deferrals: Int) -> String {
        if lastDetail.status == 449 { return "queued" }
        if deferrals > 0 { return "deferral" }
        return firstFailure == nil ? "turn" : "retry"
    }

    /// The command, as people name it.
    var reference: CommandReference { task.reference }
}

/// Which topic a record of a lane came from, and where it stood there.
struct RecordSource: Hashable, Sendable {
    var `class`: Work.Class
    var partition: Int32
    var offset: Int64
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
