import KafkaClient
import Messages
import Pipeline
import Scheduling
import Testing

@testable import Bulkhead

/// How an installation is shown.
@Suite struct FleetReportTests {
    private static let noon = Instant(Timestamp("2026-11-21T12:00:00Z") ?? Timestamp(nanoseconds: 0))
    private static let topics = TopicNames(prefix: "b")
    private let plain = Terminal(outputIsTerminal: false, errorIsTerminal: false)

    private func ago(_ seconds: Int) -> Timestamp { Timestamp(Self.noon.advanced(by: .seconds(-seconds))) }

    private func member(
        _ name: String,
        seen seconds: Int,
        _ lanes: [(provider: String, state: MemberStatus.Lane.State)],
        _ change: (inout MemberStatus.Lane) -> Void = { _ in }
    ) -> MemberStatus {
        var member = MemberStatus(
            member: name,
            at: ago(seconds),
            startedAt: ago(7_200),
            version: "1",
            roles: ["intake", "lanes"],
            lanes: lanes.map { provider, state in
                var lane = MemberStatus.Lane(provider: provider, account: "main", partition: 0, state: state)
                change(&lane)
                return lane
            }
        )
        member.admin = "10.0.0.7:8087"
        return member
    }

    private func report(_ members: [MemberStatus], _ jobs: [JobStatus] = []) throws -> FleetReport {
        let settings = try SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets).settings()
        var fleet = FleetSnapshot()
        for (key, value) in members.map({ ($0.key, $0.encoded()) }) + jobs.map({ ($0.key, $0.encoded()) }) {
            fleet.take(
                KafkaRecord(
                    topic: Self.topics.status,
                    partition: 0,
                    offset: 0,
                    timestamp: -1,
                    key: Array(key.utf8),
                    value: value,
                    headers: []
                )
            )
        }
        var backlog: [TopicPartition: GroupProgress] = [:]
        for topic in [Self.topics.commands, Self.topics.live("hatif"), Self.topics.bulk("hatif")] {
            backlog[TopicPartition(topic: topic, partition: 0)] = GroupProgress(mark: 10, finished: [12..<15], end: 20)
        }
        return FleetReport(fleet, backlog, ProviderCatalog(settings), topics: Self.topics, now: Self.noon)
    }

    private let everything: [(String, MemberStatus.Lane.State)] = [
        ("aelyst", .limited), ("convor", .open), ("hatif", .open),
    ]

    @Test func `all is well while every lane has a worker and works`() throws {
        let report = try report([member("w1", seen: 2, everything), member("gone", seen: 600, everything)])
        #expect(report.verdict.text == "1 worker and 1 gone silent, 3 lanes: all work")
        #expect(report.verdict.isWell)
        #expect(report.laneNotes == [])
        #expect(report.json["well"] == .bool(true))
    }

    @Test func `lanes that are paused, closed or nobody's are counted and explained`() throws {
        let alive = member("w1", seen: 2, [("aelyst", .paused), ("hatif", .closed)]) { lane in
            lane.reason = lane.state == .paused ? "paused by anna: maintenance" : "failures"
            lane.since = ago(300)
        }
        let report = try report([alive, member("w0", seen: 45, [("convor", .open)])])
        #expect(!report.verdict.isWell)
        #expect(
            report.verdict.text
                == "1 worker and 1 gone silent, 3 lanes: 1 without a worker, 1 closed, 1 paused"
        )
        #expect(
            report.laneNotes == [
                "aelyst/main is paused by anna: maintenance since 2026-11-21T11:55:00Z (5 min)",
                "convor/main: no worker has it; w0 had it and has been silent for 45 s",
                "hatif/main is closed (failures) since 2026-11-21T11:55:00Z (5 min)",
            ]
        )
        #expect(report.json["lanes"]?.elements?.map { $0["state"]?.text } == ["paused", "no_worker", "closed"])
    }

    @Test func `what is left is counted from commits, and a limit that is not of the settings says why`() throws {
        let worker = member("w1", seen: 2, everything) { lane in
            guard lane.provider == "hatif" else { return }
            lane.limits = [ControlMessage.Limit(requests: 40, per: .seconds(60), scope: "account")]
            lane.limitsReason = "lowered by the provider from 100 per 1m"
            lane.utilization = 0.5
        }
        let report = try report([worker])
        let lines = report.lines(plain)
        #expect(
            lines.contains(
                "hatif/main   open        7     7      0     0 s  50 %  40 per 1m for each account"
            )
        )
        #expect(
            report.laneNotes == [
                "hatif/main: limit 40 per 1m for each account: lowered by the provider from 100 per 1m"
            ]
        )
        #expect(lines.contains("Intake has 7 commands and 0 imports left to read."))
    }

    @Test func `campaigns and imports show how far they are, and old ones are counted only`() throws {
        let command = CommandReference(id: "c", source: "/crm")
        func job(_ id: String, _ state: JobStatus.State, _ seconds: Int) -> JobStatus {
            var job = JobStatus(
                .campaign,
                id: id,
                command: command,
                provider: "hatif",
                account: "main",
                state: state,
                startedAt: ago(seconds),
                at: ago(seconds)
            )
            job.total = 500
            job.counts = [.applied: 118, .notFound: 2]
            job.rate = 4.25
            job.remainingMilliseconds = 190_000
            return job
        }
        let lines = try report(
            [member("w1", seen: 2, everything)],
            [job("spring", .running, 60), job("old", .completed, 100_000)]
        ).lines(plain)
        #expect(
            lines.contains(
                "campaign/spring  hatif/main  running  120 of 500, 2 failed  4.3/s  3 min"
            )
        )
        #expect(lines.contains("1 campaigns and imports ended more than a day ago"))
    }

    @Test func `without any worker the first line asks for one`() throws {
        let report = try report([])
        #expect(report.verdict.text == "No worker has reported: is one running?")
        #expect(!report.verdict.isWell)
        #expect(report.laneNotes == [])
    }
}
