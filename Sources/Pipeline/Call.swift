internal import HTTPTypes
internal import ProviderKit
internal import Scheduling

/// One call that the lane has decided on.
struct Call: Sendable {
    let account: String
    let id: WorkID
    let partition: Int32
    let epoch: Int
    let question: Question
    let request: ProviderRequest
    let adapter: any Provider
    let credentials: Credentials
    let timeout: Duration
    let traceparent: String?
    let tracestate: String?
}

/// How it ended.
struct CallReport: Sendable {
    enum End: Sendable {
        case answered(Reply, RateSignals)
        /// The token was refused; `isRenewable` when another one can be had.
        case tokenRefused(ResponseDetail, generation: Int, isRenewable: Bool, RateSignals)
        /// No token could be had.
        case noToken(Credentials.Failure)
        case broken(TransportFailure)
        /// Not written, since the partition is not ours.
        case withdrawn
    }

    var end: End
    var started: Instant
    var finished: Instant
}

extension Call {
    /// Makes the call, wherever the task runs.
    @concurrent
    func perform(_ transport: any Transport, _ ownership: Ownership, _ clock: WallClock) async -> CallReport {
        let started = clock.now
        func report(_ end: CallReport.End) -> CallReport { CallReport(end: end, started: started, finished: clock.now) }

        var request = request
        let lease: Credentials.Lease
        do throws(Credentials.Failure) {
            lease = try await credentials.lease(request.credential)
        } catch {
            return report(.noToken(error))
        }
        lease.sign(&request)
        if let traceparent { request.head.headerFields[.traceparent] = traceparent }
        if let tracestate { request.head.headerFields[.tracestate] = tracestate }
        // The last look before writing: waiting for a token may have taken longer than the partition was ours.
        guard ownership.mayWrite(partition, epoch: epoch) else { return report(.withdrawn) }
        do throws(TransportFailure) {
            let response = try await transport.send(request, timeout: timeout)
            let signals = RateSignals(response.head.headerFields, now: clock.now)
            var reply = question.reply(adapter, response)
            guard var answer = reply.answer else { return report(.answered(reply, signals)) }
            answer.detail = lease.redact(answer.detail)
            reply.answer = answer
            guard answer.verdict == .unauthorized else { return report(.answered(reply, signals)) }
            let isRenewable = await credentials.refused(request.credential, lease)
            return report(
                .tokenRefused(answer.detail, generation: lease.generation, isRenewable: isRenewable, signals)
            )
        } catch {
            return report(.broken(error))
        }
    }
}
