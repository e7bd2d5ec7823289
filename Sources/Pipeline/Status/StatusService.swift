internal import KafkaClient
internal import Logging
package import Messages
internal import Scheduling
internal import ServiceLifecycle
internal import Synchronization

/// Publishes what this process does on the status topic, every second while something changes.
package struct StatusService: Service {
    package let member: String
    /// Where the admin server of this process answers, known once it listens.
    package let admin = AdminAddress()
    private let startedAt: Timestamp
    private let version: String
    private let roles: [String]
    private let lanes: [LaneService]
    private let context: WorkerContext

    package init(member: String, version: String, roles: [String], lanes: [LaneService], context: WorkerContext) {
        self.member = member
        self.version = version
        self.roles = roles
        self.lanes = lanes
        self.context = context
        startedAt = Timestamp(context.clock.now)
    }

    package func status() async -> MemberStatus {
        var all: [MemberStatus.Lane] = []
        for lane in lanes { all += await lane.status() }
        var status = MemberStatus(
            member: member,
            at: Timestamp(context.clock.now),
            startedAt: startedAt,
            version: version,
            roles: roles,
            lanes: all
        )
        status.admin = admin.text
        return status
    }

    /// What commands of this process wait for; `nil` when it has none with this id.
    package func explain(_ id: String, source: String?) async -> MemberAnswer? {
        var explanations: [Explanation] = []
        for lane in lanes { explanations += await lane.explain(id, source: source) }
        guard !explanations.isEmpty else { return nil }
        return MemberAnswer(member: member, commands: explanations.map(\.json))
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var last: MemberStatus?
            var lastSent = ContinuousClock.now
            while !Task.isCancelled {
                let status = await status()
                if !status.says(last) || lastSent.duration(to: .now) > .seconds(10) {
                    last = status
                    lastSent = .now
                    // A snapshot that is lost is followed by the next one.
                    await publish(status.encoded(), within: .seconds(10))
                }
                do { try await Task.sleep(for: .seconds(1)) } catch { break }
            }
        }
        // A member that has left in order is not shown as missing.
        await publish(nil, within: .seconds(2))
    }

    /// Writes a record without waiting for brokers longer than it is worth.
    private func publish(_ value: [UInt8]?, within limit: Duration) async {
        let record = record(value)
        let writing = Task { [writer = context.writer] in _ = await writer.send([record]) }
        _ = await Pipeline.value(of: writing, until: .now + limit)
    }

    private func record(_ value: [UInt8]?) -> ProducerRecord {
        ProducerRecord(topic: context.topics.status, key: Array(member.utf8), value: value)
    }
}

extension MemberStatus {
    /// Whether another snapshot says the same but for its time.
    fileprivate func says(_ other: MemberStatus?) -> Bool {
        lanes == other?.lanes && admin == other?.admin
    }
}

/// Where an admin server answers.
package final class AdminAddress: Sendable {
    private let value = Mutex<String?>(nil)

    /// `host:port`.
    package var text: String? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
