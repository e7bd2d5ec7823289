internal import Foundation
internal import HTTPTransport
internal import HTTPTypes
internal import KafkaClient
internal import Logging
internal import Messages
internal import Pipeline
internal import ProviderKit
internal import Scheduling

/// Finds out what became of a command: from the topics, and from the worker that has it.
struct CommandInquiry {
    let id: String
    let source: String?
    /// Asked instead of the address in the worker's status.
    let admin: String?
    let reader: FleetReader

    /// - Returns: one story for each source that used the id, campaigns and imports of that id, and how many records were
    ///   looked through.
    func answer() async throws -> (stories: [CommandStory], jobs: [JobStatus], records: Int) {
        var search = CommandSearch(
            id,
            source: source,
            providers: Array(reader.catalog.providers.keys),
            kafka: reader.kafka,
            topics: reader.topics,
            logger: reader.logger
        )
        try await search.read()
        let present = try await KafkaAdmin(settings: reader.kafka, logger: reader.logger).topics()
        let fleet = try await reader.snapshot(present)
        var replies: [String: CommandStory.Reply] = [:]
        for trace in search.found where trace.outcome == nil && trace.lane != nil {
            replies[trace.command.source ?? ""] = await ask(trace, fleet)
        }
        // What a worker does not have may have ended since the topics were read.
        if replies.values.contains(.unknown) { try await search.read() }
        var stories: [CommandStory] = []
        for trace in search.found {
            var story = CommandStory(trace, now: WallClock().now)
            story.holding = holding(trace, fleet)
            story.reply = replies[trace.command.source ?? ""] ?? .none
            if trace.outcome == nil { story.progress = try await progress(trace) }
            stories.append(story)
        }
        let jobs = fleet.jobs.filter {
            $0.id == id || ($0.command.id == id && (source == nil || $0.command.source == source))
        }
        return (stories, jobs, search.count)
    }

    private func holding(_ trace: CommandTrace, _ fleet: FleetSnapshot) -> FleetSnapshot.Holding? {
        guard trace.lane != nil, let provider = trace.provider, let account = trace.account else { return nil }
        return fleet.owner(provider: provider, account: account)
    }

    private func progress(_ trace: CommandTrace) async throws -> GroupProgress? {
        guard let place = trace.place else { return nil }
        let isLane = trace.lane?.place == place
        let group = isLane ? reader.topics.laneGroup(trace.provider ?? "") : reader.topics.intakeGroup
        let partition = TopicPartition(topic: place.topic, partition: place.partition)
        return try await GroupProgress.read(
            reader.kafka,
            logger: reader.logger,
            group: group,
            partitions: [partition]
        )[partition]
    }

    private func ask(_ trace: CommandTrace, _ fleet: FleetSnapshot) async -> CommandStory.Reply {
        let member = holding(trace, fleet)?.member
        if admin == nil {
            guard let member, member.isAlive(at: WallClock().now) else { return .none }
            guard let address = member.admin else {
                return .unreachable(address: "no address", reason: "its admin server does not listen yet")
            }
            return await ask(trace, address, expecting: member.member)
        }
        return await ask(trace, admin ?? "", expecting: nil)
    }

    /// - Parameter expecting: the worker that has to be the one that answers: behind a loopback address there may be another
    ///   one on this machine.
    private func ask(_ trace: CommandTrace, _ address: String, expecting member: String?) async -> CommandStory.Reply {
        let transport = HTTPTransport(concurrency: 1, connectTimeout: .seconds(2))
        let reply: CommandStory.Reply
        do throws(TransportFailure) {
            reply = try await ask(trace, address, expecting: member, transport)
        } catch {
            reply = .unreachable(address: address, reason: error.reason)
        }
        await transport.shutdown()
        return reply
    }

    private func ask(
        _ trace: CommandTrace,
        _ address: String,
        expecting member: String?,
        _ transport: HTTPTransport
    ) async throws(TransportFailure) -> CommandStory.Reply {
        func get(_ path: String) async throws(TransportFailure) -> ProviderResponse {
            let head = HTTPRequest(method: .get, scheme: "http", authority: address, path: path)
            return try await transport.send(ProviderRequest(head: head, endpoint: "GET"), timeout: .seconds(5))
        }
        let source = trace.command.source.map { "&source=\($0.queryEncoded)" } ?? ""
        let response = try await get("/api/explain?id=\(trace.command.id.queryEncoded)\(source)")
        switch response.head.status.code {
        case 200:
            guard let answer = MemberAnswer(decoding: response.body),
                let told = answer.commands.first(where: { $0["source"]?.text == trace.command.source })
            else { return .unreachable(address: address, reason: "what answers there is no worker") }
            return .waiting(told)
        case 404:
            guard let member else { return .unknown }
            let body = try await get("/api/lanes").body
            guard case .member(let other) = try? StatusMessage(decoding: body) else {
                return .unreachable(address: address, reason: "what answers there is no worker")
            }
            guard other.member == member else {
                return .unreachable(address: address, reason: "from here another worker answers there")
            }
            return .unknown
        default:
            return .unreachable(address: address, reason: "it answered \(response.head.status.code)")
        }
    }
}

extension String {
    /// As the value of a query: everything but letters, digits and `-._~` as percent escapes (RFC 3986 section 2.3).
    fileprivate var queryEncoded: String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return addingPercentEncoding(withAllowedCharacters: plain) ?? self
    }
}
