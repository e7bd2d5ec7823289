internal import KafkaClient
internal import Messages
internal import Pipeline
internal import Scheduling

/// Follows one campaign on the status topic, with a progress bar on stderr.
actor CampaignWatch {
    private let campaign: String
    private let printsJSON: Bool
    private var fleet = FleetSnapshot()
    private var isCaughtUp = false
    private var hasEnded = false
    private var shown: FleetSnapshot.Campaign?

    /// - Parameter printsJSON: whether each change is printed as a line of JSON.
    init(_ campaign: String, printsJSON: Bool) {
        self.campaign = campaign
        self.printsJSON = printsJSON
    }

    private var present: FleetSnapshot.Campaign? { fleet.campaign(campaign) }

    private var isOver: Bool { isCaughtUp && present?.status.state.isFinal ?? false }

    private func take(_ event: TopicScan.Event) {
        switch event {
        case .records(let records):
            for record in records { fleet.take(record) }
        case .caughtUp: isCaughtUp = true
        }
        guard printsJSON, isCaughtUp, let present, present != shown else { return }
        shown = present
        CampaignReport(present).show(json: true)
    }

    /// Returns when the campaign is over; a campaign that no worker has heard of yet is waited for.
    ///
    /// - Parameter refusal: the end of the start command itself, which is then thrown.
    func untilOver(
        _ reader: FleetReader,
        unless refusal: @escaping @Sendable () async -> Outcome? = { nil }
    ) async throws -> FleetSnapshot.Campaign {
        let following = Task {
            // Whoever waits must hear of an end, too.
            defer { hasEnded = true }
            try await TopicScan.follow(
                reader.kafka,
                logger: reader.logger,
                topics: [reader.topics.status],
                start: .beginning
            ) { event in
                self.take(event)
                return !self.isOver
            }
        }
        defer { following.cancel() }
        let clock = WallClock()
        var bar = Terminal.current.progress("campaign \(campaign)", now: clock.now)
        while !isOver, !hasEnded {
            if let outcome = await refusal() {
                throw Failure(.failed, "The campaign did not start: \(outcome.text)".printable)
            }
            let status = present?.status
            let text = bar.update(
                done: status?.done ?? 0,
                total: status?.total,
                note: status?.note ?? "waiting for a worker",
                now: clock.now
            )
            if let text { Terminal.current.draw(text) }
            try await Task.sleep(for: .milliseconds(100))
        }
        if !isOver { try await following.value }
        guard let present else { throw CancellationError() }
        let status = present.status
        Terminal.current.draw(
            bar.finish(done: status.done, total: status.total, note: status.note, now: clock.now)
        )
        return present
    }
}

extension JobStatus {
    /// What a progress bar does not say by itself.
    fileprivate var note: String {
        var parts = [state.rawValue]
        if failed > 0 { parts.append("\(failed) failed") }
        if let reason { parts.append(reason) }
        return parts.joined(separator: ", ")
    }
}

extension Outcome {
    fileprivate var text: String {
        "\(disposition.rawValue)\((reason ?? response.message).map { ": \($0)" } ?? "")"
    }
}
