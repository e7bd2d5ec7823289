import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// The bare loop that a lane is held against: as many tasks as calls may be out, each calling again and again.
struct BareCalls: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bare-calls", shouldDisplay: false)

    @Option var url: String
    @Option var count: Int
    @Option var conversations: Int
    @Option var concurrency: Int

    func run() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        try await call(client, count: concurrency * 8)
        let processor = BareResult.ownProcessorSeconds
        let start = ContinuousClock.now
        try await call(client, count: count)
        let result = BareResult(
            seconds: start.duration(to: .now).seconds,
            processorSeconds: BareResult.ownProcessorSeconds - processor
        )
        try await client.shutdown()
        try result.print()
    }

    private func call(_ client: HTTPClient, count: Int) async throws {
        let ticket = Ticket()
        let base = "\(url)/\(Sample.provider)"
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<concurrency {
                group.addTask { [conversations] in
                    while true {
                        let number = ticket.take()
                        guard number < count else { return }
                        let id = Sample.conversation(number % conversations)
                        let path = Sample.assignPath.replacing("{id}", with: id)
                        var request = HTTPClientRequest(url: base + path)
                        request.method = .POST
                        request.headers = [
                            "Authorization": "Bearer \(Sample.accounts[0])", "Content-Type": "application/json",
                            "Accept": "application/json",
                        ]
                        request.body = .bytes(ByteBuffer(string: "{\"operatorId\":\"operator-\(number % 100)\"}"))
                        let response = try await client.execute(request, timeout: .seconds(30))
                        guard response.status == .ok else { throw ChildFailure(reason: "status \(response.status)") }
                        _ = try await response.body.collect(upTo: 1 << 20)
                    }
                }
            }
        }
    }
}

/// Numbers that the tasks share.
private final class Ticket: Sendable {
    private let next = Atomic(0)

    func take() -> Int { next.add(1, ordering: .relaxed).oldValue }
}
