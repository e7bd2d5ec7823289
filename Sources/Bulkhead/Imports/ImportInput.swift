internal import Crypto
internal import Foundation
internal import HTTPTransport

/// The file of an import, read in pieces, as often as is needed.
struct ImportInput {
    private enum Source {
        case file(FileHandle)
        /// What can be read only once, such as a pipe.
        case stream(FileHandle)
        case spooled(SpooledFile)
    }

    private let name: String
    private var source: Source

    /// - Parameter name: a path, or `-` for standard input.
    init(_ name: String) throws {
        self.name = name
        guard let handle = name == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: name) else {
            throw Failure(.usage, "\(name): cannot be read")
        }
        let canSeek = name != "-" && (try? handle.seek(toOffset: 0)) != nil
        source = canSeek ? .file(handle) : .stream(handle)
    }

    /// SHA-256 of a name and the whole file, after which the file can be read again.
    mutating func digest(_ name: String) async throws -> String {
        var hash = SHA256()
        hash.update(data: Array(name.utf8))
        if case .stream = source {
            var spool = SpooledFile(directory: FileManager.default.temporaryDirectory.path, memoryLimit: 8 << 20)
            try await read { chunk in
                hash.update(data: chunk)
                try spool.append(chunk)
            }
            source = .spooled(spool)
        } else {
            try await read { hash.update(data: $0) }
        }
        return hash.finalize().prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Reads from the start; a stream that was not digested, only once.
    func read(_ receive: ([UInt8]) async throws -> Void) async throws {
        switch source {
        case .spooled(let file):
            try await file.read { chunk in
                try await receive(chunk)
                return true
            }
        case .file(let handle):
            try handle.seek(toOffset: 0)
            try await read(handle, receive)
        case .stream(let handle): try await read(handle, receive)
        }
    }

    private func read(_ handle: FileHandle, _ receive: ([UInt8]) async throws -> Void) async throws {
        while let chunk = try next(handle) { try await receive(chunk) }
    }

    private func next(_ handle: FileHandle) throws -> [UInt8]? {
        do {
            let data = try handle.read(upToCount: 262_144) ?? Data()
            return data.isEmpty ? nil : Array(data)
        } catch {
            throw Failure(.usage, "\(name): cannot be read")
        }
    }
}
