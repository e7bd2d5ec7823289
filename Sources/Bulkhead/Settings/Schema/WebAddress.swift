/// The base of a provider's addresses: scheme, host, port and path, nothing else.
package struct WebAddress: Hashable, Sendable {
    package var scheme: String
    /// Without the brackets of an IPv6 address.
    package var host: String
    package var port: Int?
    /// Starts with a slash and does not end with one; empty for none.
    package var path: String

    /// Reads an `http` or `https` address; `nil` for others and for those with user names, queries or fragments.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[1].isEmpty, parts[0] == "https:" || parts[0] == "http:" else { return nil }
        guard let place = NetworkPlace(String(parts[2])) else { return nil }
        scheme = String(parts[0].dropLast())
        host = place.host
        port = place.port
        var rest = parts.count > 3 ? "/" + parts[3] : ""
        while rest.last == "/" { rest.removeLast() }
        guard rest.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-._~%!$&'()*+,;=:@/".utf8.contains($0) }) else {
            return nil
        }
        path = rest
    }

    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// Host and port as the `Host` header has them.
    package var authority: String { NetworkPlace.text(host: host, port: port) }
    package var text: String { "\(scheme)://\(authority)\(path)" }
}

/// A host with or without a port, as `127.0.0.1:8087`, `[::1]:8087` or `example.com`.
package struct NetworkPlace: Hashable, Sendable {
    package var host: String
    package var port: Int?

    package init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
            guard host.contains(":"), host.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ":.".utf8.contains($0) }) else {
                return nil
            }
        } else {
            host = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(host.count)
            guard !host.isEmpty, host.utf8.count <= 253,
                host.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-._".utf8.contains($0) })
            else { return nil }
        }
        guard !rest.isEmpty else { return }
        guard rest.hasPrefix(":"), rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(rest.dropFirst()), (0...65_535).contains(number)
        else { return nil }
        port = number
    }

    package static func text(host: String, port: Int?) -> String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(shown):\($0)" } ?? shown
    }
}

extension SettingsCodec where Value == WebAddress {
    package static var webAddress: SettingsCodec {
        SettingsCodec(
            allowed: "an http or https address without user name, query or fragment",
            read: { WebAddress($0) },
            write: { $0.text },
            json: { .text($0.text) }
        )
    }
}
