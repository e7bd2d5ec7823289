import Foundation
import Messages

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What a running worker shows of itself on its admin server.
struct WorkerView: Sendable {
    private let name: String
    private let port: Int

    init(_ worker: Program) async throws {
        name = worker.name
        let line = try await worker.logLine("Admin server listens")
        let json = try JSON(parsing: Array(line.utf8))
        port = json["metadata"]?["port"]?.text.flatMap { Int($0) } ?? 0
    }

    /// Waits until so many commands of an account wait in the worker's memory.
    func waitForBacklog(_ count: Int, of lane: SampleCommand.Lane) async throws {
        var found = -1
        let start = ContinuousClock.now
        while found != count {
            guard start.duration(to: .now) < Patience.limit else {
                throw WaitInVain("\(count) waiting commands in \(name), found \(found)")
            }
            // Nothing tells of it, so it has to be asked for.
            try await Task.sleep(for: .milliseconds(50))
            let lanes = try JSON(parsing: await get("api/lanes"))
            let all = lanes.elements ?? lanes["lanes"]?.elements ?? []
            let own = all.first { $0["provider"]?.text == lane.provider && $0["account"]?.text == lane.account }
            found = own.map { $0.number("live") + $0.number("bulk") } ?? -1
        }
    }

    /// Memory in use.
    func residentBytes() async throws -> Int {
        let lines = String(decoding: try await get("metrics"), as: UTF8.self).split(separator: "\n")
        let value = lines.first { $0.hasPrefix("process_resident_memory_bytes ") }?.split(separator: " ").last
        return value.flatMap { Double($0) }.map { Int($0) } ?? 0
    }

    private func get(_ path: String) async throws -> [UInt8] {
        guard let url = URL(string: "http://127.0.0.1:\(port)/\(path)") else { return [] }
        return Array(try await URLSession.shared.data(from: url).0)
    }
}
