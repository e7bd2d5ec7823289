import ArgumentParser
import Scheduling

/// What deciding costs, without any I/O.
struct ChooseBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "choose",
        abstract: "Time to choose the next call with much waiting, with and without limits."
    )

    @OptionGroup var options: ReportOptions
    @Option(help: "Commands waiting.") var waiting = 100_000
    @Option(help: "Entities that they are spread over.") var entities = 10_000
    @Option(help: "Calls measured in each repetition.") var calls = 50_000
    @Option(help: "Measures only the cases whose names hold this text.") var only = ""

    /// One way to fill and limit a lane.
    private struct Case {
        var name: String
        var limits: [RateLimit] = []
        /// Every how many commands one is live; the others are bulk.
        var liveEvery = 1
        var flows = 1
        /// Calls out while the next one is chosen.
        var out = 1
        /// Time between two calls; the lane's own instant when it has to wait longer.
        var pace: Duration = .microseconds(20)
    }

    private static let cases = [
        Case(name: "no limits"),
        Case(name: "no limits, 64 calls out", out: 64),
        Case(name: "no limits, bulk of 20 campaigns beside live", liveEvery: 10, flows: 20),
        Case(name: "100 in 60 s, never idle", limits: [RateLimit(requests: 100, per: .seconds(60))]),
        Case(
            name: "1,000 in 1 s and 20,000 in 60 s, never idle",
            limits: [RateLimit(requests: 1_000, per: .seconds(1)), RateLimit(requests: 20_000, per: .seconds(60))]
        ),
        Case(
            name: "20,000 in 60 s, half used",
            limits: [RateLimit(requests: 20_000, per: .seconds(60))],
            pace: .milliseconds(6)
        ),
        Case(name: "5 in 1 s for each path", limits: [RateLimit(requests: 5, per: .seconds(1), scope: .path)]),
        Case(
            name: "account, endpoint and path",
            limits: [
                RateLimit(requests: 5_000, per: .seconds(1)),
                RateLimit(requests: 4_000, per: .seconds(1), scope: .endpoint),
                RateLimit(requests: 5, per: .seconds(1), scope: .path),
            ]
        ),
    ]

    func run() throws {
        var report = Report(benchmark: "choose: \(waiting) commands waiting in \(entities) entities")
        for item in Self.cases where only.isEmpty || item.name.contains(only) {
            var next: [Double] = []
            var settle: [Double] = []
            for _ in 0..<options.repetitions {
                let cost = measure(item)
                next.append(cost.next)
                settle.append(cost.settle)
            }
            report.add("next: \(item.name)", "ns", next, .below(2_000))
            report.add("settle: \(item.name)", "ns", settle)
        }
        try report.show(options)
    }

    /// Nanoseconds of one call's choosing, with the waits in between, and of its settling.
    ///
    /// The medians over short batches, most of which no other process interrupts.
    private func measure(_ item: Case) -> (next: Double, settle: Double) {
        var settings = AccountLane.Settings()
        settings.limits = item.limits
        settings.concurrency = item.out
        var lane = AccountLane(settings)
        var now = Instant(milliseconds: 1_795_251_600_000)
        var number = 0
        func admit(_ count: Int) {
            for _ in 0..<count {
                let entity = number % entities
                let isLive = number.isMultiple(of: item.liveEvery)
                _ = lane.admit(
                    Work(
                        entity: UInt128(entity) &* 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835,
                        class: isLive ? .live : .bulk,
                        flow: isLive ? 0 : UInt64(entity % item.flows + 1),
                        time: now,
                        key: RateBudget.Key(endpoint: 0, path: UInt64(entity))
                    )
                )
                number += 1
            }
        }
        admit(waiting)

        var choosing: [Double] = []
        var settling: [Double] = []
        var out: [WorkID] = []
        out.reserveCapacity(item.out)
        let batch = 128
        for _ in 0..<max(1, calls / batch) {
            var chosen = Duration.zero
            var settled = Duration.zero
            for _ in 0..<max(1, batch / item.out) {
                let start = ContinuousClock.now
                while out.count < item.out {
                    switch lane.next(now: now) {
                    case .send(let id): out.append(id)
                    case .wait(let until): now = max(now + .microseconds(1), until ?? now)
                    case .conclude: break
                    }
                }
                let middle = ContinuousClock.now
                now = now + item.pace
                for id in out { _ = lane.settle(id, .finished(success: true, .silent), now: now, random: 0.5) }
                chosen += start.duration(to: middle)
                settled += middle.duration(to: .now)
                out.removeAll(keepingCapacity: true)
                admit(item.out)
            }
            let calls = Double(max(1, batch / item.out) * item.out)
            choosing.append(chosen.seconds / calls * 1e9)
            settling.append(settled.seconds / calls * 1e9)
        }
        return (choosing.percentile(0.5), settling.percentile(0.5))
    }
}
