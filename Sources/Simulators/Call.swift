import HTTPTypes

/// A request to one of the providers, its address taken apart.
struct Call: Sendable {
    var provider: SimulatedProvider
    var endpoint: Endpoint
    var method: String
    /// The path below the provider's base, as sent, without the query.
    var path: String
    /// Conversation id, contact identifier or another id of the path, decoded; empty without one.
    var entity: String
    var query: Query
    var token: String?
    var traceparent: String
    var requestID: String

    /// What the scope `path` counts.
    var pathScope: String { method + " " + path }
}

/// The parameters after the question mark.
struct Query: Sendable {
    private let text: Substring

    init(_ text: Substring) {
        self.text = text
    }

    /// The decoded value of the first parameter of that name, compared without regard to case.
    subscript(name: String) -> String? {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first, PercentEncoding.decode(key).lowercased() == name.lowercased() else { continue }
            return parts.count > 1 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
        }
        return nil
    }

    func int(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

    /// The parts of a comma-separated value; `nil` without the parameter.
    func list(_ name: String) -> Set<String>? {
        self[name].map { Set($0.split(separator: ",").map { $0.trimmed }) }
    }
}

/// Escapes of RFC 3986 section 2.1.
enum PercentEncoding {
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || (plusIsSpace && $0 == UInt8(ascii: "+")) }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    /// The text without spaces at its ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
