import Foundation
import ProviderKit

/// Where a file is fetched, checked as text; what its host resolves to is checked before each connection.
struct DownloadAddress: Hashable {
    let url: URL
    /// Letters, digits, `.`, `-` and `_`, or an IP address; without brackets.
    let host: String

    init(_ text: String) throws(ImportDownloadFailure) {
        try self.init(text, URL(string: text))
    }

    private init(_ text: String, _ url: URL?) throws(ImportDownloadFailure) {
        guard let url, let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
            throw ImportDownloadFailure(.permanent, .badAddress, "no http or https address")
        }
        // Whoever reads the text otherwise than we do sees another host behind an @.
        let authority = text.drop { $0 != ":" }.dropFirst(3).prefix { !"/?#\\".contains($0) }
        guard url.user == nil, url.password == nil, !authority.contains("@") else {
            throw ImportDownloadFailure(.permanent, .badAddress, "an address with credentials")
        }
        var host = (url.host ?? "")[...]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let isName = host.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
        }
        guard !host.isEmpty, isName || IPAddress(String(host)) != nil else {
            throw ImportDownloadFailure(.permanent, .badAddress, "an address without a host that can be looked up")
        }
        self.url = url
        self.host = String(host)
    }

    /// Where an answer sends us instead: never from https to http.
    func redirected(to location: String) throws(ImportDownloadFailure) -> DownloadAddress {
        guard let target = URL(string: location, relativeTo: url)?.absoluteURL else {
            throw ImportDownloadFailure(.permanent, .badRedirect, "\(host) redirects to no address")
        }
        let next = try DownloadAddress(target.absoluteString, target)
        if url.scheme?.lowercased() == "https", next.url.scheme?.lowercased() != "https" {
            throw ImportDownloadFailure(.permanent, .badRedirect, "\(host) redirects from https to http")
        }
        return next
    }
}
