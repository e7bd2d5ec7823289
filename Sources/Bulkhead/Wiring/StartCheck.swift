internal import KafkaClient
internal import Logging
internal import ServiceLifecycle

/// Says at the start what a worker would otherwise wait for in silence: brokers that do not answer, topics that are missing.
///
/// The worker goes on either way, since both may come later.
struct StartCheck: Service {
    let settings: Settings
    let logger: Logger

    func run() async throws {
        let wanted = TopicPlan.specs(settings).map(\.name)
        await cancelWhenGracefulShutdown {
            var isTold = false
            while !Task.isCancelled {
                if let present = await present() {
                    let missing = wanted.filter { present[$0] == nil }
                    if isTold { logger.notice("Brokers answer now") }
                    guard !missing.isEmpty else { return }
                    return logger.warning(
                        "Topics are missing; make them with `bulkhead topics create`",
                        metadata: ["topics": .string(missing.joined(separator: ","))]
                    )
                }
                if !isTold {
                    isTold = true
                    logger.error(
                        "No broker answers; the worker waits for one. Check kafka.bootstrap.servers",
                        metadata: ["servers": .string(settings.kafka["bootstrap.servers"] ?? "")]
                    )
                }
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private func present() async -> [String: Int]? {
        // What the client itself has to say of it, the services' clients say already.
        var silent = logger
        silent.logLevel = .critical
        let admin = try? KafkaAdmin(settings: KafkaSettings(settings.kafka), logger: silent)
        return try? await admin?.topics(timeout: .seconds(5))
    }
}
