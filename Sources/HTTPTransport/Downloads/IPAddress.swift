/// An address of IP version 4 or 6.
struct IPAddress: Hashable {
    /// 4 or 16.
    private let bytes: [UInt8]

    /// Reads the forms of `inet_ntop`; `nil` for anything else, such as `127.1`.
    init?(_ text: String) {
        guard let bytes = text.contains(":") ? Self.version6(text) : Self.version4(text[...]) else { return nil }
        self.bytes = bytes
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 0x30, let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text[...], endsText: true).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard let head = groups(text[..<gap.lowerBound], endsText: false),
            let tail = groups(text[gap.upperBound...], endsText: true),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// - Parameter endsText: whether the last group may be an address of version 4.
    private static func groups(_ text: Substring, endsText: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if endsText, index == parts.count - 1, part.contains("."), let last = version4(part) {
                bytes += last
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.first != 0x2B, let group = UInt16(part, radix: 16) else {
                return nil
            }
            bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
        }
        return bytes
    }

    /// Whether the address belongs to one host of the public internet, by the registries of special addresses of IANA.
    ///
    /// Addresses that carry one of version 4 are as public as that.
    var isPublic: Bool {
        guard bytes.count == 16 else { return Self.isPublic(version4: bytes) }
        if hasPrefix([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], bits: 96)  // mapped
            || hasPrefix([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0], bits: 96)  // NAT64
        {
            return Self.isPublic(version4: Array(bytes[12...]))
        }
        if hasPrefix([0x20, 0x02], bits: 16) { return Self.isPublic(version4: Array(bytes[2..<6])) }  // 6to4
        guard hasPrefix([0x20], bits: 3) else { return false }
        // Protocols (with Teredo), documentation.
        return !hasPrefix([0x20, 0x01, 0], bits: 23) && !hasPrefix([0x20, 0x01, 0x0D, 0xB8], bits: 32)
            && !hasPrefix([0x3F, 0xFF, 0], bits: 20)
    }

    private func hasPrefix(_ prefix: [UInt8], bits: Int) -> Bool { Self.has(bytes, prefix, bits) }

    private static func isPublic(version4 bytes: [UInt8]) -> Bool {
        !special4.contains { has(bytes, $0.prefix, $0.bits) }
    }

    private static let special4: [(prefix: [UInt8], bits: Int)] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24),
        ([192, 0, 2], 24), ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24),
        ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ]

    private static func has(_ bytes: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
        for index in 0..<((bits + 7) / 8) {
            let kept = min(8, bits - index * 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - kept))
            if bytes[index] & mask != prefix[index] & mask { return false }
        }
        return true
    }
}
