/// Reads an e-mail address out of what cards put into EMAIL.
enum EmailAddress {
    /// Bytes of an address (RFC 5321 section 4.5.3.1, and the erratum that counts the path's brackets).
    private static let maxCount = 254
    private static let maxLocalCount = 64

    /// The address with its domain in lower case, or `nil` for what cannot be one.
    static func parse(_ text: String) -> String? {
        var address = trim(text.utf8[...])
        if address.prefix(7).elementsEqual("mailto:".utf8, by: { $0.lowercased == $1 }) {
            address = trim(address.dropFirst(7))
            if let query = address.firstIndex(of: UInt8(ascii: "?")) { address = address[..<query] }
        }
        if let open = address.lastIndex(of: UInt8(ascii: "<")) {
            guard let close = address[open...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            address = trim(address[address.index(after: open)..<close])
            if address.prefix(7).elementsEqual("mailto:".utf8, by: { $0.lowercased == $1 }) {
                address = trim(address.dropFirst(7))
            }
        }
        guard (3...maxCount).contains(address.count), let at = address.lastIndex(of: UInt8(ascii: "@")) else {
            return nil
        }
        let local = address[..<at]
        let domain = address[address.index(after: at)...]
        guard isLocal(local), isDomain(domain) else { return nil }
        let lower = String(Substring(domain)).lowercased()
        return String(Substring(local)) + "@" + lower
    }

    private static func trim(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var result = text
        while let first = result.first, first <= 0x20 { result.removeFirst() }
        while let last = result.last, last <= 0x20 { result.removeLast() }
        return result
    }

    private static let forbidden = Array("()<>[]:;@\\,\"".utf8)

    private static func isLocal(_ local: Substring.UTF8View) -> Bool {
        guard (1...maxLocalCount).contains(local.count) else { return false }
        if local.count > 2, local.first == ASCII.quote, local.last == ASCII.quote {
            return local.dropFirst().dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != ASCII.quote }
        }
        let isDotted = local.first == ASCII.dot || local.last == ASCII.dot
        return !isDotted && local.allSatisfy { $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) }
    }

    private static func isDomain(_ domain: Substring.UTF8View) -> Bool {
        if domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]") {
            let literal = domain.dropFirst().dropLast()
            return !literal.isEmpty
                && literal.allSatisfy { $0.isASCIILetterOrDigit || $0 == ASCII.dot || $0 == ASCII.colon }
        }
        return domain.split(separator: ASCII.dot, omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != ASCII.hyphen && label.last != ASCII.hyphen
                && label.allSatisfy { $0.isASCIILetterOrDigit || $0 == ASCII.hyphen || $0 == 0x5F || $0 >= 0x80 }
        }
    }
}
