package import Messages

/// Fetches the files of imports that name a `url`.
package protocol ImportSource: Sendable {
    /// Fetches a file and hands out its bytes in order, once its length and digest are known to be right.
    ///
    /// - Parameter receive: Gets the next bytes, and says whether it wants more.
    /// - Throws: ``ImportDownloadFailure``, `CancellationError`, or what `receive` throws.
    func download(
        _ download: ImportCommand.Download,
        _ receive: ([UInt8]) async throws -> Bool
    ) async throws
}

/// Why a file could not be fetched; nothing of it was handed out.
package struct ImportDownloadFailure: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Another try may succeed.
        case transient
        case permanent
    }

    package enum Code: String, Hashable, Sendable, CaseIterable {
        case badAddress = "url_invalid"
        /// An address that the settings do not allow.
        case refusedAddress = "url_refused"
        case unreachable = "url_unreachable"
        case timeout = "url_timeout"
        /// The server answered with something else than the file.
        case status = "url_status"
        case badRedirect = "url_redirect"
        case tooLarge = "file_too_large"
        case wrongLength = "file_length"
        case wrongDigest = "file_digest"
        /// The file could not be kept on this machine.
        case storage = "file_storage"
    }

    package var kind: Kind
    package var code: Code
    /// In words, naming no more of the address than its host.
    package var reason: String

    package init(_ kind: Kind, _ code: Code, _ reason: String) {
        self.kind = kind
        self.code = code
        self.reason = reason
    }
}
