package import HTTPTypes

/// Where a provider's API lives: scheme, host with port, and a path that all calls begin with.
package struct BaseURL: Hashable, Sendable, CustomStringConvertible {
    /// `https`, or `http` for simulators on this machine.
    package let scheme: String
    /// Host and, if it is not the scheme's own, port.
    package let authority: String
    /// Empty, or begins with a slash and does not end in one.
    package let path: String

    /// Reads `http(s)://host[:port][/path]`; `nil` for anything else.
    ///
    /// User names, queries and fragments are refused: none has a meaning here, and a password in an address ends up in
    /// logs.
    package init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard scheme == "https" || scheme == "http", !authority.isEmpty, authority.first != ":",
            rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains(where: { "?#@\\\"<>^`{|}".contains($0) })
        else { return nil }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path = path.dropLast() }
        self.init(scheme: scheme, authority: String(authority), path: String(path))
    }

    package init(scheme: String, authority: String, path: String = "") {
        self.scheme = scheme
        self.authority = authority
        self.path = path
    }

    package var description: String { "\(scheme)://\(authority)\(path)" }

    /// A request below this address.
    ///
    /// - Parameter path: begins with a slash and is percent-encoded already.
    package func request(_ method: HTTPRequest.Method, _ path: String) -> HTTPRequest {
        HTTPRequest(method: method, scheme: scheme, authority: authority, path: self.path + path)
    }
}
