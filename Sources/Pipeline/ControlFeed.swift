package import KafkaClient
package import Logging
package import Messages
internal import Scheduling
internal import ServiceLifecycle
internal import Synchronization

/// What people have decided about lanes and campaigns, as the control topic has it.
///
/// Every worker reads the whole topic, outside any group, before its lanes begin and from then on as it grows.
package final class ControlFeed: Service, Sendable {
    private struct State {
        var messages: [ControlKey: ControlMessage] = [:]
        var isCaughtUp = false
        var waiting: [AsyncStream<Never>.Continuation] = []
        var listeners: [AsyncStream<Void>.Continuation] = []
    }

    private let kafka: KafkaSettings
    private let topics: TopicNames
    private let logger: Logger
    private let state = Mutex(State())

    package init(kafka: KafkaSettings, topics: TopicNames, logger: Logger) {
        self.kafka = kafka
        self.topics = topics
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await TopicScan.follow(
                        self.kafka,
                        logger: self.logger,
                        topics: [self.topics.control],
                        start: .beginning
                    ) { event in
                        switch event {
                        case .caughtUp: self.caughtUp()
                        case .records(let records): self.take(records)
                        }
                        return true
                    }
                } catch {
                    self.logger.error(
                        "Control topic cannot be read; lanes wait for it",
                        metadata: ["topic": .string(self.topics.control), "error": .string("\(error)")]
                    )
                }
                try? await Task.sleep(for: .seconds(2))
            }
        }
        caughtUp()
    }

    package var isCaughtUp: Bool { state.withLock { $0.isCaughtUp } }

    package var messages: [ControlKey: ControlMessage] { state.withLock { $0.messages } }

    func message(for key: ControlKey) -> ControlMessage? { state.withLock { $0.messages[key] } }

    /// Returns once everything that was decided before has been read, or when the task is cancelled.
    package func untilCaughtUp() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        state.withLock { state in
            if state.isCaughtUp { continuation.finish() } else { state.waiting.append(continuation) }
        }
        for await _ in stream {}
    }

    /// Yields after changes; several close together may be one.
    package func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }

    /// What holds for an account: its own record for limits, and a pause of either the account or the lane.
    func rule(provider: String, account: String, at time: Timestamp) -> ControlRule {
        let messages = messages
        let own = messages[.lane(provider: provider, account: account)]
        let lane = messages[.lane(provider: provider, account: nil)]
        let pause = [own, lane].compactMap { $0 }.first { $0.holds(at: time) }
        let order = [own, lane].compactMap { $0 }.first { $0.limits != nil }
        return ControlRule(pause: pause, limits: order?.limits?.compactMap(RateLimit.init), limitOrder: order)
    }

    private func caughtUp() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isCaughtUp = true
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }

    private func take(_ records: [KafkaRecord]) {
        let listeners = state.withLock { state in
            for record in records {
                guard let key = ControlKey(record.key) else { continue }
                guard let value = record.value else {
                    state.messages[key] = nil
                    continue
                }
                do throws(Rejection) {
                    state.messages[key] = try ControlMessage(decoding: value)
                } catch {
                    logger.warning("Control record cannot be read", metadata: ["key": .string(key.description)])
                }
            }
            return state.listeners
        }
        for listener in listeners { listener.yield() }
    }
}

/// What people have decided about one account.
struct ControlRule {
    var pause: ControlMessage?
    /// In place of those of the settings.
    var limits: [RateLimit]?
    /// The record that says so.
    var limitOrder: ControlMessage?
}

extension RateLimit {
    package init?(_ limit: ControlMessage.Limit) {
        guard let scope = Scope(rawValue: limit.scope) else { return nil }
        self.init(requests: limit.requests, per: limit.per, burst: limit.burst, scope: scope)
    }
}
