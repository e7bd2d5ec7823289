import Crypto
import Foundation
package import ProviderKit

/// The bytes of a file on their way in: in memory, and beyond a size on disk in a file that has no name.
package struct SpooledFile {
    private let directory: String
    private let memoryLimit: Int
    private var bytes: [UInt8] = []
    private var handle: FileHandle?
    /// Nothing is left in memory for the reader.
    private var isRead = false
    private var hash = SHA256()
    package private(set) var count: Int64 = 0

    /// - Parameters:
    ///   - directory: For the file on disk.
    ///   - memoryLimit: Bytes up to which there is none.
    package init(directory: String, memoryLimit: Int) {
        self.directory = directory
        self.memoryLimit = memoryLimit
    }

    package mutating func append(_ chunk: [UInt8]) throws(ImportDownloadFailure) {
        hash.update(data: chunk)
        count += Int64(chunk.count)
        bytes += chunk
        if bytes.count > memoryLimit { try spill() }
    }

    private mutating func spill() throws(ImportDownloadFailure) {
        do {
            let handle = try handle ?? Self.unnamedFile(in: directory)
            self.handle = handle
            try handle.write(contentsOf: Data(bytes))
            bytes.removeAll(keepingCapacity: true)
        } catch {
            throw Self.failure(error)
        }
    }

    /// A new file that vanishes with its handle: contacts must not lie about after a crash.
    private static func unnamedFile(in directory: String) throws -> FileHandle {
        let url = URL(filePath: directory).appending(path: "bulkhead-\(UUID().uuidString)")
        try Data().write(to: url, options: .withoutOverwriting)
        defer { try? FileManager.default.removeItem(at: url) }
        return try FileHandle(forUpdating: url)
    }

    /// SHA-256 of all bytes in lower-case hex.
    package var digest: String {
        hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// Begins to read at the start.
    package mutating func rewind() throws(ImportDownloadFailure) {
        isRead = false
        do {
            try handle?.seek(toOffset: 0)
        } catch {
            throw Self.failure(error)
        }
    }

    /// The next bytes: what is on disk, and then what is in memory; `nil` at the end.
    package mutating func next() throws(ImportDownloadFailure) -> [UInt8]? {
        if let handle, let chunk = try Self.next(of: handle) { return chunk }
        guard !isRead, !bytes.isEmpty else { return nil }
        isRead = true
        return bytes
    }

    /// Hands out all bytes from the start, until `receive` wants no more.
    package func read(_ receive: ([UInt8]) async throws -> Bool) async throws {
        var file = self
        try file.rewind()
        while let chunk = try file.next() {
            guard try await receive(chunk) else { return }
        }
    }

    private static func next(of handle: FileHandle) throws(ImportDownloadFailure) -> [UInt8]? {
        do {
            let data = try handle.read(upToCount: 1 << 20) ?? Data()
            return data.isEmpty ? nil : Array(data)
        } catch {
            throw failure(error)
        }
    }

    private static func failure(_ error: any Error) -> ImportDownloadFailure {
        ImportDownloadFailure(.transient, .storage, "the file could not be kept on this machine")
    }
}
