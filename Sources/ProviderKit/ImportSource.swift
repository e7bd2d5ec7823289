package import Messages

/// Fetches the files of imports by `url`.
package protocol ImportSource: Sendable {
    /// Fetches a file and hands it out piece by piece, once its length and digest are known to be right.
    ///
    /// - Parameter receive: answers `false` when no more is wanted.
    func download(
        _ download: ImportCommand.Download,
        _ receive: ([UInt8]) async -> Bool
    ) async throws(ImportSourceFailure)
}

/// Why a file was not fetched.
package struct ImportSourceFailure: Error, Hashable, Sendable {
    /// One word, as `forbidden_address`, `digest_mismatch`, `too_large`, `http_status`, `unreachable`, `timeout`.
    package var code: String
    /// In words, without the address's query and without credentials.
    package var reason: String
    /// The HTTP status, where one was the reason.
    package var status: Int?

    package init(code: String, reason: String, status: Int? = nil) {
        self.code = code
        self.reason = reason
        self.status = status
    }
}
