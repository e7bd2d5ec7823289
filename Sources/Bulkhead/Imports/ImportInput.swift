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
    mutating func digest(_ name: String) throws -> String {
        var hash = SHA256()
        hash.update(data: Array(name.utf8))
        if case .stream = source {
            var spool = SpooledFile(directory: FileManager.default.temporaryDirectory.path, memoryLimit: 8 << 20)
            while let chunk = try next() {
                hash.update(data: chunk)
                try spool.append(chunk)
            }
            source = .spooled(spool)
        } else {
            try rewind()
            while let chunk = try next() { hash.update(data: chunk) }
        }
        return hash.finalize().prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Begins to read at the start; a stream that was not digested can be read only once.
    mutating func rewind() throws {
        switch source {
        case .spooled(var file):
            try file.rewind()
            source = .spooled(file)
        case .file(let handle): try handle.seek(toOffset: 0)
        case .stream: break
        }
    }

    /// The next bytes; `nil` at the end.
    mutating func next() throws -> [UInt8]? {
        switch source {
        case .spooled(var file):
            defer { source = .spooled(file) }
            return try file.next()
        case .file(let handle), .stream(let handle):
            do {
                let data = try handle.read(upToCount: 262_144) ?? Data()
                return data.isEmpty ? nil : Array(data)
            } catch {
                throw Failure(.usage, "\(name): cannot be read")
            }
        }
    }
}
