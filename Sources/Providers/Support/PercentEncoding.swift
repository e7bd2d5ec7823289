/// Percent-encoding (RFC 3986 section 2.1) of text for one segment of a path, a query value or a form field.
enum PercentEncoding {
    /// Everything but letters, digits and `-._~` is encoded, and what `kept` names.
    static func encode(_ text: String, keeping kept: String = "") -> String {
        let keptBytes = Array(kept.utf8)
        func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                true
            default:
                keptBytes.contains(byte)
            }
        }
        // UUIDs and numbers, which most ids are, need no copy.
        if text.utf8.allSatisfy(isPlain) { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 0xF)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `name=value` pairs joined by `&`, for queries and `application/x-www-form-urlencoded` bodies alike: a space is
    /// `%20`, which both read.
    static func pairs(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(encode($0))=\(encode($1))" }.joined(separator: "&")
    }
}
