internal import KafkaClient
internal import Logging
package import Messages
internal import Scheduling
internal import ServiceLifecycle

/// Publishes what this process does on the status topic, every second while something changes.
package struct StatusService: Service {
    package let member: String
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
        return MemberStatus(
            member: member,
            at: Timestamp(context.clock.now),
            startedAt: startedAt,
            version: version,
            roles: roles,
            lanes: all
        )
    }

    package func explain(_ id: String) async -> String? {
        for lane in lanes {
            if let text = await lane.explain(id) { return text }
        }
        return nil
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var last: [MemberStatus.Lane]?
            var lastSent = ContinuousClock.now
            while !Task.isCancelled {
                let status = await status()
                if status.lanes != last || lastSent.duration(to: .now) > .seconds(10) {
                    last = status.lanes
                    lastSent = .now
                    // A snapshot that is lost is followed by the next one.
                    _ = await context.writer.send([record(status.encoded())])
                }
                do { try await Task.sleep(for: .seconds(1)) } catch { break }
            }
        }
        // A member that has left in order is not shown as missing.
        _ = await context.writer.send([record(nil)])
    }

    private func record(_ value: [UInt8]?) -> ProducerRecord {
        ProducerRecord(topic: context.topics.status, key: Array(member.utf8), value: value)
    }
}
