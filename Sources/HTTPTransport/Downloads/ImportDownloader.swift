import AsyncHTTPClient
import Foundation
package import Messages
import NIOCore
import NIOHTTP1
import NIOPosix
import ProviderKit

/// Fetches files of imports over HTTP/1.1.
///
/// A file is kept whole before any of it is handed out, so that nothing of a wrong one is imported. Each host is
/// resolved once, and the connection goes to the address that was checked: a name that means something else a moment
/// later changes nothing. Redirects are followed by the same rules.
package struct ImportDownloader: ImportSource {
    package struct Settings: Hashable, Sendable {
        package var allowsPrivateAddresses = false
        package var connectTimeout: Duration = .seconds(10)
        /// For the whole file, with all redirects.
        package var timeout: Duration = .seconds(300)
        /// Of one file.
        package var maxBytes: Int64 = 2 << 30
        /// Larger files are kept on disk.
        package var memoryLimit = 8 << 20
        /// Where they are kept, in files without names.
        package var directory = FileManager.default.temporaryDirectory.path

        package init() {}
    }

    /// Finds the IP addresses of a host.
    package typealias Resolver = @Sendable (_ host: String) async throws -> [String]

    private let settings: Settings
    private let resolve: Resolver
    private let isPublic: @Sendable (_ address: String) -> Bool

    private static let maxRedirects = 3

    package init(_ settings: Settings = Settings()) {
        self.init(settings) { host in
            // Blocks for as long as the system's resolver takes.
            try await NIOThreadPool.singleton.runIfActive {
                let address = try SocketAddress.makeAddressResolvingHost(host, port: 0)
                return address.ipAddress.map { [$0] } ?? []
            }
        }
    }

    /// - Parameter isPublic: for tests, whose servers all stand in a private network.
    package init(
        _ settings: Settings,
        resolve: @escaping Resolver,
        isPublic: @escaping @Sendable (_ address: String) -> Bool = { IPAddress($0)?.isPublic ?? false }
    ) {
        self.settings = settings
        self.resolve = resolve
        self.isPublic = isPublic
    }

    package func download(
        _ download: ImportCommand.Download,
        _ receive: ([UInt8]) async throws -> Bool
    ) async throws {
        let file = try await withThrowingTaskGroup(of: SpooledFile?.self) { group in
            group.addTask { try await fetch(download) }
            group.addTask {
                try await Task.sleep(for: settings.timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let file else {
            throw ImportDownloadFailure(.transient, .timeout, "not complete after \(settings.timeout.messageText)")
        }
        try await file.read(receive)
    }

    private func fetch(_ download: ImportCommand.Download) async throws -> SpooledFile {
        if let bytes = download.bytes { try checkSize(bytes) }
        var address = try DownloadAddress(download.url)
        for _ in 0...Self.maxRedirects {
            switch try await get(address, download) {
            case .file(let file):
                guard file.digest == download.sha256 else {
                    throw ImportDownloadFailure(.permanent, .wrongDigest, "the file is not the one that sha256 names")
                }
                return file
            case .redirect(let next): address = next
            }
        }
        throw ImportDownloadFailure(.permanent, .badRedirect, "more than \(Self.maxRedirects) redirects")
    }

    private enum Answer {
        case file(SpooledFile)
        case redirect(DownloadAddress)
    }

    /// One request on a client of its own, whose only way to the host is the address that was checked.
    private func get(_ address: DownloadAddress, _ download: ImportCommand.Download) async throws -> Answer {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(settings.connectTimeout.wholeMilliseconds * 1_000_000)),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [address.host: try await checkedAddress(of: address.host)]
        let client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            configuration: configuration
        )
        do {
            let answer = try await get(address, download, client)
            try? await client.shutdown()
            return answer
        } catch {
            try? await client.shutdown()
            if error is ImportDownloadFailure || Task.isCancelled { throw error }
            let reason = TransportFailure(error, written: true).reason
            throw ImportDownloadFailure(.transient, .unreachable, "\(address.host): \(reason)")
        }
    }

    private func get(
        _ address: DownloadAddress,
        _ download: ImportCommand.Download,
        _ client: HTTPClient
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address.url.absoluteString)
        request.headers.add(name: "Accept", value: "text/vcard, */*")
        // The digest is that of the file, not of a compressed form of it.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        let response = try await client.execute(request, deadline: .distantFuture)
        let status = Int(response.status.code)
        if [301, 302, 303, 307, 308].contains(status), let location = response.headers.first(name: "location") {
            return .redirect(try address.redirected(to: location))
        }
        guard status == 200 else {
            let isTransient = status >= 500 || [408, 425, 429].contains(status)
            throw ImportDownloadFailure(
                isTransient ? .transient : .permanent,
                .status,
                "\(address.host) answered with status \(status)"
            )
        }
        if let length = response.headers.first(name: "content-length").flatMap({ Int64($0) }) {
            try checkSize(length)
            try checkLength(length, download)
        }
        var file = SpooledFile(directory: settings.directory, memoryLimit: settings.memoryLimit)
        for try await chunk in response.body {
            try file.append(Array(chunk.readableBytesView))
            try checkSize(file.count)
            if let bytes = download.bytes, file.count > bytes { try checkLength(file.count, download) }
        }
        try checkLength(file.count, download)
        return .file(file)
    }

    /// The address to connect to; the only one that a host has or the first of several.
    private func checkedAddress(of host: String) async throws -> String {
        var addresses = [host]
        if IPAddress(host) == nil {
            do {
                addresses = try await resolve(host)
            } catch {
                addresses = []
            }
        }
        guard let first = addresses.first else {
            throw ImportDownloadFailure(.transient, .unreachable, "\(host): name not resolved")
        }
        guard settings.allowsPrivateAddresses || addresses.allSatisfy(isPublic) else {
            throw ImportDownloadFailure(
                .permanent,
                .refusedAddress,
                "\(host) is not on the public internet, which import.allowPrivateAddresses would have to allow"
            )
        }
        return first
    }

    private func checkSize(_ bytes: Int64) throws(ImportDownloadFailure) {
        guard bytes > settings.maxBytes else { return }
        throw ImportDownloadFailure(.permanent, .tooLarge, "more than \(settings.maxBytes) bytes")
    }

    private func checkLength(_ bytes: Int64, _ download: ImportCommand.Download) throws(ImportDownloadFailure) {
        guard let expected = download.bytes, bytes != expected else { return }
        throw ImportDownloadFailure(.permanent, .wrongLength, "not the \(expected) bytes that were announced")
    }
}
