/// Reads an e-mail address out of what cards put into EMAIL.
enum EmailAddress {
    /// Bytes of an address (RFC 5321 section 4.5.3.1, and the erratum that counts the path's brackets).
    private static let maxCount = 254
    private static let maxLocalCount = 64

    /// The address with its domain in lower case, or `nil` for what cannot be one.
    static func parse(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        var range = bytes.withoutScheme(bytes.trimmedOfControls(0..<bytes.count))
        if let open = bytes[range].lastIndex(of: UInt8(ascii: "<")) {
            guard let close = bytes[open..<range.upperBound].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            range = bytes.withoutScheme(bytes.trimmedOfControls((open + 1)..<close))
        }
        guard (3...maxCount).contains(range.count), let at = bytes[range].lastIndex(of: UInt8(ascii: "@")) else {
            return nil
        }
        let domain = (at + 1)..<range.upperBound
        guard isLocal(bytes, range.lowerBound..<at), isDomain(bytes, domain) else { return nil }
        if bytes[domain].allSatisfy({ $0 < 0x80 && $0 == $0.lowercased }) {
            return range.count == bytes.count ? text : String(decoding: bytes[range], as: UTF8.self)
        }
        let lower = String(decoding: bytes[domain], as: UTF8.self).lowercased()
        return String(decoding: bytes[range.lowerBound...at], as: UTF8.self) + lower
    }

    private static func isLocal(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard (1...maxLocalCount).contains(range.count) else { return false }
        let local = bytes[range]
        if range.count > 2, local.first == ASCII.quote, local.last == ASCII.quote {
            return local.dropFirst().dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != ASCII.quote }
        }
        guard local.first != ASCII.dot, local.last != ASCII.dot else { return false }
        return local.allSatisfy { byte in
            byte.isASCIILetterOrDigit || byte >= 0x80 || byte > 0x20 && byte != 0x7F && !isForbidden(byte)
        }
    }

    /// `()<>[]:;@\,"`: what RFC 5322 section 3.2.3 keeps out of an atom, dots aside.
    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x28, 0x29, 0x3C, 0x3E, 0x5B, 0x5D, 0x3A, 0x3B, 0x40, 0x5C, 0x2C, 0x22: true
        default: false
        }
    }

    private static func isDomain(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let domain = bytes[range]
        if domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]"), range.count > 2 {
            return domain.dropFirst().dropLast().allSatisfy {
                $0.isASCIILetterOrDigit || $0 == ASCII.dot || $0 == ASCII.colon
            }
        }
        var previous = ASCII.dot
        for byte in domain {
            let isPart = byte.isASCIILetterOrDigit || byte == ASCII.hyphen || byte == 0x5F || byte >= 0x80
            guard isPart || byte == ASCII.dot else { return false }
            // No label is empty, and none begins or ends with a hyphen.
            if byte == ASCII.dot, previous == ASCII.dot || previous == ASCII.hyphen { return false }
            if byte == ASCII.hyphen, previous == ASCII.dot { return false }
            previous = byte
        }
        return previous != ASCII.dot && previous != ASCII.hyphen
    }
}

extension [UInt8] {
    fileprivate func trimmedOfControls(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower] <= ASCII.space { lower += 1 }
        while lower < upper, self[upper - 1] <= ASCII.space { upper -= 1 }
        return lower..<upper
    }

    /// Behind `mailto:` and before the query (RFC 6068).
    fileprivate func withoutScheme(_ range: Range<Int>) -> Range<Int> {
        guard matches(.mailto, in: range.prefix(Keyword.mailto.bytes.count)) else { return range }
        let address = range.dropFirst(Keyword.mailto.bytes.count)
        let end = self[address].firstIndex(of: UInt8(ascii: "?")) ?? address.upperBound
        return trimmedOfControls(address.lowerBound..<end)
    }
}
